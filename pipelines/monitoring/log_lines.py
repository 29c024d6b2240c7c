"""Progress for log collectors: lines of JSON on standard error, and nothing else there."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING, Final, Self

from pipelines.monitoring.line import write_line
from pipelines.summary import remarks
from pipelines.tell import LINES_APART_SECONDS

if TYPE_CHECKING:
    from types import TracebackType

    from pipelines.refresh import Outcome

COMPLETE: Final = ("proven", "count_complete")
LEVELS: Final = {logging.WARNING: "warning", logging.ERROR: "error", logging.CRITICAL: "error"}


class JsonLines:
    """What `Teller` is for people."""

    def __init__(self) -> None:
        self._told: dict[str, float] = {}
        self._lock = threading.Lock()
        self._others = _OtherPeoplesLogs(logging.WARNING)

    def __enter__(self) -> Self:
        # Libraries that log would write plain lines between ours.
        logging.getLogger().addHandler(self._others)
        logging.captureWarnings(capture=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        logging.captureWarnings(capture=False)
        logging.getLogger().removeHandler(self._others)

    def step(self, what: str) -> None:
        """A step of the job begins."""
        with self._lock:
            self._told.clear()
        write_line("info", "step", what)

    def line(self, text: str) -> None:
        """Something worth a line of its own."""
        write_line("info", "note", text)

    def warn(self, text: str) -> None:
        """Something that is not wrong, and yet worth mending."""
        write_line("warning", "warning", text)

    def outcome(self, outcome: Outcome) -> None:
        """What the refresh did: a line a stream, what is worth a remark, then the sum."""
        told = outcome.as_json()
        for name, counts in told.pop("streams").items():
            level = "info" if counts["verdict"] in COMPLETE else "warning"
            write_line(level, "stream", f"{name}: {counts['verdict']}", stream=name, **counts)
        for remark in remarks(outcome):
            self.warn(remark)
        level = "info" if outcome.exit_status == 0 else "warning"
        write_line(level, "refresh", f"{outcome.word}: published to {outcome.place}", **told)

    def progress(self, stream: str, done: int, expected: int | None) -> None:
        """Requests done and expected, a line a stream every few seconds."""
        now = time.monotonic()
        with self._lock:
            if now - self._told.setdefault(stream, now) < LINES_APART_SECONDS:
                return
            self._told[stream] = now
        what = f"{stream}: {done} of {expected or '?'} requests"
        write_line("info", "progress", what, stream=stream, requests_done=done, requests_expected=expected)


class _OtherPeoplesLogs(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        """Pass a record of a library on as a line of ours."""
        level = LEVELS.get(record.levelno, "warning")
        write_line(level, "log", record.getMessage(), logger=record.name)
