"""Tells people how far the work is: bars on a terminal, plain lines elsewhere, always on standard error."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Final, Protocol, Self

from rich.console import Console

if TYPE_CHECKING:
    from types import TracebackType

    from rich.progress import Progress

LINES_APART_SECONDS: Final = 5.0


def say(console: Console, text: str, *, style: str | None = None) -> None:
    """Print prose: broken between words on a terminal, one line elsewhere, where programs read it."""
    console.print(text, markup=False, highlight=False, soft_wrap=not console.is_terminal, style=style)


class Tell(Protocol):
    """What the main job tells while it works."""

    def step(self, what: str) -> None:
        """A step of the job begins."""
        ...

    def progress(self, stream: str, done: int, expected: int | None) -> None:
        """So many requests of a stream are done, so many are expected."""
        ...

    def line(self, text: str) -> None:
        """Something worth a line of its own."""
        ...

    def warn(self, text: str) -> None:
        """Something that is not wrong, and yet worth mending."""
        ...


class Teller:
    """Bars on a terminal, lines elsewhere."""

    def __init__(self, *, quiet: bool = False) -> None:
        self.console = Console(stderr=True, highlight=False)
        self.quiet = quiet
        self._bars: Progress | None = None
        self._tasks: dict[str, int] = {}
        self._told: dict[str, float] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        if self.console.is_terminal and not self.quiet:
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
            self._bars = Progress(*columns, console=self.console, transient=True)
            self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._bars is not None:
            self._bars.stop()
            self._bars = None

    def step(self, what: str) -> None:
        """A step of the job begins; what was told of streams belongs to the step before."""
        with self._lock:
            self._told.clear()
        self.line(what)

    def line(self, text: str) -> None:
        """A line of its own."""
        if not self.quiet:
            say(self.console, text)

    def warn(self, text: str) -> None:
        """A line that stands out."""
        if not self.quiet:
            say(self.console, f"Warning: {text}", style="yellow")

    def outcome(self, outcome: object) -> None:
        """What the refresh did is told by its summary."""

    def progress(self, stream: str, done: int, expected: int | None) -> None:
        """Requests done and expected."""
        if self.quiet:
            return
        with self._lock:
            if self._bars is not None:
                task = self._tasks.get(stream)
                if task is None:
                    task = self._tasks[stream] = self._bars.add_task(stream, total=expected)
                self._bars.update(task, completed=done, total=expected)  # type: ignore[arg-type]
                return
            now = time.monotonic()
            if now - self._told.setdefault(stream, now) >= LINES_APART_SECONDS:
                self._told[stream] = now
                self.console.print(f"{stream}: {done} of {expected or '?'} requests", markup=False)
