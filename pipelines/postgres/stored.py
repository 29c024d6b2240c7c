"""Stored rows for the care for personal data, inside one transaction: its statements in the words of this server."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from connector.changes import hashed
from connector.stored_rows import arrow_schema
from pipelines.personal.blanking import selection
from pipelines.personal.stored import stored_columns
from pipelines.postgres.answer import answer
from pipelines.postgres.copying import copy_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from connector.contract import Table

LEDGER: Final = re.compile(r"\bmeta\.")
ROWS_IN_A_BATCH: Final = 20_000


class StoredInPostgres:
    """Raw tables where they are, and the ledger of `ledger`: a session writes it beside the published one."""

    def __init__(self, connection: Any, ledger: str) -> None:
        self.ledger = ledger
        self._connection = connection
        self._cursor = connection.cursor()
        self._asked: tuple[str, list[Any]] = ("select 1", [])

    def execute(self, query: str, parameters: Any = None, /) -> StoredInPostgres:
        """Run one statement on the session's ledger, with `?` for each value."""
        return self.published(LEDGER.sub(f"{self.ledger}.", query), parameters)

    def published(self, query: str, parameters: Any = None, /) -> StoredInPostgres:
        """Run one statement; `meta.` is the ledger that people read."""
        self._asked = (query.replace("%", "%%").replace("?", "%s"), list(parameters or ()))
        self._cursor.execute(*self._asked)
        return self

    def fetchall(self) -> list[tuple[Any, ...]]:
        """All rows of the answer."""
        found: list[tuple[Any, ...]] = self._cursor.fetchall()
        return found

    def fetchone(self) -> tuple[Any, ...] | None:
        """The next row of the answer."""
        found: tuple[Any, ...] | None = self._cursor.fetchone()
        return found

    def to_arrow_table(self) -> pa.Table:
        """The answer as an arrow table; it is asked once more for that."""
        return answer(self._connection, *self._asked)

    def rewritten(
        self,
        platform: str,
        table: Table,
        columns: Sequence[str],
        change: Callable[[pa.Table], pa.Table],
        *,
        where: str,
        values: Sequence[Any],
    ) -> int:
        """See `pipelines.personal.blanking.rewritten`; a row is known by its place, which holds in a transaction."""
        name = f'"raw_{platform}"."{table.name}"'
        schema = arrow_schema(table)
        present = set(stored_columns(self, f"raw_{platform}", table.name))
        selected = ", ".join(selection(field, present) for field in schema)
        found = self.execute(f"select ctid::text as _place, {selected} from {name} as stored where {where}", values)
        rows = found.to_arrow_table()
        if not len(rows):
            return 0
        after = change(rows.drop_columns(["_place"]).cast(schema))
        kept = [column for column in columns if column in present]
        new = after.select(kept).append_column("_row_hash", hashed(table, after))
        self._write_back(name, new.append_column("_place", rows["_place"]))
        return len(rows)

    def _write_back(self, name: str, new: pa.Table) -> None:
        names = ", ".join(f'"{column}"' for column in new.column_names)
        sets = ", ".join(f'"{column}" = fresh."{column}"' for column in new.column_names if column != "_place")
        shape = f"select *, '' as _place from {name}"
        self.published("drop table if exists pg_temp.rewritten")
        self.published(f"create temp table rewritten as select {names} from ({shape}) as shaped limit 0")
        for batch in new.combine_chunks().to_batches(ROWS_IN_A_BATCH):
            lines = io.BytesIO(copy_text(batch))
            self._cursor.copy_expert(f"copy rewritten ({names}) from stdin with (encoding 'UTF8')", lines)
        same = "stored.ctid = fresh._place::tid"
        self.published(f"update {name} as stored set {sets} from rewritten as fresh where {same}")
        self.published("drop table rewritten")
