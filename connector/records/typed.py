"""What goes into the typing of records and what comes out of it, whichever way they are typed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc

from connector.findings import Drift

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    import pyarrow as pa

    from connector.contract import Column, Table
    from connector.findings import Quarantined


@dataclass
class Typed:
    """What became of some records: a table for each declared table of the stream, and what was noticed.

    Tables hold the declared columns, `_key`, `account`, `_observed_at` and `_extra` (JSON text of undeclared fields).
    `fields_missing` names the declared fields that no record carried; `unread_lists` the parents, by table, of which a
    list could not be read, so that its rows are not taken for gone.
    """

    tables: dict[str, pa.Table]
    quarantined: list[Quarantined] = field(default_factory=list)
    drift: list[Drift] = field(default_factory=list)
    fields_missing: set[str] = field(default_factory=set)
    unread_lists: dict[str, set[str]] = field(default_factory=dict)
    records: int = 0


@dataclass(frozen=True, slots=True)
class Received:
    """Raw records of one stream, in the order in which they were read.

    `observed_at[i]` is the instant of the reply that held record i; `given[i]` are columns that the reply does not
    carry (whose steps these are).
    """

    raw: Sequence[bytes]
    observed_at: Sequence[datetime]
    given: Sequence[Mapping[str, str]] | None = None


def look_for_new_words(typed: Typed, table: Table, column: Column, array: pa.Array, at: datetime) -> None:
    """Note words that are not among the documented ones of a column that has some."""
    for entry in pc.value_counts(array).to_pylist() if column.known else ():
        word = entry["values"]
        if word is not None and word not in column.known:
            typed.drift.append(Drift(table.name, column.name, "new_value", word[:60], entry["counts"], at))


def inner(row: Mapping[str, Any], path: str) -> Any:
    """The value at a dotted path, None where the path ends early."""
    value: Any = row
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value
