"""One refresh at a time: a lock on a file beside the warehouse that dies with the process that holds it."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import socket
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from connector.errors import CannotWrite, HiringEltError, Locked, Stopped
from connector.http.secret import mask

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator

LOOK_AGAIN_SECONDS: Final = 0.05
PROBES_SECONDS: Final = 0.2
"""How long somebody who merely asks whether the lock is held may keep it from one who wants it."""
MODE_PRIVATE: Final = 0o600


def lock_of(warehouse: Path) -> Path:
    """The lock file of a warehouse file."""
    return warehouse.with_name(f".{warehouse.name}.lock")


def refuse_when_held(warehouse: Path) -> None:
    """Raise Locked when a refresh holds the warehouse; holds nothing itself."""
    path = lock_of(warehouse.expanduser().resolve())
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Locked(f"Another refresh holds the warehouse: {holder(path)}.") from None
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def locked(path: Path, *, wait_seconds: float = 0.0, stop: threading.Event | None = None) -> Iterator[None]:
    """Hold the lock file at `path`; raises Locked, naming the holder, when it cannot be had in `wait_seconds`.

    What the holder fails of is noted in the file until somebody holds it again: a failure does not touch the warehouse
    itself, and yet people ask why it is old.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, MODE_PRIVATE)
    except OSError as error:
        raise CannotWrite(
            f"The folder {path.parent} cannot be written to ({error.strerror}).",
            "Choose another place with --warehouse.",
        ) from None
    try:
        _acquire(descriptor, path, wait_seconds, stop)
        _sign(descriptor)
        yield
    except (Locked, Stopped):
        raise
    except HiringEltError as error:
        _sign(descriptor, failed=error)
        raise
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, path: Path, wait_seconds: float, stop: threading.Event | None) -> None:
    give_up = time.monotonic() + max(wait_seconds, PROBES_SECONDS)
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if stop is not None and stop.is_set():
                raise Stopped from None
            if time.monotonic() >= give_up:
                raise Locked(f"Another refresh holds the warehouse: {holder(path)}.") from None
            time.sleep(LOOK_AGAIN_SECONDS)
        else:
            return


def _sign(descriptor: int, *, failed: HiringEltError | None = None) -> None:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    note: dict[str, Any] = {"host": socket.gethostname(), "process": os.getpid(), "since": now}
    if failed is not None:
        kind = type(failed).__name__
        told = {"at": now, "exit_status": failed.exit_status, "error": kind, "message": mask(str(failed))}
        note["failed"] = told
    with contextlib.suppress(OSError):  # a full disk is told by whoever needs it more
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(note).encode(), 0)


def last_failure(warehouse: Path) -> dict[str, Any] | None:
    """What the last holder of a warehouse failed of: `at`, `exit_status`, `error`, `message`; None when it did not."""
    try:
        failed = json.loads(lock_of(warehouse.expanduser().resolve()).read_text())["failed"]
        return {name: failed[name] for name in ("at", "exit_status", "error", "message")}
    except (OSError, ValueError, KeyError, TypeError):
        return None


def holder(path: Path) -> str:
    """Who wrote into the lock file last, in words."""
    try:
        note = json.loads(path.read_text())
        return f"process {int(note['process'])} on {note['host']}, since {note['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "a process that did not say who it is"
