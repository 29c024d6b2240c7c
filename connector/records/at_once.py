"""Records into typed tables as a whole, by arrow's own JSON reader: no Python object for any value.

That reader is used where it is sure to say what `connector.records` would: every record carries declared fields only,
each value of its declared form, each row its key. At the first sign of anything else it says so and leaves the records
to the careful way, which finds out which of them is odd.
"""

from __future__ import annotations

from io import BytesIO
from math import copysign
from typing import TYPE_CHECKING, Any, Final

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from connector.columns import INSTANT, LONGEST_TEXT_CHARACTERS, instants, to_array
from connector.contract import Kind
from connector.stored_rows import key_array

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from connector.contract import Child, Column, Stream, Table

READ_AS: Final = {
    Kind.TEXT: pa.string(),
    Kind.INTEGER: pa.int64(),
    Kind.NUMBER: pa.float64(),
    Kind.FLAG: pa.bool_(),
    Kind.TIMESTAMP: pa.string(),
    Kind.DATE: pa.string(),
    Kind.JSON: pa.list_(pa.string()),  # the usual content of such a column; whatever else it holds goes the careful way
}
MOST_BYTES: Final = 2**28
NUL: Final = rb"\u0000"
"""The only way in which JSON can carry that character, which is no part of a text here."""
FIRST_DAY: Final = -719_162
"""Days from 1970 back to the first day of the year 1."""

_KEYS: Final = msgspec.json.Decoder(list[dict[str, msgspec.Raw]])
_INNER_KEYS: Final = msgspec.json.Decoder(list[list[dict[str, msgspec.Raw]] | None])


class _OddError(Exception):
    """Something here is for the careful way."""


def tables_at_once(
    stream: Stream,
    raw: Sequence[bytes],
    observed_at: Sequence[datetime],
    given: Sequence[Mapping[str, str]] | None,
    *,
    account: str,
    rename: Mapping[str, str],
) -> dict[str, pa.Table] | None:
    """The tables of a stream's records, those of the lists in them included; None where the careful way must look."""
    shape = _shape(stream, rename)
    if shape is None or not raw or not all(record.startswith(b"{") for record in raw):
        return None
    try:
        return _Batch(stream, raw, account, rename).tables(shape, observed_at, given)
    except (_OddError, pa.ArrowInvalid, UnicodeDecodeError, msgspec.DecodeError):
        return None


def _shape(stream: Stream, rename: Mapping[str, str]) -> pa.Schema | None:
    """What one record is declared to hold; None for streams whose records cannot be declared to arrow."""
    fields = _fields(stream.columns, rename)
    if fields is None:
        return None
    for child in stream.children:
        entry = _fields([column for column in child.columns if column.field != "."], rename)
        name = rename.get(child.field, child.field)
        if child.entries is not None or entry is None or name in fields or "." in name:
            return None
        scalar = child.columns[0].field == "."
        fields[name] = pa.list_(READ_AS[child.columns[0].kind] if scalar else pa.struct(list(entry.items())))
    return pa.schema(list(fields.items()))


def _fields(columns: Sequence[Column], rename: Mapping[str, str]) -> dict[str, pa.DataType] | None:
    fields: dict[str, pa.DataType] = {}
    for column in columns:
        name = rename.get(column.field, column.field)
        if "." in name or name in fields:
            return None
        fields[name] = READ_AS[column.kind]
    return fields


