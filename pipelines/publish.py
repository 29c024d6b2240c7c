"""Readers see one whole refresh or the one before: work on a private copy, then swap the file.

DuckDB lets nobody read a file that somebody writes, so the published file is never written. A refresh copies it into a
private folder beside it, works there, and puts the result in its place with one rename. Whoever has the old file open
keeps reading the old file.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import glob
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import duckdb

from connector.errors import CannotWrite, Locked
from pipelines.lock import lock_of, locked
from pipelines.opening import fold_in, opened_for_reading, refuse_foreign_writer, wal_of
from pipelines.signals import removed_on_force

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator

SPARE_BYTES: Final = 64 * 2**20
FICLONE: Final = 0x40049409
WORK_PREFIX: Final = ".work-"
NETWORK_FILE_SYSTEMS: Final = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "9p", "afs"})
NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG})
NO_ROOM_IN_WORDS: Final = ("no space left", "disk quota", "could not write", "cannot write", "out of disk", "too large")


@dataclass(frozen=True)
class Identity:
    """What tells whether a file is still the one that was copied."""

    inode: int
    size: int
    modified_ns: int


def identity(path: Path) -> Identity | None:
    """The identity of a file; None when it does not exist."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return Identity(status.st_ino, status.st_size, status.st_mtime_ns)


@dataclass
class WorkingCopy:
    """A private copy of the warehouse file, and a private folder for what the work leaves behind."""

    live: Path
    folder: Path
    copied: Identity | None

    @property
    def path(self) -> Path:
        """The copy; it has the name of the live file, because DuckDB's catalog is named after it."""
        return self.folder / self.live.name

    def publish(self) -> None:
        """Sync the closed copy, and put it in the place of the live file.

        Raises Locked when the live file was changed since it was copied, CannotWrite when the disk refuses.
        """
        with readable_errors(self.live):
            # DuckDB writes its log into the file when the last connection closes.
            if self.wal.exists():
                with duckdb.connect(str(self.path)) as connection:
                    connection.execute("checkpoint")
            if self.wal.exists():
                raise CannotWrite("The new warehouse file could not be closed cleanly.", "Run the refresh again.")
            self.path.chmod(0o600)
            _sync(self.path)
            refuse_foreign_writer(self.live)
            if identity(self.live) != self.copied or wal_of(self.live).exists():
                raise Locked(
                    f"{self.live.name} was changed by somebody else while the refresh was running.",
                    "Nothing was published, their change is kept. Run the refresh again.",
                )
            os.replace(self.path, self.live)  # noqa: PTH105 - named as the protocol names it
            _sync(self.live.parent)

    @property
    def wal(self) -> Path:
        """The write-ahead log of the copy; gone after a clean close."""
        return wal_of(self.path)


@contextlib.contextmanager
def working_copy(
    warehouse: Path, *, wait_seconds: float = 0.0, stop: threading.Event | None = None
) -> Iterator[WorkingCopy]:
    """Lock the warehouse, clean up after dead runs, copy the file; the copy is removed whatever happens.

    Raises Locked (somebody refreshes or writes), CannotWrite (no space, no right, a network file system).
    """
    live = _resolved(warehouse)
    _refuse_unfit_place(live)
    with locked(lock_of(live), wait_seconds=wait_seconds, stop=stop), readable_errors(live):
        remove_rests(live)
        _need_space(live)
        folder = Path(tempfile.mkdtemp(prefix=f".{live.name}{WORK_PREFIX}", dir=live.parent))

        def remove() -> None:
            shutil.rmtree(folder, ignore_errors=True)

        try:
            with removed_on_force(remove):
                yield WorkingCopy(live, folder, _copied(live, folder))
        finally:
            remove()


def _resolved(warehouse: Path) -> Path:
    """The file itself: a rename over a symbolic link would leave the old file where it was."""
    return warehouse.expanduser().resolve()


