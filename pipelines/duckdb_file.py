"""The embedded warehouse: one DuckDB file, never written in place."""

from __future__ import annotations

import re
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import duckdb
import pyarrow as pa

from connector.errors import UsageError
from connector.reading.known import NothingKnown
from pipelines.known import KnownInDuckDB
from pipelines.lock import last_failure
from pipelines.opening import opened_for_reading
from pipelines.publish import WorkingCopy, working_copy
from pipelines.setting_values import env_name, text
from pipelines.warehouse import WithCatalog
from pipelines.warehouse_format import refuse_newer

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from connector.reading.known import Known


MEMORY_SETTING: Final = "duckdb_memory_limit"
AMOUNT: Final = re.compile(r"\d+(\.\d+)? ?[KMGT]i?B", re.IGNORECASE)


def memory_settings() -> Mapping[str, str]:
    """What DuckDB is told of memory: nothing, unless the setting `duckdb_memory_limit` bounds it.

    Beyond the limit it works on disk, in a folder beside the file that it has open: our private copy's.
    """
    limit = text(MEMORY_SETTING)
    if limit is None:
        return {}
    if not AMOUNT.fullmatch(limit):
        raise UsageError(
            f"The memory limit {limit!r} is no amount of memory.", "Write it as 2GB.", setting=env_name(MEMORY_SETTING)
        )
    return {"memory_limit": limit, "preserve_insertion_order": "false"}


EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
SQL_TYPES: Final = {
    pa.string(): "varchar",
    pa.int64(): "bigint",
    pa.float64(): "double",
    pa.bool_(): "boolean",
    pa.date32(): "date",
    pa.timestamp("us", "UTC"): "timestamp with time zone",
}


class DuckDBFile:
    """A DuckDB file that readers may hold open at any time."""

    def __init__(self, path: Path) -> None:
        self.path = path.expanduser()

    @property
    def place(self) -> str:
        """The path of the file."""
        return str(self.path)

    @contextmanager
    def session(self, *, wait_seconds: float, stop: threading.Event) -> Iterator[DuckDBSession]:
        """Lock the file and work on a private copy of it."""
        with working_copy(self.path, wait_seconds=wait_seconds, stop=stop) as copy:
            session = DuckDBSession(copy)
            try:
                refuse_newer(session.query, self.place)
                yield session
            finally:
                session.close()

    @contextmanager
    def reading(self, platform: str, account: str) -> Iterator[Known]:
        """What the published file knows of one account; nothing when there is no file yet."""
        if not self.path.exists():
            yield NothingKnown()
            return
        with opened_for_reading(self.path) as connection:
            yield KnownInDuckDB(connection, platform, account)

    def last_failure(self) -> dict[str, Any] | None:
        """What the last refresh failed of, as its lock file says."""
        return last_failure(self.path)

    def query(self, sql: str) -> pa.Table:
        """The answer to a query on the published file, opened for reading."""
        if not self.path.exists():
            raise UsageError(
                f"There is no warehouse at {self.path} yet.", "Run `hiring-elt refresh` or `hiring-elt demo` first."
            )
        with opened_for_reading(self.path) as connection:
            connection.execute("set timezone = 'UTC'")
            return connection.execute(sql).to_arrow_table()

    @contextmanager
    def dbt_reading(self) -> Iterator[Mapping[str, Any]]:
        """The dbt output that opens the published file for reading."""
        yield {
            "type": "duckdb",
            "path": str(self.path),
            "threads": 2,
            "config_options": {"access_mode": "read_only"},
        }


