"""One run of the refresh as monitors see it, written where they look, whether it went well or not."""

from __future__ import annotations

import contextlib
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from connector.errors import HiringEltError, UsageError
from pipelines.monitoring import openlineage, prometheus
from pipelines.setting_values import text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.refresh import Options, Outcome
    from pipelines.tell import Tell

INTERRUPTED = 130


@dataclass
class Run:
    """What is known of a run: when it began and ended, and with an `error` or with an `outcome`."""

    options: Options
    run_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    ended_at: datetime | None = None
    outcome: Outcome | None = None
    error: BaseException | None = None

    @property
    def exit_status(self) -> int:
        """The exit status that the program ends with."""
        if self.outcome is not None:
            return self.outcome.exit_status
        if isinstance(self.error, HiringEltError):
            return self.error.exit_status
        return INTERRUPTED if isinstance(self.error, KeyboardInterrupt) else 1


@contextlib.contextmanager
def recorded(options: Options, tell: Tell, *, metrics: Path | None, lineage: Path | None) -> Iterator[Run]:
    """Write the files that monitors read at the end of the run, also of one that fails.

    A folder that is not there is said before anything is read; a file that cannot be written afterwards is a warning,
    because what was published stays published.
    """
    metrics = metrics or _file_of("monitoring.prometheus_file")
    lineage = lineage or _file_of("monitoring.openlineage_file")
    for file, setting in ((metrics, "--prometheus"), (lineage, "--openlineage")):
        if file is not None and (file.is_dir() or not file.parent.is_dir()):
            raise UsageError(f"{file} cannot be written.", "Give a file in a folder that exists.", setting=setting)
    run = Run(options)
    if lineage is not None:
        with _warned(tell):
            openlineage.append(lineage, openlineage.started(run))
    try:
        yield run
    except BaseException as error:
        run.error = error
        raise
    finally:
        run.ended_at = datetime.now(UTC)
        if lineage is not None:
            with _warned(tell):
                openlineage.append(lineage, openlineage.ended(run))
        if metrics is not None:
            with _warned(tell):
                prometheus.write(metrics, run)


def _file_of(setting: str) -> Path | None:
    found = text(setting)
    return None if found is None else Path(found).expanduser()


@contextlib.contextmanager
def _warned(tell: Tell) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        tell.warn(f"{error.filename} could not be written ({error.strerror}).")
