"""Logs of requests name people in the paths that were asked for; those texts go, the rest of the row stays."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc

from connector.changes import hashed
from connector.contract import Kind, Privacy, Way

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from connector.contract import Platform, Table

BETWEEN_WORDS: Final = re.compile(r"[/?#&=]")


def logs(platform: Platform) -> Iterator[tuple[Table, str]]:
    """The tables that are logs, with each of their columns that may name somebody."""
    for table in platform.tables:
        for column in table.columns if table.stream.way is Way.LOG else ():
            if column.kind is Kind.TEXT and column.privacy in {Privacy.FACT, Privacy.FREE_TEXT}:
                yield table, column.name


def naming(texts: Iterable[str | None], recognise: Callable[[Collection[str]], Collection[str]]) -> list[str]:
    """The texts that name one of the people; `recognise` says which words are ids of theirs."""
    words = {text: set(BETWEEN_WORDS.split(text)) for text in texts if text and "/" in text}
    people = set(recognise(set().union(*words.values())))
    return sorted(text for text, found in words.items() if found & people)


def without(table: Table, rows: pa.Table, column: str, texts: Collection[str]) -> pa.Table:
    """The rows, in stored form, with nothing in the place of those texts."""
    theirs = pc.is_in(rows[column], value_set=pa.array(texts, pa.string()))
    kept = pc.if_else(theirs, pa.scalar(None, pa.string()), rows[column])
    rows = rows.set_column(rows.schema.get_field_index(column), rows.schema.field(column), kept)
    place = rows.schema.get_field_index("_row_hash")
    return rows.set_column(place, rows.schema.field("_row_hash"), hashed(table, rows))