class DuckDBSession(WithCatalog):
    """A private working copy of a DuckDB file."""

    def __init__(self, copy: WorkingCopy) -> None:
        self.copy = copy
        self.work = copy.folder
        self._connection: duckdb.DuckDBPyConnection | None = None

    def opened(self) -> duckdb.DuckDBPyConnection:
        """The one connection to the copy."""
        if self._connection is None:
            settings = memory_settings()
            # Set afterwards, as dlt does: DuckDB lets connections to one file in only with equal words at the door.
            self._connection = duckdb.connect(str(self.copy.path))
            for name, amount in settings.items():
                self._connection.execute(f"set global {name} = '{amount}'")
            self._connection.execute("set timezone = 'UTC'")
            self.copy.path.chmod(0o600)
        return self._connection

    def close(self) -> None:
        """Close our connection; the next use opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def known(self, platform: str, account: str) -> Known:
        """What the copy knows of one account."""
        return KnownInDuckDB(self.opened(), platform, account)

    def last_boundary(self, platform: str) -> datetime | None:
        """The newest `_dlt_valid_from` in the platform's raw tables."""
        tables = self.opened().execute(
            "select table_name from information_schema.columns"
            " where table_schema = ? and column_name = '_dlt_valid_from'",
            [f"raw_{platform}"],
        )
        newest = [
            f'select max(_dlt_valid_from) as newest from "raw_{platform}"."{name}"' for (name,) in tables.fetchall()
        ]
        if not newest:
            return None
        # Microseconds since 1970: an instant would take the time zones of the world along.
        found = self.opened().execute(f"select epoch_us(max(newest)) from ({' union all '.join(newest)})").fetchone()
        return None if found is None or found[0] is None else EPOCH + timedelta(microseconds=found[0])

    def schema(self, name: str) -> str:
        """The copy is private: its schemas have the names that readers know."""
        return name

    def destination(self) -> Any:
        """The dlt destination that writes into the copy. A refresh has no need of it: see `add_versions`.

        Our connection stays: dlt opens one for each of its jobs, and the last to close makes DuckDB write its log into
        the file.
        """
        import dlt
        from dlt.destinations.impl.duckdb.configuration import DuckDbCredentials

        self.opened()
        settings = dict(memory_settings())
        return dlt.destinations.duckdb(DuckDbCredentials(str(self.copy.path), global_config=settings or None))

    def dbt_output(self) -> Mapping[str, Any]:
        """The dbt output that builds in the copy."""
        self.close()
        settings = {"timezone": "UTC", **memory_settings()}
        return {"type": "duckdb", "path": str(self.copy.path), "threads": 2, "settings": settings}

    def query(self, sql: str) -> pa.Table:
        """The answer to a query on the copy."""
        return self.opened().execute(sql).to_arrow_table()

    def shortened(self, column: str) -> str:
        """Its hash, which takes half the memory and time to count."""
        return f"hash({column})"

    def try_rights(self) -> None:
        """Nothing is left to try: the copy was made in the folder where it is to be published."""

    def shape(self, schema: str, tables: Mapping[str, pa.Schema]) -> None:
        """Make tables as dlt would, or give them the columns that they lack."""
        there = self.columns(schema)
        existing = {table for table, _ in there}
        with self._changing() as connection:
            connection.execute(f'create schema if not exists "{schema}"')
            for name, form in tables.items():
                typed = {field.name: f'"{field.name}" {SQL_TYPES[field.type]}' for field in form}
                if name not in existing:
                    columns = ", ".join(typed[f.name] + ("" if f.nullable else " not null") for f in form)
                    connection.execute(f'create table "{schema}"."{name}" ({columns})')
                    continue
                for column, definition in typed.items():
                    if (name, column) not in there:
                        connection.execute(f'alter table "{schema}"."{name}" add column {definition}')

    def merge(self, schema: str, table: str, rows: pa.Table, key: Sequence[str], load_id: str) -> None:
        """Put rows, one for a key, in the place of those of the same key."""
        if not len(rows):
            return
        name = f'"{schema}"."{table}"'
        same = " and ".join(f'kept."{column}" = arrived."{column}"' for column in key)
        with self._changing() as connection, _arrived(connection, rows):
            connection.execute(f"delete from {name} as kept using arrived where {same}")
            connection.execute(f"insert into {name} by name select *, ? as _dlt_load_id from arrived", [load_id])

    def add_versions(
        self, schema: str, table: str, parts: Iterable[pa.Table], boundary: datetime, load_id: str
    ) -> None:
        """Put new versions beside the old ones as dlt's `scd2` does, part by part; a key is in one part at most.

        Each part is a transaction of its own: the copy is private, and what is not yet committed stays in memory.
        """
        name = f'"{schema}"."{table}"'
        for rows in parts:
            with self._changing() as connection, _arrived(connection, rows):
                connection.execute(
                    f"update {name} as kept set _dlt_valid_to = ? from arrived where kept._dlt_valid_to is null"
                    " and kept._key = arrived._key and kept._row_hash <> arrived._row_hash",
                    [boundary],
                )
                connection.execute(
                    f"insert into {name} by name"
                    " select *, ?::timestamptz as _dlt_valid_from, ? as _dlt_load_id from arrived where not exists"
                    f" (from {name} as kept where kept._dlt_valid_to is null"
                    " and kept._row_hash = arrived._row_hash)",
                    [boundary, load_id],
                )
            # What was loaded is let go at once, also by the allocator: a first load is the largest that there is.
            del rows
            pa.default_memory_pool().release_unused()

    @contextmanager
    def _changing(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """One transaction: all of it, or nothing."""
        connection = self.opened()
        connection.execute("begin")
        try:
            yield connection
        except BaseException:
            with suppress(duckdb.Error):  # after a refusal of the disk there is nothing left to roll back
                connection.execute("rollback")
            raise
        connection.execute("commit")

    def publish(self) -> None:
        """Swap the copy into the place of the published file."""
        self.close()
        self.copy.publish()


@contextmanager
def _arrived(connection: duckdb.DuckDBPyConnection, rows: pa.Table) -> Iterator[None]:
    """Rows as a table by the name `arrived`."""
    connection.register("arrived", rows)
    try:
        yield
    finally:
        connection.unregister("arrived")
