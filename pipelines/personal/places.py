"""The warehouses whose rows can be cared for: a DuckDB file, a server; read as published, or worked on in a session."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from connector.errors import UsageError
from pipelines.duckdb_file import DuckDBFile
from pipelines.opening import opened_for_reading
from pipelines.personal.care import Care
from pipelines.personal.care_of import care_of
from pipelines.rollback import kept
from pipelines.warehouse import open_warehouse

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from pipelines.personal.stored import Rows, ServerRows
    from pipelines.settings import Settings
    from pipelines.warehouse import Session


class CaredServer(Protocol):
    """A server with rows that can be cared for."""

    def stored(self) -> AbstractContextManager[ServerRows]:
        """What is published, to be read."""
        ...

    def session(self, *, wait_seconds: float, stop: threading.Event) -> AbstractContextManager[Session]:
        """See `pipelines.warehouse`."""
        ...


def warehouse_of(settings: Settings) -> DuckDBFile | CaredServer:
    """The warehouse; raises UsageError for a kind that keeps its rows from us, or when there is none yet."""
    found: Any = open_warehouse(settings.warehouse)
    if not isinstance(found, DuckDBFile) and not hasattr(found, "stored"):
        raise UsageError(
            "The privacy commands work on DuckDB files and on PostgreSQL.",
            "Give one with --warehouse.",
            setting="WAREHOUSE",
        )
    found.query("select 1")
    cared: DuckDBFile | CaredServer = found
    return cared


def file_of(settings: Settings) -> DuckDBFile:
    """The warehouse as a file; raises UsageError for another kind, or when there is none yet."""
    found = warehouse_of(settings)
    if not isinstance(found, DuckDBFile):
        raise UsageError("Earlier warehouses are kept of DuckDB files only.", "Give one with --warehouse.")
    return found


@contextmanager
def reading(warehouse: DuckDBFile | CaredServer) -> Iterator[Rows]:
    """What is published, opened for reading."""
    if not isinstance(warehouse, DuckDBFile):
        with warehouse.stored() as rows:
            yield rows
        return
    with opened_for_reading(warehouse.path.resolve()) as connection:
        connection.execute("set timezone = 'UTC'")
        yield connection


def taken_care(session: Session) -> Care:
    """The care for a session of such a warehouse."""
    care = care_of(session)
    if not isinstance(care, Care):
        raise TypeError(f"no care for {type(session).__name__}")
    return care


def count_kept(warehouse: DuckDBFile | CaredServer) -> int:
    """How many earlier warehouses are kept: of files only."""
    return len(kept(warehouse.path)) if isinstance(warehouse, DuckDBFile) else 0


def out_of_reach(warehouse: DuckDBFile | CaredServer) -> tuple[str, ...]:
    """Where an erased person may still be."""
    return (ON_FILES if isinstance(warehouse, DuckDBFile) else ON_SERVERS) + EVERYWHERE


ON_FILES = (
    "whoever has the old file open: they read on in it until they close it",
    "backups and snapshots of the disk",
)
ON_SERVERS = (
    "the server's write-ahead log, its archive, replicas and backups: they go with their own retention",
    "the planner's samples (pg_statistic), where this user may not write them anew",
    "temporary files and logs of the server",
)
EVERYWHERE = (
    "files that were exported or copied from the warehouse, and reports that were sent",
    "the hiring platform itself: as long as it shows the person, each refresh reads and drops the record",
)
