"""Rewrites stored versions in place: values go, what is hashed is hashed anew, everything else stays as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import duckdb
import pyarrow as pa

from connector.changes import hashed
from connector.stored_rows import arrow_schema
from pipelines.personal.stored import stored_columns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from connector.contract import Column, Table
    from pipelines.personal.stored import Rows

ROWS_IN_A_BATCH: Final = 50_000


def rewritten(
    connection: Rows,
    platform: str,
    table: Table,
    columns: Sequence[str],
    change: Callable[[pa.Table], pa.Table],
    *,
    where: str,
    values: Sequence[Any] = (),
) -> int:
    """Change `columns` of the versions that a condition selects, in all of history; says how many rows it was.

    `change` gets the rows in stored form. `_row_hash` follows, so that the next comparison finds them unchanged.
    """
    if not isinstance(connection, duckdb.DuckDBPyConnection):
        return connection.rewritten(platform, table, columns, change, where=where, values=values)
    name = f'"raw_{platform}"."{table.name}"'
    schema = arrow_schema(table)
    present = set(stored_columns(connection, f"raw_{platform}", table.name))
    selected = ", ".join(selection(field, present) for field in schema)
    reader = connection.cursor()
    reader.execute("set timezone = 'UTC'")
    reader.execute(f"select rowid as _place, {selected} from {name} as stored where {where}", list(values))
    kept = [column for column in columns if column in present]
    connection.execute("drop table if exists temp.rewritten")
    count = 0
    for batch in reader.to_arrow_reader(ROWS_IN_A_BATCH):
        place, rows = batch.column(0), pa.Table.from_batches([batch]).drop_columns(["_place"]).cast(schema)
        after = change(rows)
        new = after.select(kept).append_column("_row_hash", hashed(table, after)).append_column("_place", place)
        connection.register("rewritten_batch", new)
        verb = "insert into temp.rewritten by name" if count else "create temp table rewritten as"
        connection.execute(f"{verb} select * from rewritten_batch")
        connection.unregister("rewritten_batch")
        count += len(rows)
    reader.close()
    if count:
        sets = ", ".join(f'"{column}" = fresh."{column}"' for column in (*kept, "_row_hash"))
        connection.execute(f"update {name} as stored set {sets} from rewritten as fresh where stored.rowid = _place")
        connection.execute("drop table temp.rewritten")
    return count


def selection(field: pa.Field, present: set[str]) -> str:
    """A column of the contract, as null where an older warehouse lacks it."""
    return f'"{field.name}"' if field.name in present else f'null as "{field.name}"'


def blanked(rows: pa.Table, columns: Iterable[str]) -> pa.Table:
    """The rows with nothing in those columns."""
    for name in columns:
        position = rows.schema.get_field_index(name)
        rows = rows.set_column(position, rows.schema.field(name), pa.nulls(len(rows), rows.schema.field(name).type))
    return rows


def any_filled(columns: Iterable[str]) -> str:
    """The condition that one of the columns holds something."""
    return " or ".join(f'"{name}" is not null' for name in columns) or "false"


def names(columns: Iterable[Column]) -> list[str]:
    """The names of the columns."""
    return [column.name for column in columns]
