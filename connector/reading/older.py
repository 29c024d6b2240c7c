"""Rows that a list shows in an older version than the stored one: each is asked for by its id, once.

The list may come from a replica that lags: then the answer is newer, and it counts. Or a backup was restored: then the
answer is as old as the list, and it is the truth now.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc

from connector.absence import Found, is_older, resolve_older
from connector.findings import Drift

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from connector.absence import Answer
    from connector.reading.access import Access
    from connector.reading.account import StreamReading

MOST_ASKED: Final = 100
"""So many rows are asked for; when more went back, a backup was restored and the list's word is taken for the rest."""


def settle_older(
    access: Access,
    reading: StreamReading,
    tables: dict[str, pa.Table],
    ask: Callable[[Sequence[str]], Sequence[Answer]],
) -> tuple[dict[str, pa.Table], list[Drift]]:
    """The tables with the versions that hold, and what is to be told as drift."""
    stored = _newer_known(access, reading, tables)
    if not stored:
        return tables, []
    ids = sorted(stored)[:MOST_ASKED]
    answers = dict(zip(ids, ask(ids), strict=True))
    for record_id, answer in answers.items():
        if isinstance(answer, Found):
            record: tuple[tuple[bytes, int], datetime] = answer.record  # type: ignore[assignment]
            (raw, mark), at = record
            reading.collector.take([raw], [record_id], [mark], at)
    tables = reading.collector.tables()
    answered = _updated(reading, tables)
    kept: list[str] = []
    count_went_back = len(stored) - len(ids)
    for record_id, answer in answers.items():
        choice, note = resolve_older(stored[record_id], answer, answered.get(record_id))
        count_went_back += note is not None
        if choice == "keep_stored":
            kept.append(record_id)
            reading.collector.marks.pop(record_id, None)
    drift: list[Drift] = []
    if count_went_back and reading.note.ended_at is not None:
        detail = "rows went back to an older version than the stored one"
        drift.append(Drift(reading.name, "updated_at", "older_version", detail, count_went_back, reading.note.ended_at))
    return _without(reading, tables, kept), drift


def _newer_known(access: Access, reading: StreamReading, tables: Mapping[str, pa.Table]) -> dict[str, datetime]:
    """When the stored version of each row was updated that the list shows in an older one."""
    own, rows = reading.comparison.own, tables.get(reading.name)
    if rows is None or not len(rows) or reading.stream.by_id is None or "updated_at" not in rows.column_names:
        return {}
    known = access.known.rows(own, rows["_key"])
    if not len(known):
        return {}  # a first load: its rows by the hundred thousand are not turned into objects for nothing
    stored = dict(zip(known["_key"].to_pylist(), known["updated_at"].to_pylist(), strict=True))
    listed = zip(rows[own.key[-1]].to_pylist(), rows["_key"].to_pylist(), rows["updated_at"].to_pylist(), strict=True)
    return {record_id: stored[key] for record_id, key, at in listed if is_older(at, stored.get(key))}


def _updated(reading: StreamReading, tables: Mapping[str, pa.Table]) -> dict[str, datetime | None]:
    rows = tables[reading.name]
    ids = rows[reading.comparison.own.key[-1]].to_pylist()
    return dict(zip(ids, rows["updated_at"].to_pylist(), strict=True))


def _without(reading: StreamReading, tables: dict[str, pa.Table], ids: Sequence[str]) -> dict[str, pa.Table]:
    """The tables without those records and what is in their lists: their stored versions stay."""
    if not ids:
        return tables
    left_out = pa.array(ids, pa.string())
    kept = {}
    for table in reading.stream.tables:
        if table.name in tables:
            rows = tables[table.name]
            column = table.key[-1] if table.is_own else table.parent_columns[-1]
            kept[table.name] = rows.filter(pc.invert(pc.is_in(rows[column], value_set=left_out)))
    return kept
