"""New, changed, gone: what was read against what the warehouse holds, a column at a time.

A row is known by its `_key`, a version of it by its `_row_hash`. The hash is made after the privacy policy, over the
table's name, the key, visibility and every stored column, so two keys never share one and a withheld value leaves no
trace in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc

from connector.columns import INSTANT
from connector.stored_rows import arrow_schema

if TYPE_CHECKING:
    from datetime import datetime

    from connector.contract import Table

HASH_BYTES: Final = 16
ROWS_AT_ONCE: Final = 20_000


@dataclass(frozen=True)
class Changes:
    """Rows to send for one table (stored form), and how many of them are new, changed, gone or back again."""

    rows: pa.Table
    new: int = 0
    changed: int = 0
    gone: int = 0


def hashed(table: Table, rows: pa.Table) -> pa.Array:
    """`_row_hash` of each row: 32 hexadecimal digits over the canonical form of what is stored.

    `rows` hold the declared columns, `_key`, `_visible` and `_extra`. Nulls are left out, so that a column added later
    does not make every row a new version; each value stands behind its name and length, so no two rows read alike.
    """
    # Piece by piece: the canonical form is larger than the rows.
    starts = range(0, len(rows), ROWS_AT_ONCE)
    return pa.concat_arrays([pa.array([], pa.string()), *(_hashes(table, rows.slice(s, ROWS_AT_ONCE)) for s in starts)])


def _hashes(table: Table, rows: pa.Table) -> pa.Array:
    parts = [_canonical(name, rows[name]) for name in sorted([*(c.name for c in table.columns), "_extra", "_key"])]
    visible = pc.if_else(rows["_visible"], f"{table.name}:1:", f"{table.name}:0:")
    joined = pc.binary_join_element_wise(visible, *parts, "", null_handling="replace", null_replacement="")
    begun, digests = blake2b(digest_size=HASH_BYTES).copy, bytearray()
    for text in joined.cast(pa.binary()).to_pylist():
        digest = begun()
        digest.update(text)
        digests += digest.digest()
    digits = pa.py_buffer(digests.hex().encode())
    return pa.Array.from_buffers(pa.binary(2 * HASH_BYTES), len(joined), [None, digits]).cast(pa.string())


def _canonical(name: str, values: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_timestamp(values.type) or pa.types.is_date(values.type):
        values = values.cast(pa.int64() if pa.types.is_timestamp(values.type) else pa.int32())
    if not pa.types.is_string(values.type):
        values = values.cast(pa.string())
    length = pc.binary_length(values).cast(pa.string())
    return pc.binary_join_element_wise(f"{name}=", length, ":", values, "", null_handling="emit_null")


def stored_form(
    table: Table, rows: pa.Table, *, not_before: datetime | None, visible: pa.Array | None = None
) -> pa.Table:
    """Typed rows after the privacy policy, with the system columns, in the order of the raw table."""
    count = len(rows)
    rows = rows.append_column("_visible", visible if visible is not None else pa.repeat(pa.scalar(value=True), count))
    rows = rows.append_column("_row_hash", hashed(table, rows))
    if "_not_before" not in rows.column_names:
        rows = rows.append_column("_not_before", pa.repeat(pa.scalar(not_before, INSTANT), count))
    schema = arrow_schema(table)
    return rows.select(schema.names).cast(schema)


def compared(rows: pa.Table, known: pa.Table) -> Changes:
    """Only the rows that differ from the known current versions (`_key`, `_row_hash`, `_visible`).

    `rows` hold one row for a key.
    """
    if len(rows) == 0:
        return Changes(rows)
    if len(known) == 0:
        return Changes(rows, new=len(rows))
    position = pc.index_in(rows["_key"], value_set=known["_key"])
    before = known["_row_hash"].take(position)
    seen_before = pc.is_valid(position)
    differs = pc.fill_null(pc.not_equal(rows["_row_hash"], before), fill_value=True)
    kept = rows.filter(differs)
    new = len(rows) - (pc.sum(seen_before).as_py() or 0)
    return Changes(kept, new=new, changed=len(kept) - new)


def tombstones(table: Table, last_known: pa.Table, *, observed_at: pa.Array, not_before: pa.Array) -> pa.Table:
    """A version that says "no longer in the list" for each row, with its last known values."""
    if len(last_known) == 0:
        return arrow_schema(table).empty_table()
    declared = [column.name for column in table.columns]
    rows = last_known.select([*declared, "_key", "account", "_extra"])
    rows = rows.append_column("_observed_at", observed_at).append_column("_not_before", not_before)
    invisible = pa.repeat(pa.scalar(value=False), len(rows))
    return stored_form(table, rows, not_before=None, visible=invisible)
