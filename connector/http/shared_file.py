"""The state of a rate gate, and the small locked file through which processes share it. It holds numbers only."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import math
import os
import stat
import struct
import tempfile
import time
from array import array
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from connector.http.secret import Secret

_log: Final = logging.getLogger(__name__)

_HEAD: Final = struct.Struct("=7d8s")
_CELL: Final = struct.Struct("=d")
_FORMAT: Final = 20261128.0
_CELL_BYTES: Final = _CELL.size
_MOST_SLOTS: Final = 10_000_000
_LOCK_NAP_SECONDS: Final = 0.001
_READ_WHOLE_AFTER_SECONDS: Final = 1.0
_LOCK_PATIENCE_SECONDS: Final = 5.0
_FORGOTTEN_AFTER_SECONDS: Final = 3600.0


@dataclass(slots=True)
class State:
    """What a gate knows. All times are seconds of one monotonic clock; 0 is long ago."""

    slots: array[float]
    closed_until: float = 0.0
    next_at: float = 0.0
    share: float = 1.0
    lowered_at: float = 0.0
    changed_at: float = 0.0
    cursor: int = 0

    @staticmethod
    def empty(limit: int) -> State:
        """Nothing was sent yet."""
        return State(array("d", bytes(_CELL_BYTES * limit)))

    def bring_back(self, horizon: float, instead: float) -> bool:
        """Replace each time beyond the horizon, and tell whether there was one: left by the clock before a restart."""
        heads = ("closed_until", "next_at", "lowered_at", "changed_at")
        beyond = [name for name in heads if getattr(self, name) > horizon]
        for name in beyond:
            setattr(self, name, instead)
        if slots_beyond := max(self.slots) > horizon:
            self.slots = array("d", [until if until <= horizon else instead for until in self.slots])
        return bool(beyond) or slots_beyond

    def head(self) -> bytes:
        """Return the part before the slots as it stands in the file, signed: no two writings have the same."""
        times = (self.closed_until, self.next_at, self.share, self.lowered_at, self.changed_at)
        return _HEAD.pack(_FORMAT, *times, self.cursor, os.urandom(8))


def share_file(key: Secret, base_url: str) -> Path:
    """Return the file for this key and host: the same for all processes of this user and machine, and private.

    The name is derived from the key with a keyed hash and does not lead back to it.
    """
    # Memory, where there is such a folder: gone after a restart, as is the clock that the times belong to.
    memory = Path("/dev/shm")  # noqa: S108 - the folder made in it is private and checked before use
    root = memory if os.access(memory, os.W_OK) else Path(tempfile.gettempdir())
    return root / f"hiring-elt-{os.getuid()}" / f"{key.derive(f'rate gate of {base_url}').hex()[:32]}.times"


class SharedFile:
    """A file under an exclusive lock that dies with its process. Where it cannot be used, each process counts alone."""

    def __init__(self, path: Path) -> None:
        self._path: Final = path
        self._descriptor = -1
        self._opened_by = 0
        self._locked = False
        self._usable = True
        self._head_written = b""
        self._read_whole_at = 0.0

    def lock(self) -> None:
        """Wait for the lock. A holder that sleeps on it for seconds (a stopped process) is not waited for."""
        if not self._usable:
            return
        try:
            self._open_when_needed()
            patience_ends = time.monotonic() + _LOCK_PATIENCE_SECONDS
            while not self._locked:
                try:
                    fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    self._locked = True
                except BlockingIOError:
                    if time.monotonic() > patience_ends:
                        raise
                    time.sleep(_LOCK_NAP_SECONDS)
        except OSError as error:
            self._give_up(error)

    def unlock(self) -> None:
        """Let the others go on."""
        if self._locked:
            self._locked = False
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def read(self, mine: State, *, now: float, horizon: float, distrusted_until: float) -> State:
        """Return the shared state, with at least as many slots as `mine`.

        An empty file takes over what this process knows. A damaged one may hide a full window of sends, so all its
        slots count as held until `distrusted_until`; so does each time beyond the horizon, which no gate would write.

        While the head is the one that this process wrote last, nobody took a slot since, and `mine` is what the file
        says but for slots that others gave back. Those are looked for once a second.
        """
        if not self._locked:
            return mine
        try:
            is_recent = now < self._read_whole_at + _READ_WHOLE_AFTER_SECONDS
            if is_recent and os.pread(self._descriptor, _HEAD.size, 0) == self._head_written:
                return mine
            self._read_whole_at = now
            size = os.fstat(self._descriptor).st_size
            if size == 0:
                self._write_whole(mine)
                return mine
            state = _parsed(os.pread(self._descriptor, size, 0)) if size <= _CELL_BYTES * _MOST_SLOTS else None
            if state is None:
                _log.warning("The file that shares the rate limit was damaged; it is made anew.")
                state = State(array("d", [distrusted_until]) * len(mine.slots))
                self._write_whole(state)
            missing = len(mine.slots) - len(state.slots)
            if missing > 0:
                state.slots.frombytes(bytes(_CELL_BYTES * missing))
            if state.bring_back(horizon, distrusted_until) or missing > 0:
                self._write_whole(state)
        except OSError as error:
            self._give_up(error)
            return mine
        return state

    def write(self, state: State, slot: int | None) -> None:
        """Store the head, and the slot that changed."""
        if not self._locked:
            return
        try:
            if slot is not None:
                cell = state.slots[slot : slot + 1].tobytes()
                os.pwrite(self._descriptor, cell, _HEAD.size + _CELL_BYTES * slot)
            self._head_written = state.head()
            os.pwrite(self._descriptor, self._head_written, 0)
        except OSError as error:
            self._give_up(error)

    def replace(self, slot: int, before: float, after: float) -> None:
        """Replace the time of one slot if it is still the one from before. Takes no lock.

        Nobody else writes a slot that is held, but for those who repair the file; what they write holds it longer.
        """
        if not self._usable or self._descriptor < 0 or self._opened_by != os.getpid():
            return
        place = _HEAD.size + _CELL_BYTES * slot
        try:
            if os.pread(self._descriptor, _CELL_BYTES, place) == _CELL.pack(before):
                os.pwrite(self._descriptor, _CELL.pack(after), place)
        except OSError as error:
            self._give_up(error)

    def close(self) -> None:
        """Close the file."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __del__(self) -> None:
        self.close()

    def _write_whole(self, state: State) -> None:
        self._head_written = state.head()
        os.ftruncate(self._descriptor, os.pwrite(self._descriptor, self._head_written + state.slots.tobytes(), 0))

    def _open_when_needed(self) -> None:
        """Open the file, also when it was removed meanwhile, or when a forked process would share its parent's lock."""
        if self._descriptor >= 0 and self._opened_by == os.getpid() and os.fstat(self._descriptor).st_nlink:
            return
        self.close()
        folder = self._path.parent
        folder.mkdir(mode=0o700, exist_ok=True, parents=False)
        mode = folder.lstat()
        if not stat.S_ISDIR(mode.st_mode) or mode.st_uid != os.getuid() or mode.st_mode & 0o077:
            raise PermissionError(f"{folder} is not a private folder of this user")
        if not self._path.exists():
            _remove_forgotten(folder)
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        self._descriptor = os.open(self._path, flags, 0o600)
        self._opened_by = os.getpid()

    def _give_up(self, error: OSError) -> None:
        self.unlock()
        self._usable = False
        _log.warning("The rate limit is not shared with other processes: %s.", error.strerror or error)


def _remove_forgotten(folder: Path) -> None:
    """Remove what other keys and hosts left long ago, when no request counts any more: memory is dear.

    Who has such a file open all the same makes a new one: see `_open_when_needed`.
    """
    long_ago = time.time() - _FORGOTTEN_AFTER_SECONDS
    for path in folder.glob("*.times"):
        with contextlib.suppress(OSError):
            if path.lstat().st_mtime < long_ago:
                path.unlink()


def _parsed(content: bytes) -> State | None:
    """Return the state that these bytes hold, or None when they are not what a gate wrote."""
    if len(content) <= _HEAD.size or len(content) % _CELL_BYTES:
        return None
    file_format, *times, cursor, _ = _HEAD.unpack_from(content)
    slots = array("d", content[_HEAD.size :])
    if file_format != _FORMAT or not math.isfinite(sum(slots) + sum(times) + cursor):
        return None
    closed_until, next_at, share, lowered_at, changed_at = times
    if not 0 < share <= 1 or not 0 <= cursor < len(slots):
        return None
    return State(slots, closed_until, next_at, share, lowered_at, changed_at, int(cursor))
