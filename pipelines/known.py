"""What a DuckDB warehouse knows already, read back for the comparison: hashes, marks, notes of earlier refreshes."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from connector.reading.known import SweepHistory
from connector.stored_rows import arrow_schema

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    import duckdb

    from connector.contract import Table

MARKS_IN_A_BATCH: Final = 50_000
SWEEPS_REMEMBERED: Final = 60


class KnownInDuckDB:
    """One account's view of a DuckDB warehouse; threads may share it."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, platform: str, account: str) -> None:
        self._connection = connection
        self._cursors = threading.local()
        self._platform = platform
        self._account = account
        # A cursor even here: accounts are opened side by side, and a connection has one result at a time.
        found = connection.cursor().execute(
            "select table_schema, table_name, column_name from information_schema.columns"
        )
        self._columns: dict[tuple[str, str], set[str]] = {}
        for schema, name, column in found.fetchall():
            self._columns.setdefault((schema, name), set()).add(column)

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        """A connection of the calling thread's own."""
        if not hasattr(self._cursors, "own"):
            self._cursors.own = self._connection.cursor()
            self._cursors.own.execute("set timezone = 'UTC'")
        own: duckdb.DuckDBPyConnection = self._cursors.own
        return own

    def _has(self, schema: str, table: str) -> bool:
        return (schema, table) in self._columns

    def _selected(self, table: Table, columns: Sequence[str]) -> str:
        """The columns, those null that a warehouse of an older version does not have yet."""
        there = self._columns[f"raw_{self._platform}", table.name]
        return ", ".join(f'"{name}"' if name in there else f'null as "{name}"' for name in columns)

    def _raw(self, table: Table) -> str:
        return f'"raw_{self._platform}"."{table.name}"'

    def _has_raw(self, table: Table) -> bool:
        return self._has(f"raw_{self._platform}", table.name)

    def marks(self, resource: str, mark_key_id: str) -> Iterator[tuple[Sequence[str], Sequence[int]]]:
        """Record ids and the marks they were last read with."""
        if not self._has("meta", "record_marks"):
            return
        cursor = self._cursor().execute(
            "select record_id, mark from meta.record_marks"
            " where platform = ? and account = ? and resource = ? and mark_key_id = ?",
            [self._platform, self._account, resource, mark_key_id],
        )
        for batch in cursor.to_arrow_reader(MARKS_IN_A_BATCH):
            yield batch.column(0).to_pylist(), batch.column(1).to_pylist()

    def visible(self, table: Table, columns: Sequence[str]) -> pa.Table:
        """The given columns of all current visible rows."""
        empty = arrow_schema(table).empty_table().select(list(columns))
        if not self._has_raw(table):
            return empty
        return self._stored(
            f"select {_names(columns)} from {self._raw(table)}"
            " where _dlt_valid_to is null and _visible and account = ?",
            [self._account],
            empty.schema,
        )

    def count_visible(self, table: Table) -> int:
        """How many current rows are visible."""
        if not self._has_raw(table):
            return 0
        query = f"select count(*) from {self._raw(table)} where _dlt_valid_to is null and _visible and account = ?"
        found = self._cursor().execute(query, [self._account]).fetchone()
        return int(found[0]) if found else 0

    def versions(self, table: Table, keys: pa.ChunkedArray) -> pa.Table:
        """`_key`, `_row_hash`, `_visible` of the current versions of those keys."""
        return self._of_keys(table, keys, ["_key", "_row_hash", "_visible"])

    def rows(self, table: Table, keys: pa.ChunkedArray) -> pa.Table:
        """The current versions of those keys, in stored form."""
        return self._of_keys(table, keys, arrow_schema(table).names)

    def _of_keys(self, table: Table, keys: pa.ChunkedArray, columns: Sequence[str]) -> pa.Table:
        schema = pa.schema([arrow_schema(table).field(name) for name in columns])
        if not self._has_raw(table) or len(keys) == 0:
            return schema.empty_table()
        wanted = pa.table({"_key": keys})
        return self._joined(table, wanted, ["_key"], columns, schema)

    def children(self, table: Table, parents: pa.Table) -> pa.Table:
        """`_key`, `_row_hash`, `_visible` and the parent columns of the current rows of those parents."""
        columns = ["_key", "_row_hash", "_visible", *parents.column_names]
        schema = pa.schema([arrow_schema(table).field(name) for name in columns])
        if not self._has_raw(table) or len(parents) == 0:
            return schema.empty_table()
        return self._joined(table, parents, parents.column_names, columns, schema)

    def _joined(
        self, table: Table, wanted: pa.Table, on: Sequence[str], columns: Sequence[str], schema: pa.Schema
    ) -> pa.Table:
        cursor, chosen = self._cursor(), self._selected(table, columns)
        cursor.register("wanted", wanted)
        try:
            return self._stored(
                f"select {chosen} from {self._raw(table)} as stored semi join wanted using ({_names(on)})"
                " where stored._dlt_valid_to is null and stored.account = ?",
                [self._account],
                schema,
            )
        finally:
            cursor.unregister("wanted")

    def _stored(self, query: str, values: Sequence[Any], schema: pa.Schema) -> pa.Table:
        return self._cursor().execute(query, list(values)).to_arrow_table().cast(schema)

    def history(self, resource: str) -> SweepHistory:
        """What earlier refreshes noted about the resource, newest first."""
        if not self._has("meta", "sweeps"):
            return SweepHistory()
        found = (
            self._cursor()
            .execute(
                "select * from meta.sweeps"
                " where platform = ? and account = ? and resource = ? and started_at is not null"
                f" order by started_at desc limit {SWEEPS_REMEMBERED}",
                [self._platform, self._account, resource],
            )
            .to_arrow_table()
        )
        return SweepHistory(found.to_pylist())

    def child_reads(self, resource: str) -> Mapping[str, datetime]:
        """When each parent's reply was last read."""
        if not self._has("meta", "child_reads"):
            return {}
        found = self._cursor().execute(
            "select parent_id, last_read_at from meta.child_reads"
            " where platform = ? and account = ? and resource = ? and last_read_at is not null",
            [self._platform, self._account, resource],
        )
        return dict(found.fetchall())


def _names(columns: Sequence[str]) -> str:
    """Column names of the contract, quoted."""
    return ", ".join(f'"{name}"' for name in columns)
