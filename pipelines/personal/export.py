"""One person's rows, of all tables and versions, for the person to have."""

from __future__ import annotations

import json
import os
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from pipelines.load import write_audit
from pipelines.personal import audit
from pipelines.personal.care import Care
from pipelines.personal.care_of import care_of
from pipelines.personal.mirror import mirrored
from pipelines.personal.person import stored_belongings
from pipelines.warehouse import open_warehouse

if TYPE_CHECKING:
    import threading
    from pathlib import Path

    from pipelines.personal.erase import Whom
    from pipelines.personal.person import Person
    from pipelines.personal.stored import Rows
    from pipelines.settings import Settings

LEFT_OUT = ("_row_hash", "_dlt_load_id")
"""Columns that say nothing about a person."""
COMMAND = "privacy export"


def export(settings: Settings, whom: Whom, stop: threading.Event, *, wait_seconds: float = 0.0) -> dict[str, Any]:
    """A person's rows by table, as they are stored; the audit keeps that they were taken out, not whose they were."""
    warehouse = open_warehouse(settings.warehouse)
    warehouse.query("select 1")
    with warehouse.session(wait_seconds=wait_seconds, stop=stop) as session:
        care = care_of(session)
        if isinstance(care, Care):
            with care.opened() as connection:
                person = whom.found(connection, settings.policy)
                tables = rows_of(connection, person)
                audit.note(connection, COMMAND, _counts(tables))
        else:
            with mirrored(warehouse) as connection:
                person = whom.found(connection, settings.policy)
                tables = rows_of(connection, person)
            write_audit(session, audit.line(COMMAND, _counts(tables)))
        session.publish()
    return {
        "exported_at": datetime.now(UTC),
        "profile": settings.policy.profile.value,
        "records": [{"platform": p, "stream": stream, "id": one} for p, stream, one in person.records()],
        "tables": tables,
    }


def _counts(tables: dict[str, list[dict[str, Any]]]) -> dict[str, int]:
    return {name: len(rows) for name, rows in tables.items()}


def rows_of(connection: Rows, person: Person) -> dict[str, list[dict[str, Any]]]:
    """All versions of a person's rows, by raw table, oldest first; values that did not fit come with the quarantine."""
    found: dict[str, list[dict[str, Any]]] = {}
    keys: list[tuple[str, str, list[str]]] = []
    for belonging in stored_belongings(connection):
        ids = list(person.of(belonging.platform, belonging.owner.stream))
        query = (
            f'select * from {belonging.name} where "{belonging.owner.column}" = any(?) order by _key, _dlt_valid_from'
        )
        rows = connection.execute(query, [ids]).to_arrow_table().to_pylist() if ids else []
        if rows:
            found[f"raw_{belonging.platform}.{belonging.table.name}"] = [_told(row) for row in rows]
            keys.append((belonging.platform, belonging.table.name, [*ids, *(row["_key"] for row in rows)]))
    quarantined = []
    for platform, table, of_rows in keys:
        query = "select * from meta.quarantine where platform = ? and table_name = ? and row_key = any(?)"
        quarantined += connection.execute(query, [platform, table, of_rows]).to_arrow_table().to_pylist()
    if quarantined:
        found["meta.quarantine"] = [_told(row) for row in quarantined]
    return found


def _told(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in LEFT_OUT}


def as_text(exported: dict[str, Any]) -> str:
    """The export as JSON text."""
    return json.dumps(exported, ensure_ascii=False, indent=1, default=_text) + "\n"


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"a value of type {type(value).__name__} has no JSON form")


def write_private(path: Path, text: str) -> None:
    """Write a new file that its owner alone may read; an existing file is not written over."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as writable:
        writable.write(text)
