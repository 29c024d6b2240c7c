"""JSON records into flat, typed arrow tables: one for the stream, one for each list inside its records.

What is not declared never becomes a column; a value that does not fit becomes null; a record without its key is set
aside whole. All of that is told in quarantine and drift, none of it stops the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.records.at_once import tables_at_once
from connector.records.typed import Received, Typed, look_for_new_words
from connector.records.with_care import type_carefully, type_objects

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.contract import Stream


def type_records(stream: Stream, received: Received, *, account: str, rename: Mapping[str, str] | None = None) -> Typed:
    """Type the records of a stream; raises ContractBroken when one record spells one field in two ways."""
    raw, observed, given = received.raw, received.observed_at, received.given
    tables = tables_at_once(stream, raw, observed, given, account=account, rename=rename or {})
    if tables is None:
        return type_carefully(stream, received, account=account, rename=rename)
    typed = Typed(tables, records=len(raw))
    for table in stream.tables:
        for column in table.columns if len(tables.get(table.name, ())) else ():
            rows = tables[table.name]
            look_for_new_words(typed, table, column, rows[column.name], rows["_observed_at"][0].as_py())
    return typed


__all__ = ["Received", "Typed", "type_carefully", "type_objects", "type_records"]
