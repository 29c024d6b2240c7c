"""What a PostgreSQL warehouse knows already; the answers are those of the DuckDB file."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from connector.reading.known import SweepHistory
from connector.stored_rows import arrow_schema
from pipelines.postgres.answer import answer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from connector.contract import Table

KEYS_IN_A_QUESTION: Final = 20_000
MARKS_IN_A_BATCH: Final = 50_000
SWEEPS_REMEMBERED: Final = 60


class KnownInPostgres:
    """One account's view of a PostgreSQL warehouse; threads share its one connection, one question at a time."""

    def __init__(self, connection: Any, lock: threading.Lock, platform: str, account: str) -> None:
        self._connection = connection
        self._lock = lock
        self._platform = platform
        self._account = account
        found = self._ask("select table_schema, table_name from information_schema.tables").to_pydict()
        self._tables = set(zip(found["table_schema"], found["table_name"], strict=True))

    def _ask(self, query: str, values: Sequence[Any] = ()) -> pa.Table:
        with self._lock:
            return answer(self._connection, query, values)

    def _has(self, schema: str, table: str) -> bool:
        return (schema, table) in self._tables

    def _raw(self, table: Table) -> str:
        return f'"raw_{self._platform}"."{table.name}"'

    def _has_raw(self, table: Table) -> bool:
        return self._has(f"raw_{self._platform}", table.name)

    def marks(self, resource: str, mark_key_id: str) -> Iterator[tuple[Sequence[str], Sequence[int]]]:
        """Record ids and the marks they were last read with."""
        if not self._has("meta", "record_marks"):
            return
        found = self._ask(
            "select record_id, mark from meta.record_marks"
            " where platform = %s and account = %s and resource = %s and mark_key_id = %s",
            [self._platform, self._account, resource, mark_key_id],
        )
        for batch in found.to_batches(MARKS_IN_A_BATCH):
            yield batch.column(0).to_pylist(), batch.column(1).to_pylist()

    def visible(self, table: Table, columns: Sequence[str]) -> pa.Table:
        """The given columns of all current visible rows."""
        schema = arrow_schema(table).empty_table().select(list(columns)).schema
        if not self._has_raw(table):
            return schema.empty_table()
        return self._ask(
            f"select {_names(columns)} from {self._raw(table)}"
            " where _dlt_valid_to is null and _visible and account = %s",
            [self._account],
        ).cast(schema)

    def count_visible(self, table: Table) -> int:
        """How many current rows are visible."""
        if not self._has_raw(table):
            return 0
        query = f"select count(*) from {self._raw(table)} where _dlt_valid_to is null and _visible and account = %s"
        return int(self._ask(query, [self._account]).column(0)[0].as_py())

    def versions(self, table: Table, keys: pa.ChunkedArray) -> pa.Table:
        """`_key`, `_row_hash`, `_visible` of the current versions of those keys."""
        return self._joined(table, pa.table({"_key": keys}), ["_key", "_row_hash", "_visible"])

    def rows(self, table: Table, keys: pa.ChunkedArray) -> pa.Table:
        """The current versions of those keys, in stored form."""
        return self._joined(table, pa.table({"_key": keys}), arrow_schema(table).names)

    def children(self, table: Table, parents: pa.Table) -> pa.Table:
        """`_key`, `_row_hash`, `_visible` and the parent columns of the current rows of those parents."""
        return self._joined(table, parents, ["_key", "_row_hash", "_visible", *parents.column_names])

    def _joined(self, table: Table, wanted: pa.Table, columns: Sequence[str]) -> pa.Table:
        """The columns of the current rows that agree with a wanted row in all of its columns."""
        schema = pa.schema([arrow_schema(table).field(name) for name in columns])
        if not self._has_raw(table) or len(wanted) == 0:
            return schema.empty_table()
        # A key asked for twice must not answer twice, also where the two are in different questions.
        wanted = wanted.group_by(wanted.column_names).aggregate([])
        names = wanted.column_names
        lists = ", ".join("%s::text[]" for _ in names)
        query = (
            f"select {_names(columns, 'stored')} from {self._raw(table)} as stored"
            f" join unnest({lists}) as wanted ({_names(names)})"
            f" on {' and '.join(f'stored.{_names([name])} = wanted.{_names([name])}' for name in names)}"
            " where stored._dlt_valid_to is null and stored.account = %s"
        )
        parts = []
        for start in range(0, len(wanted), KEYS_IN_A_QUESTION):
            part = wanted.slice(start, KEYS_IN_A_QUESTION)
            values = [part.column(name).to_pylist() for name in names]
            parts.append(self._ask(query, [*values, self._account]).cast(schema))
        return pa.concat_tables(parts)

    def history(self, resource: str) -> SweepHistory:
        """What earlier refreshes noted about the resource, newest first."""
        if not self._has("meta", "sweeps"):
            return SweepHistory()
        found = self._ask(
            "select * from meta.sweeps"
            " where platform = %s and account = %s and resource = %s and started_at is not null"
            f" order by started_at desc limit {SWEEPS_REMEMBERED}",
            [self._platform, self._account, resource],
        )
        return SweepHistory(found.to_pylist())

    def child_reads(self, resource: str) -> Mapping[str, datetime]:
        """When each parent's reply was last read."""
        if not self._has("meta", "child_reads"):
            return {}
        found = self._ask(
            "select parent_id, last_read_at from meta.child_reads"
            " where platform = %s and account = %s and resource = %s and last_read_at is not null",
            [self._platform, self._account, resource],
        ).to_pydict()
        return dict(zip(found["parent_id"], found["last_read_at"], strict=True))


def _names(columns: Sequence[str], table: str = "") -> str:
    """Column names of the contract, quoted."""
    before = f"{table}." if table else ""
    return ", ".join(f'{before}"{name}"' for name in columns)
