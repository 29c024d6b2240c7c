"""Keeps the last published warehouses, as many as are asked for, and goes back one."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import duckdb

from connector.errors import UsageError
from pipelines.personal import audit
from pipelines.publish import identity, working_copy
from pipelines.setting_values import env_name, whole_number

if TYPE_CHECKING:
    import threading

SETTING: Final = "keep_published"
STAMP: Final = "%Y%m%dT%H%M%S%fZ"


def kept_wanted() -> int:
    """How many published warehouses to keep besides the newest: the setting `keep_published`, 0 unless given."""
    return whole_number(SETTING, 0)


def kept(warehouse: Path) -> list[Path]:
    """The kept warehouses, newest first; never the published one itself under another name."""
    live = warehouse.expanduser().resolve()
    now = identity(live)
    found = sorted(live.parent.glob(f".{_escaped(live.name)}.kept-*"), reverse=True)
    return [path for path in found if now is None or path.stat().st_ino != now.inode]


def keep_published(warehouse: Path, count: int) -> None:
    """Keep what is published now, before something else takes its place, and no more than `count` in all.

    A second name for the same file: it costs no copy, and the swap that follows takes only the first name away.
    """
    live = warehouse.expanduser().resolve()
    for path in set(live.parent.glob(f".{_escaped(live.name)}.kept-*")) - set(kept(live)):
        path.unlink()  # left by a run that kept the published file and then did not publish
    if count > 0 and live.exists():
        _keep(live, live.with_name(f".{live.name}.kept-{datetime.now(UTC).strftime(STAMP)}"))
    for path in sorted(live.parent.glob(f".{_escaped(live.name)}.kept-*"), reverse=True)[count:]:
        path.unlink()


def _keep(live: Path, beside: Path) -> None:
    live.chmod(0o600)
    try:
        os.link(live, beside)
    except OSError:  # a file system without second names
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with live.open("rb") as readable, os.fdopen(descriptor, "wb") as writable:
            shutil.copyfileobj(readable, writable, 2**20)


def forget_kept(warehouse: Path) -> int:
    """Remove all kept warehouses: what was erased or blanked is still in them."""
    live = warehouse.expanduser().resolve()
    found = list(live.parent.glob(f".{_escaped(live.name)}.kept-*"))
    for path in found:
        path.unlink()
    return len(found)


def rollback(warehouse: Path, *, wait_seconds: float = 0.0, stop: threading.Event | None = None) -> datetime:
    """Publish the newest kept warehouse in the place of the present one; says when it was put aside.

    The present one is let go of, with whatever others made in it since. Raises UsageError when none is kept, Locked
    when somebody writes or refreshes.
    """
    with working_copy(warehouse, wait_seconds=wait_seconds, stop=stop) as copy:
        before = kept(copy.live)
        if not before:
            raise UsageError(
                f"No earlier warehouse is kept beside {copy.live}.",
                f"Set {env_name(SETTING)} to how many refreshes you want to be able to go back.",
                setting=env_name(SETTING),
            )
        shutil.copyfile(before[0], copy.path)
        since = datetime.strptime(before[0].name.rsplit("-", 1)[1], STAMP).replace(tzinfo=UTC)
        with duckdb.connect(str(copy.path)) as connection:
            audit.note(connection, "rollback", {"kept": len(before)})
        copy.publish()
        before[0].unlink()
    return since


def _escaped(name: str) -> str:
    """A file name without meaning to glob."""
    return "".join(f"[{one}]" if one in "*?[" else one for one in name)
