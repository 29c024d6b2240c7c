"""The stored form of a raw table's rows, as arrow: their columns, their keys, one row for a key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from connector.columns import ARROW_TYPES, INSTANT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connector.contract import Table

NEEDS_ESCAPE: Final = r'["\\\x00-\x1f]'
_ENCODE: Final = msgspec.json.Encoder().encode


def key_texts(account: str, parts: Sequence[Sequence[str]]) -> list[str]:
    """The `_key` of each row: the JSON array of its account and natural key."""
    return [_ENCODE([account, *row]).decode() for row in zip(*parts, strict=True)]


def key_array(account: str, parts: Sequence[pa.Array]) -> pa.Array:
    """The same for columns of texts without nulls: joined as a whole while no text needs an escape in JSON."""
    if any(pc.any(pc.match_substring_regex(part, NEEDS_ESCAPE)).as_py() for part in parts):
        return pa.array(key_texts(account, [part.to_pylist() for part in parts]), pa.string())
    first = _ENCODE(account).decode()
    pieces = [piece for part in parts for piece in ('","', part)][1:]
    return pc.binary_join_element_wise(f'[{first},"', *pieces, '"]', "")


def arrow_schema(table: Table) -> pa.Schema:
    """The stored form of a raw table as arrow: declared columns, then the system columns."""
    declared = [pa.field(column.name, ARROW_TYPES[column.kind]) for column in table.columns]
    system = [
        pa.field("_key", pa.string(), nullable=False),
        pa.field("account", pa.string(), nullable=False),
        pa.field("_row_hash", pa.string(), nullable=False),
        pa.field("_visible", pa.bool_(), nullable=False),
        pa.field("_observed_at", INSTANT, nullable=False),
        pa.field("_not_before", INSTANT),
        pa.field("_extra", pa.string()),
    ]
    return pa.schema([*declared, *system])


def raw_form(table: Table) -> pa.Schema:
    """The columns of a raw table as dlt makes it: the stored form, its load id, the two ends of a version."""
    ends = [pa.field(name, INSTANT) for name in ("_dlt_valid_from", "_dlt_valid_to")]
    return pa.schema([*ledger_form(arrow_schema(table)), *ends])


def ledger_form(rows: pa.Schema) -> pa.Schema:
    """The columns of a ledger table as dlt makes it: those of its rows, and its load id."""
    return rows.append(pa.field("_dlt_load_id", pa.string(), nullable=False))


def latest_of_each_key(table: pa.Table) -> tuple[pa.Table, int]:
    """One row for a key: the newest by `updated_at`, then the last read; with the number of rows dropped."""
    keys = table["_key"]
    if len(keys) == pc.count_distinct(keys).as_py():
        return table, 0
    order = pa.array(range(len(table)), pa.int64())
    sort = [("_key", "ascending")]
    if "updated_at" in table.column_names:
        sort.append(("updated_at", "ascending"))
    table = table.append_column("_position", order)
    ordered = table.sort_by([*sort, ("_position", "ascending")])
    keys = ordered["_key"].combine_chunks()
    last = pc.fill_null(pc.not_equal(keys.slice(0, len(keys) - 1), keys.slice(1)), fill_value=True)
    keep = pa.concat_arrays([last, pa.array([True])])
    kept = ordered.filter(keep).sort_by("_position").drop_columns(["_position"])
    return kept, len(table) - len(kept)