class _Batch:
    """Some records, while they become tables."""

    def __init__(self, stream: Stream, raw: Sequence[bytes], account: str, rename: Mapping[str, str]) -> None:
        self.stream = stream
        self.raw = raw
        self.account = account
        self.rename = rename

    def tables(
        self, shape: pa.Schema, observed_at: Sequence[datetime], given: Sequence[Mapping[str, str]] | None
    ) -> dict[str, pa.Table]:
        """All tables; raises where something is odd."""
        from pyarrow import json as arrow_json

        sizes = [len(record) for record in self.raw]
        if max(sizes) > LONGEST_TEXT_CHARACTERS or sum(sizes) > MOST_BYTES:
            raise _OddError
        text = b"\n".join(self.raw)
        if NUL in text:
            raise _OddError
        options = arrow_json.ParseOptions(explicit_schema=shape, unexpected_field_behavior="error")
        at_once = arrow_json.ReadOptions(use_threads=False, block_size=len(text) + 1)
        read = arrow_json.read_json(BytesIO(text), read_options=at_once, parse_options=options).combine_chunks()
        if len(read) != len(self.raw):
            raise _OddError
        rows = {name: read[name].combine_chunks() for name in read.column_names}
        observed = pa.array(observed_at, INSTANT)
        own = next(table for table in self.stream.tables if table.is_own)
        beside: dict[str, pa.Array] = {}
        for name in given[0] if given else ():
            beside[name] = pa.array([one.get(name) for one in given or ()], pa.string())
        found = {own.name: self._table(own, rows, beside, observed)}
        for table in self.stream.tables:
            if table.child is not None and table.parent is not None:
                found[table.name] = self._child_table(table, table.child, rows, found[own.name], observed)
        return found

    def _child_table(
        self, table: Table, child: Child, rows: Mapping[str, pa.Array], parents: pa.Table, observed: pa.Array
    ) -> pa.Table:
        """The rows of a list inside the records."""
        name = self._name(child.field)
        lists = rows[name]
        if lists.null_count == len(lists) and name not in self._carried():
            raise _OddError
        owners = pc.list_parent_indices(lists)
        entries = pc.list_flatten(lists)
        if entries.null_count:
            raise _OddError
        beside = {own: parents[parent].combine_chunks().take(owners) for parent, own in child.from_parent.items()}
        if child.columns[0].field == ".":
            beside[child.columns[0].name] = entries
            inner: dict[str, pa.Array] = {}
        else:
            inner = dict(zip(entries.type.names, entries.flatten(), strict=True))
        return self._table(table, inner, beside, observed.take(owners))

    def _table(
        self, table: Table, rows: Mapping[str, pa.Array], beside: Mapping[str, pa.Array], observed: pa.Array
    ) -> pa.Table:
        """One table; `beside` are columns that the records do not carry."""
        columns = {
            column.name: beside[column.name] if column.field == "." else self._column(table, column, rows)
            for column in table.columns
        }
        for name in table.key:
            if columns[name].null_count or pc.any(pc.equal(columns[name], "")).as_py():
                raise _OddError
        count = len(observed)
        system = {
            "_key": key_array(self.account, [columns[name] for name in table.key]),
            "account": pa.repeat(self.account, count),
            "_observed_at": observed,
            "_extra": pa.nulls(count, pa.string()),
        }
        return pa.table(columns | system)

    def _column(self, table: Table, column: Column, rows: Mapping[str, pa.Array]) -> pa.Array:
        name = self._name(column.field)
        array = rows[name]
        is_empty = len(array) > 0 and array.null_count == len(array)
        if is_empty and not column.optional and name not in self._carried(table.child):
            raise _OddError
        match column.kind:
            case Kind.NUMBER:
                # A whole -0 is 0 when it is read with care.
                zeros = array.filter(pc.equal(array, 0.0)).to_pylist()
                if any(copysign(1.0, zero) < 0 for zero in zeros):
                    raise _OddError
            case Kind.TIMESTAMP:
                return _or_odd(instants(array))
            case Kind.DATE:
                days = array.cast(pa.date32())
                if (pc.min(days.cast(pa.int32())).as_py() or 0) < FIRST_DAY:
                    raise _OddError
                return days
            case Kind.JSON:
                return self._json(table, column)
        return array

    def _json(self, table: Table, column: Column) -> pa.Array:
        """Lists kept as JSON text: only this column of the records becomes Python objects."""
        if not table.is_own:
            raise _OddError
        holder = msgspec.defstruct("Holder", [("value", Any, None)], rename={"value": self._name(column.field)})
        held: list[Any] = msgspec.json.decode(b"[" + b",".join(self.raw) + b"]", type=list[holder])  # type: ignore[valid-type]
        array, misfits = to_array(column, [one.value for one in held])
        if misfits:
            raise _OddError
        return array

    def _name(self, field: str) -> str:
        return self.rename.get(field, field)

    def _carried(self, child: Child | None = None) -> set[str]:
        """The fields that at least one record, or one entry of a list in the records, carries, be it as null."""
        records = _KEYS.decode(b"[" + b",".join(self.raw) + b"]")
        if child is None:
            return set().union(*records)
        name = self._name(child.field)
        lists = _INNER_KEYS.decode(b"[" + b",".join(record[name] for record in records if name in record) + b"]")
        return set().union(*(entry for entries in lists for entry in entries or ()))


def _or_odd(array: pa.Array | None) -> pa.Array:
    if array is None:
        raise _OddError
    return array


__all__ = ["tables_at_once"]
