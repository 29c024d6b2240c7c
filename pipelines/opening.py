"""Opens the published file, and says why where it cannot be: somebody writes, a newer DuckDB wrote, it is damaged."""

from __future__ import annotations

import contextlib
import fcntl
from typing import TYPE_CHECKING, Any, Final

import duckdb

from connector.errors import CannotWrite, HiringEltError, Locked, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

# DuckDB tells its reasons in words alone.
LOCK_IN_WORDS: Final = "could not set lock"
NEWER_IN_WORDS: Final = "newer version of duckdb"


def wal_of(path: Path) -> Path:
    """The write-ahead log of a file; there is none after a clean close."""
    return path.with_name(f"{path.name}.wal")


def fold_in(live: Path) -> None:
    """Fold a write-ahead log without an owner into the file: a swap beside it would make the file unreadable."""
    if not wal_of(live).exists():
        return
    with _opened(live, read_only=False) as connection:
        connection.execute("checkpoint")


def refuse_foreign_writer(live: Path) -> None:
    """Raise Locked when another program holds the file open for writing."""
    if live.exists() and not _can_be_shared(live):
        with opened_for_reading(live):  # refused, too, and says by whom
            pass


def _can_be_shared(live: Path) -> bool:
    """Whether nobody holds the lock of a writer, asked as DuckDB asks: by a lock of POSIX, here without opening it."""
    with live.open("rb") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return False
    return True


def opened_for_reading(
    live: Path, config: Mapping[str, Any] | None = None
) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
    """A published file, opened for reading; raises Locked, UsageError or CannotWrite, as the reason is."""
    return _opened(live, read_only=True, config=config)


@contextlib.contextmanager
def _opened(
    live: Path, *, read_only: bool, config: Mapping[str, Any] | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    try:
        connection = duckdb.connect(str(live), read_only=read_only, config=dict(config or {}))
    except duckdb.Error as error:
        raise _unopened(live, str(error)) from None
    with connection:
        yield connection


def _unopened(live: Path, said: str) -> HiringEltError:
    """Why a file could not be opened, and what to do about it."""
    if LOCK_IN_WORDS in said.lower():
        return Locked(f"Another program holds {live.name} open for writing ({_who(said)}).")
    if NEWER_IN_WORDS in said.lower():
        return UsageError(
            f"{live.name} was written by a newer DuckDB than the {duckdb.__version__} that is installed here.",
            "Nothing was changed. Install the version that wrote it, or choose another place with --warehouse.",
            setting="WAREHOUSE",
        )
    return CannotWrite(
        f"{live.name} is no DuckDB file that this program can open, or is damaged.",
        "It was left as it is. Move it away, or choose another place with --warehouse.",
    )


def _who(text: str) -> str:
    """The process that DuckDB names as the holder of its lock."""
    start = text.find("Conflicting lock is held in ")
    if start < 0:
        return "which one is not known"
    return text[start + len("Conflicting lock is held in ") :].split(". ", maxsplit=1)[0][:160]
