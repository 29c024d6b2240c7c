"""One column of JSON values into one typed arrow array; what does not fit becomes null and is handed back.

The usual case is decided by the set of Python types in the column and converted by arrow as a whole; only a column
with something odd in it is walked value by value.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from connector.contract import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from connector.contract import Column

ARROW_TYPES: Final = {
    Kind.TEXT: pa.string(),
    Kind.INTEGER: pa.int64(),
    Kind.NUMBER: pa.float64(),
    Kind.FLAG: pa.bool_(),
    Kind.TIMESTAMP: pa.timestamp("us", "UTC"),
    Kind.DATE: pa.date32(),
    Kind.JSON: pa.string(),
}
INSTANT: Final = ARROW_TYPES[Kind.TIMESTAMP]
LONGEST_TEXT_CHARACTERS: Final = 1_000_000
NONE: Final = type(None)
INT64: Final = range(-(2**63), 2**63)
FIRST_INSTANT: Final = -62_135_596_800_000_000
"""Microseconds from 1970 back to the first instant of the year 1: nothing earlier can be an answer of Python's."""
MISFIT: Final = object()

Misfits = list[tuple[int, Any, str]]
"""Position, value and what is wrong with it, for each value that did not fit (or had to be mended)."""


def to_array(column: Column, values: Sequence[Any]) -> tuple[pa.Array, Misfits]:
    """The values of one column, typed; `values` are decoded JSON values, None where absent or null."""
    types = set(map(type, values))
    types.discard(NONE)
    if not types:
        return pa.nulls(len(values), ARROW_TYPES[column.kind]), []
    return _CONVERTERS[column.kind](values, types)


def instants(texts: pa.Array) -> pa.Array | None:
    """Texts as instants; None where one has no offset, more digits than microseconds, or is no instant at all."""
    try:
        array = texts.cast(INSTANT)
    except pa.ArrowInvalid:
        return None
    return array if (pc.min(array.cast(pa.int64())).as_py() or 0) >= FIRST_INSTANT else None


def _text(values: Sequence[Any], types: set[type]) -> tuple[pa.Array, Misfits]:
    misfits: Misfits = []
    if types != {str}:
        values, misfits = _one_by_one(values, _as_text)
    try:
        array = pa.array(values, pa.string())
    except UnicodeEncodeError:
        values, more = _one_by_one(values, _without_surrogates, keep=True)
        array, misfits = pa.array(values, pa.string()), misfits + more
    if pc.any(pc.match_substring(array, "\0")).as_py():
        misfits += [(i, None, "held the character NUL, removed") for i, v in enumerate(values) if v and "\0" in v]
        array = pc.replace_substring(array, "\0", "")
    if (pc.max(pc.utf8_length(array)).as_py() or 0) > LONGEST_TEXT_CHARACTERS:
        lengths = pc.utf8_length(array).to_pylist()
        misfits += [
            (i, None, "cut to its length cap") for i, n in enumerate(lengths) if n and n > LONGEST_TEXT_CHARACTERS
        ]
        array = pc.utf8_slice_codeunits(array, 0, LONGEST_TEXT_CHARACTERS)
    return array, misfits


def _integer(values: Sequence[Any], types: set[type]) -> tuple[pa.Array, Misfits]:
    if types == {int}:
        try:
            return pa.array(values, pa.int64()), []
        except (OverflowError, pa.ArrowInvalid):
            pass  # decided value by value below
    kept, misfits = _one_by_one(values, _as_integer)
    return pa.array(kept, pa.int64()), misfits


def _number(values: Sequence[Any], types: set[type]) -> tuple[pa.Array, Misfits]:
    if types == {float}:
        return pa.array(values, pa.float64()), []
    kept, misfits = _one_by_one(values, _as_number)
    return pa.array(kept, pa.float64()), misfits


def _flag(values: Sequence[Any], types: set[type]) -> tuple[pa.Array, Misfits]:
    if types == {bool}:
        return pa.array(values, pa.bool_()), []
    kept, misfits = _one_by_one(values, lambda value: value if isinstance(value, bool) else MISFIT)
    return pa.array(kept, pa.bool_()), misfits


def _timestamp(values: Sequence[Any], types: set[type]) -> tuple[pa.Array, Misfits]:
    if types == {str}:
        try:
            array = instants(pa.array(values, pa.string()))
        except UnicodeEncodeError:
            array = None
        if array is not None:
            return array, []
    kept, misfits = _one_by_one(values, _as_instant)
    flagged = [
        (i, None, "had no offset, taken as UTC")
        for i, value in enumerate(values)
        if isinstance(value, str) and kept[i] is not None and _naive(value)
    ]
    return pa.array(kept, INSTANT), misfits + flagged


def _date(values: Sequence[Any], _types: set[type]) -> tuple[pa.Array, Misfits]:
    kept, misfits = _one_by_one(values, _as_date)
    return pa.array(kept, pa.date32()), misfits


def _json(values: Sequence[Any], _types: set[type]) -> tuple[pa.Array, Misfits]:
    texts = [None if value is None else msgspec.json.encode(value).decode() for value in values]
    return pa.array(texts, pa.string()), []


_CONVERTERS: Final[dict[Kind, Callable[[Sequence[Any], set[type]], tuple[pa.Array, Misfits]]]] = {
    Kind.TEXT: _text,
    Kind.INTEGER: _integer,
    Kind.NUMBER: _number,
    Kind.FLAG: _flag,
    Kind.TIMESTAMP: _timestamp,
    Kind.DATE: _date,
    Kind.JSON: _json,
}


def _one_by_one(
    values: Sequence[Any], convert: Callable[[Any], Any], *, keep: bool = False
) -> tuple[list[Any], Misfits]:
    """Each value converted; a misfit becomes None, or with `keep` a changed value stays and is only told."""
    kept: list[Any] = []
    misfits: Misfits = []
    for position, value in enumerate(values):
        result = None if value is None else convert(value)
        if result is MISFIT:
            misfits.append((position, value, f"does not fit: {_described(value)}"))
            result = None
        elif keep and result != value:
            misfits.append((position, None, "held half a character pair, replaced"))
        kept.append(result)
    return kept, misfits


def _described(value: object) -> str:
    names = {
        str: "text",
        bool: "true or false",
        int: "a whole number",
        float: "a number",
        list: "a list",
        dict: "an object",
    }
    return names.get(type(value), "another type")


def _as_text(value: Any) -> Any:
    if isinstance(value, str):
        return value
    return MISFIT if isinstance(value, dict | list) else msgspec.json.encode(value).decode()


def _without_surrogates(value: str) -> str:
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _as_integer(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if type(value) is int and value in INT64 else MISFIT


def _as_number(value: Any) -> Any:
    if type(value) not in (int, float):
        return MISFIT
    try:
        return float(value)
    except OverflowError:
        return MISFIT


def _naive(value: str) -> bool:
    return dt.datetime.fromisoformat(value.strip()).tzinfo is None


def _as_instant(value: Any) -> Any:
    if not isinstance(value, str):
        return MISFIT
    try:
        instant = dt.datetime.fromisoformat(value.strip())
        return (instant.replace(tzinfo=dt.UTC) if instant.tzinfo is None else instant).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return MISFIT


def _as_date(value: Any) -> Any:
    if not isinstance(value, str):
        return MISFIT
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        instant = _as_instant(value)
        return MISFIT if instant is MISFIT else instant.date()