def _refuse_unfit_place(live: Path) -> None:
    parent = live.parent
    if not parent.is_dir():
        raise CannotWrite(f"There is no folder {parent}.", "Make it, or choose another place with --warehouse.")
    if live.is_dir():
        raise CannotWrite(f"{live} is a folder.", "Give the path of a file with --warehouse.")
    if not os.access(parent, os.W_OK | os.X_OK):
        raise CannotWrite(f"The folder {parent} cannot be written to.", "Choose another place with --warehouse.")
    mode = parent.stat().st_mode
    if mode & 0o002 and not mode & 0o1000:
        raise CannotWrite(
            f"Everyone on this machine may write to {parent}, and could swap the warehouse.",
            f"Run: chmod o-w {parent}",
        )
    if _file_system(parent) in NETWORK_FILE_SYSTEMS:
        raise CannotWrite(
            f"{parent} is on a network file system, where locks and renames cannot be relied on.",
            "Keep the warehouse on a local disk and copy the finished file.",
        )
    if os.path.ismount(live):
        raise CannotWrite(f"{live} is mounted as a single file and cannot be swapped.", "Mount its folder instead.")


def _file_system(folder: Path) -> str:
    """The type of the file system that holds a folder, as Linux lists it; empty elsewhere."""
    try:
        mounts = Path("/proc/mounts").read_text().splitlines()
    except OSError:
        return ""
    best, kind = "", ""
    for mount in mounts:
        _, point, found, *_ = mount.split(" ")
        inside = str(folder) == point or str(folder).startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best):
            best, kind = point, found
    return kind


def remove_rests(live: Path) -> None:
    """Remove the working folders of dead runs; the caller holds the lock, so no living run has one."""
    for rest in live.parent.glob(f".{glob.escape(live.name)}{WORK_PREFIX}*"):
        shutil.rmtree(rest, ignore_errors=True)


def _need_space(live: Path) -> None:
    size = live.stat().st_size if live.exists() else 0
    needed = 2 * size + SPARE_BYTES
    free = shutil.disk_usage(live.parent).free
    if free < needed:
        raise CannotWrite(
            f"{live.parent} has {free:,} bytes free; the refresh needs {needed:,}.",
            f"Free {needed - free:,} bytes, or choose another place with --warehouse.",
        )


def _copied(live: Path, folder: Path) -> Identity | None:
    """Copy the live file into the folder and say what it was."""
    if not live.exists():
        return None
    fold_in(live)
    # A reader's lock of our own keeps writers out while the bytes are copied.
    with opened_for_reading(live):
        before = identity(live)
        target = folder / live.name
        _clone(live, target)
        target.chmod(0o600)
    return before


def _clone(source: Path, target: Path) -> None:
    """Copy a file, sharing its blocks where the file system can."""
    with source.open("rb") as readable, target.open("wb") as writable:
        try:
            fcntl.ioctl(writable, FICLONE, readable.fileno())
        except OSError:
            shutil.copyfileobj(readable, writable, 2**20)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def readable_errors(live: Path) -> Iterator[None]:
    """Turn a refusal of the disk, wherever it surfaces, into one message."""
    try:
        yield
    except OSError as error:
        if error.errno in NO_ROOM or isinstance(error, PermissionError):
            raise cannot_write(live, error) from None
        raise
    except duckdb.Error as error:
        # DuckDB tells a full disk in words, and repeats them for whatever is asked of the file afterwards.
        if any(words in str(error).lower() for words in NO_ROOM_IN_WORDS):
            raise cannot_write(live, error) from None
        raise


def cannot_write(live: Path, error: Exception) -> CannotWrite:
    """The message for a disk that refuses."""
    free = shutil.disk_usage(live.parent).free
    reason = error.strerror if isinstance(error, OSError) and error.strerror else "the disk refused to write"
    return CannotWrite(
        f"{live.parent}: {reason} ({free:,} bytes free).",
        "The published warehouse is as it was. Free space, or choose another place with --warehouse.",
    )
