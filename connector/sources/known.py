"""What any dlt destination knows already, read back through dlt's own client: works wherever dlt reads.

Plain selects through the client, not relations of the dataset: those need a parser that moves faster than dlt does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from connector import ledger
from connector.reading.known import SweepHistory
from connector.stored_rows import arrow_schema

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    import dlt

    from connector.contract import Table

OPEN: Final = "_dlt_valid_to IS NULL"
SWEEPS_REMEMBERED: Final = 60


class KnownInDataset:
    """One account's view of a dlt dataset that holds raw tables and, under a prefix, the ledger.

    Rows are filtered by account here, not there: such datasets hold one account more often than not.
    """

    def __init__(self, pipeline: dlt.Pipeline, platform: str, account: str, *, ledger_prefix: str) -> None:
        self._pipeline = pipeline
        self._platform = platform
        self._account = account
        self._prefix = ledger_prefix
        schema = pipeline.schemas.get(platform)
        self._columns = {} if schema is None else {name: set(of["columns"]) for name, of in schema.tables.items()}

    def _read(self, table: str, columns: Sequence[str], *, where: str | None = None) -> pa.Table | None:
        """The given columns of a table; None when it does not exist yet."""
        if table not in self._columns or not set(columns) <= self._columns[table]:
            return None
        with self._pipeline.sql_client(self._platform) as client:
            names = ", ".join(client.escape_column_name(name) for name in columns)
            query = f"SELECT {names} FROM {client.make_qualified_table_name(table)}"  # noqa: S608 - names of the contract
            with client.execute_query(query + (f" WHERE {where}" if where else "")) as cursor:
                found = cursor.arrow()
        return found if isinstance(found, pa.Table) else pa.table(found)

    def _current(self, table: Table, columns: Sequence[str]) -> pa.Table:
        schema = pa.schema([arrow_schema(table).field(name) for name in columns])
        wanted = list(dict.fromkeys([*columns, "account"]))
        found = self._read(table.name, wanted, where=OPEN)
        if found is None:
            return schema.empty_table()
        return found.filter(pc.equal(found["account"], self._account)).select(list(columns)).cast(schema)

    def _ledger(self, table: str, columns: Sequence[str], resource: str) -> pa.Table | None:
        wanted = list(dict.fromkeys([*columns, "platform", "account", "resource"]))
        found = self._read(f"{self._prefix}{table}", wanted)
        if found is None:
            return None
        whose = {"platform": self._platform, "account": self._account, "resource": resource}
        for name, value in whose.items():
            found = found.filter(pc.equal(found[name], value))
        return found

    def marks(self, resource: str, mark_key_id: str) -> Iterator[tuple[Sequence[str], Sequence[int]]]:
        """Record ids and the marks they were last read with."""
        found = self._ledger("record_marks", ["record_id", "mark", "mark_key_id"], resource)
        if found is not None:
            found = found.filter(pc.equal(found["mark_key_id"], mark_key_id))
            yield found["record_id"].to_pylist(), found["mark"].to_pylist()

    def visible(self, table: Table, columns: Sequence[str]) -> pa.Table:
        """The given columns of all current visible rows."""
        found = self._current(table, list(dict.fromkeys([*columns, "_visible"])))
        return found.filter(found["_visible"]).select(list(columns))

    def count_visible(self, table: Table) -> int:
        """How many current rows are visible."""
        return len(self.visible(table, ["_key"]))

    def versions(self, table: Table, keys: pa.ChunkedArray) -> pa.Table:
        """`_key`, `_row_hash`, `_visible` of the current versions of those keys."""
        found = self._current(table, ["_key", "_row_hash", "_visible"])
        return found.filter(pc.is_in(found["_key"], value_set=_flat(keys)))

    def rows(self, table: Table, keys: pa.ChunkedArray) -> pa.Table:
        """The current versions of those keys, in stored form."""
        found = self._current(table, arrow_schema(table).names)
        return found.filter(pc.is_in(found["_key"], value_set=_flat(keys)))

    def children(self, table: Table, parents: pa.Table) -> pa.Table:
        """`_key`, `_row_hash`, `_visible` and the parent columns of the current rows of those parents."""
        found = self._current(table, ["_key", "_row_hash", "_visible", *parents.column_names])
        return found.join(
            parents.cast(pa.schema([found.schema.field(n) for n in parents.column_names])),
            parents.column_names,
            join_type="left semi",
        )

    def history(self, resource: str) -> SweepHistory:
        """What earlier refreshes noted about the resource, newest first."""
        found = self._ledger("sweeps", ledger.schema_of("sweeps").names, resource)
        rows: list[dict[str, Any]] = [] if found is None else found.to_pylist()
        dated = [row for row in rows if row["started_at"] is not None]
        return SweepHistory(sorted(dated, key=lambda row: row["started_at"], reverse=True)[:SWEEPS_REMEMBERED])

    def child_reads(self, resource: str) -> Mapping[str, datetime]:
        """When each parent's reply was last read."""
        found = self._ledger("child_reads", ["parent_id", "last_read_at"], resource)
        if found is None:
            return {}
        pairs = zip(found["parent_id"].to_pylist(), found["last_read_at"].to_pylist(), strict=True)
        return {parent: at for parent, at in pairs if at is not None}


def _flat(keys: pa.ChunkedArray | pa.Array) -> pa.Array:
    return keys.combine_chunks() if isinstance(keys, pa.ChunkedArray) else keys
