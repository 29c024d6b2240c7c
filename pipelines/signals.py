"""SIGTERM and SIGINT end a run within seconds, and leave nothing behind."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from typing import TYPE_CHECKING, Final

from connector.errors import Stopped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

PATIENCE_SECONDS: Final = 6.0
REMOVALS: Final = 20
_rests: list[Callable[[], None]] = []


class StopEvent(threading.Event):
    """Set when somebody asked the run to stop; `signal_number` says how."""

    signal_number: int = signal.SIGTERM


@contextlib.contextmanager
def stopping_on_signals() -> Iterator[StopEvent]:
    """Within this, a signal sets the event; work that does not look up in time is ended by force.

    The working copy is disposable and the published file is only ever swapped, so force is safe; what `remove_on_force`
    was given is removed first.
    """
    stop = StopEvent()

    def asked(number: int, frame: FrameType | None) -> None:
        del frame
        stop.signal_number = number
        if not stop.is_set():
            stop.set()
            threading.Thread(target=_end_by_force, args=(number, stop), daemon=True).start()

    before = {number: signal.signal(number, asked) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    except Stopped:
        raise Stopped(signal_number=stop.signal_number) from None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        _finished.set()


_finished = threading.Event()


def _end_by_force(number: int, stop: StopEvent) -> None:
    del stop
    if _finished.wait(PATIENCE_SECONDS):
        return
    for remove in _rests:
        # More than once: the work goes on beside this, and may put a new file where one was just removed.
        for _ in range(REMOVALS):
            with contextlib.suppress(OSError):
                remove()
    os._exit(128 + number)


@contextlib.contextmanager
def removed_on_force(remove: Callable[[], None]) -> Iterator[None]:
    """Within this, a run that is ended by force removes something first."""
    _rests.append(remove)
    try:
        yield
    finally:
        _rests.remove(remove)
