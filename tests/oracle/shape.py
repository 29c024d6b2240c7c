"""Tables of the calculation, and how two tables are compared."""

from __future__ import annotations

import math
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import duckdb

TOLERANCE = 1e-9
Row = dict[str, Any]


def frame(rows: Iterable[Row], columns: Sequence[str]) -> pd.DataFrame:
    """Rows as a table of exactly these columns, values left as they are."""
    return pd.DataFrame([[row[name] for name in columns] for row in rows], columns=list(columns), dtype=object)


def built(database: duckdb.DuckDBPyConnection, table: str) -> list[Row]:
    """The rows of a table of the warehouse, instants as aware datetimes."""
    relation = database.sql(f"select * from {table}")
    names = relation.columns
    return [dict(zip(names, row, strict=True)) for row in relation.fetchall()]


def same(ours: object, theirs: object) -> bool:
    """Tell whether two values are equal, numbers within 1e-9."""
    if _is_null(ours) or _is_null(theirs):
        return _is_null(ours) and _is_null(theirs)
    if isinstance(ours, bool) or isinstance(theirs, bool):
        return ours is theirs
    if isinstance(ours, (int, float)) and isinstance(theirs, (int, float)):
        return math.isclose(ours, theirs, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    if isinstance(ours, datetime) and isinstance(theirs, datetime):
        return ours.timestamp() == theirs.timestamp()
    if isinstance(ours, date) and isinstance(theirs, date):
        return (ours.year, ours.month, ours.day) == (theirs.year, theirs.month, theirs.day)
    return ours == theirs


def _is_null(value: object) -> bool:
    return value is None or value is pd.NaT or (isinstance(value, float) and math.isnan(value))


def differences(ours: list[Row], theirs: list[Row], key: Sequence[str]) -> list[str]:
    """Say how two tables differ, row by row and column by column; nothing when they are equal."""

    def by_key(rows: list[Row], whose: str, found: list[str]) -> dict[tuple[object, ...], Row]:
        table: dict[tuple[object, ...], Row] = {}
        for row in rows:
            identity = tuple(_identity(row[name]) for name in key)
            if identity in table:
                found.append(f"{whose}: {identity} stands twice")
            table[identity] = row
        return table

    found: list[str] = []
    mine, built_rows = by_key(ours, "calculated", found), by_key(theirs, "built", found)
    found += [f"only calculated: {identity}" for identity in mine if identity not in built_rows]
    found += [f"only built: {identity}" for identity in built_rows if identity not in mine]
    if mine and built_rows:
        columns = list(next(iter(mine.values())))
        there = list(next(iter(built_rows.values())))
        if set(columns) != set(there):
            found.append(
                f"columns: only calculated {set(columns) - set(there)}, only built {set(there) - set(columns)}"
            )
        for identity, row in mine.items():
            other = built_rows.get(identity, {})
            found += [
                f"{identity} {name}: calculated {row[name]!s}, built {other[name]!s}"
                for name in columns
                if name in other and not same(row[name], other[name])
            ]
    return found


def _identity(value: object) -> object:
    if _is_null(value):
        return None
    if isinstance(value, datetime):
        return value.timestamp()
    return value
