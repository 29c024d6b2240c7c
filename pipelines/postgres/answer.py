"""Answers of PostgreSQL as arrow tables: the server writes CSV, arrow parses it, no row passes through Python."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
from pyarrow import csv

if TYPE_CHECKING:
    from collections.abc import Sequence

INSTANT: Final = pa.timestamp("us", "UTC")
NUMERIC: Final = 1700
ARROW_TYPES: Final[dict[int, pa.DataType]] = {
    16: pa.bool_(),
    20: pa.int64(),
    21: pa.int64(),
    23: pa.int64(),
    26: pa.int64(),
    700: pa.float64(),
    701: pa.float64(),
    1082: pa.date32(),
    1114: pa.timestamp("us"),
    1184: INSTANT,
}
"""Arrow types by the type numbers of PostgreSQL; whatever is not named here comes as text."""


def answer(connection: Any, query: str, values: Sequence[Any] = ()) -> pa.Table:
    """The answer to one query, which may hold `%s` for each of the values."""
    with connection.cursor() as cursor:
        asked = cursor.mogrify(query, list(values)).decode() if values else query
        asked = asked.strip().rstrip(";")
        cursor.execute(f"select * from (\n{asked}\n) as asked limit 0")
        columns = [(column.name, column.type_code) for column in cursor.description]
        written = io.BytesIO()
        cursor.copy_expert(f"copy (\n{asked}\n) to stdout with (format csv, encoding 'UTF8')", written)
    return _parsed(written, columns)


def _parsed(written: io.BytesIO, columns: Sequence[tuple[str, int]]) -> pa.Table:
    # Columns are told apart by position: a query may name two alike, and CSV has no names here.
    names = [str(number) for number in range(len(columns))]
    types = {
        name: ARROW_TYPES.get(code, pa.string()) for name, (_, code) in zip(names, columns, strict=True) if columns
    }
    if written.tell() == 0:
        return pa.table([pa.array([], types[name]) for name in names], names=[column for column, _ in columns])
    written.seek(0)
    table = csv.read_csv(
        written,
        read_options=csv.ReadOptions(column_names=names),
        parse_options=csv.ParseOptions(newlines_in_values=True),
        convert_options=csv.ConvertOptions(
            column_types=types,
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            true_values=["t"],
            false_values=["f"],
        ),
    )
    arrays = [
        _number(array) if code == NUMERIC else array for array, (_, code) in zip(table.columns, columns, strict=True)
    ]
    return pa.table(arrays, names=[name for name, _ in columns])


def _number(texts: pa.ChunkedArray) -> pa.Array:
    """Numbers of any precision: whole ones as integers where they fit, others as floating point."""
    found = [None if text is None else Decimal(text) for text in texts.to_pylist()]
    if all(number is None or (number.is_finite() and number == number.to_integral_value()) for number in found) and all(
        number is None or abs(number) < 2**63 for number in found
    ):
        return pa.array([None if number is None else int(number) for number in found], pa.int64())
    return pa.array([None if number is None else float(number) for number in found], pa.float64())
