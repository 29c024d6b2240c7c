"""The `meta` tables: what each refresh did, how each list was read, what did not fit.

They are written with `merge`, so a repeated load changes nothing, and every column is declared here.
"""

from __future__ import annotations

import json
from importlib import metadata
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from connector import principals
from connector.columns import INSTANT

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from connector.reading.harvest import Harvest

TEXT, COUNT, NUMBER = pa.string(), pa.int64(), pa.float64()

TABLES: Final[dict[str, tuple[dict[str, pa.DataType], tuple[str, ...]]]] = {
    "refreshes": (
        {
            "refresh_id": TEXT,
            "platform": TEXT,
            "account": TEXT,
            "started_at": INSTANT,
            "finished_at": INSTANT,
            "status": TEXT,
            "exit_status": COUNT,
            "requests": COUNT,
            "rows_changed": COUNT,
            "seconds": NUMBER,
            "versions": TEXT,
            "data_as_of": INSTANT,
            "principal_id": TEXT,
            "principal_role": TEXT,
            "scopes": TEXT,
            "policy": TEXT,
        },
        ("refresh_id", "platform", "account"),
    ),
    "principals": (principals.COLUMNS, principals.KEY),
    "sweeps": (
        {
            "refresh_id": TEXT,
            "platform": TEXT,
            "account": TEXT,
            "resource": TEXT,
            "started_at": INSTANT,
            "ended_at": INSTANT,
            "verdict": TEXT,
            "reason": TEXT,
            "count_declared": COUNT,
            "count_distinct": COUNT,
            "requests": COUNT,
            "re_reads": COUNT,
            "predicted_requests": COUNT,
            "predicted_seconds": NUMBER,
            "rows_new": COUNT,
            "rows_changed": COUNT,
            "rows_gone": COUNT,
            "seconds": NUMBER,
            "absences": TEXT,
            "fingerprint": TEXT,
            "count_absent": COUNT,
            "count_rescued": COUNT,
            "count_undecided": COUNT,
            "count_silent_changes": COUNT,
            "count_silent_open": COUNT,
            "count_silent_audit": COUNT,
            "count_accompanied": COUNT,
            "count_deferred": COUNT,
            "audit_share": NUMBER,
            "pending": TEXT,
            "baseline": TEXT,
        },
        ("refresh_id", "platform", "account", "resource"),
    ),
    "child_reads": (
        {"platform": TEXT, "account": TEXT, "resource": TEXT, "parent_id": TEXT, "last_read_at": INSTANT},
        ("platform", "account", "resource", "parent_id"),
    ),
    "record_marks": (
        {
            "platform": TEXT,
            "account": TEXT,
            "resource": TEXT,
            "record_id": TEXT,
            "mark": COUNT,
            "mark_key_id": TEXT,
        },
        ("platform", "account", "resource", "record_id"),
    ),
    "quarantine": (
        {
            "refresh_id": TEXT,
            "platform": TEXT,
            "account": TEXT,
            "number": COUNT,
            "table_name": TEXT,
            "row_key": TEXT,
            "column_name": TEXT,
            "reason": TEXT,
            "value": TEXT,
            "observed_at": INSTANT,
        },
        ("refresh_id", "platform", "account", "number"),
    ),
    "drift": (
        {
            "refresh_id": TEXT,
            "platform": TEXT,
            "account": TEXT,
            "number": COUNT,
            "resource": TEXT,
            "field": TEXT,
            "kind": TEXT,
            "detail": TEXT,
            "count_seen": COUNT,
            "observed_at": INSTANT,
        },
        ("refresh_id", "platform", "account", "number"),
    ),
    "formats": ({"format": COUNT, "program": TEXT}, ("format",)),
    "erasures": (
        {"erasure_id": TEXT, "platform": TEXT, "account": TEXT, "subject": TEXT, "erased_at": INSTANT},
        ("erasure_id",),
    ),
}

STATUSES: Final = {0: "ok", 5: "partial", 6: "absence_breaker"}


def schema_of(table: str) -> pa.Schema:
    """The arrow form of one meta table."""
    columns, key = TABLES[table]
    return pa.schema([pa.field(name, kind, nullable=name not in key) for name, kind in columns.items()])


def entries(refresh_id: str, harvests: Sequence[Harvest], *, policy: str) -> dict[str, pa.Table]:
    """The rows of all meta tables that come of one refresh; empty tables too, so that all exist from the first."""
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in TABLES}
    marks: list[pa.Table] = []
    for harvest in harvests:
        whose = {"refresh_id": refresh_id, "platform": harvest.platform, "account": harvest.account}
        rows["refreshes"].append(_refresh(harvest, policy) | whose)
        rows["principals"] += principals.principal_rows(refresh_id, harvest)
        rows["sweeps"] += [note | whose for note in harvest.notes()]
        rows["child_reads"] += [
            whose | {"resource": resource, "parent_id": parent, "last_read_at": at}
            for resource, reads in harvest.child_reads.items()
            for parent, at in reads.items()
        ]
        rows["quarantine"] += [
            vars_of(entry) | whose | {"number": number, "table_name": entry.table, "column_name": entry.column}
            for number, entry in enumerate(harvest.quarantined)
        ]
        rows["drift"] += [vars_of(entry) | whose | {"number": number} for number, entry in enumerate(harvest.drift)]
        marks += _marks(harvest)
    tables = {name: _table(name, found) for name, found in rows.items()}
    tables["record_marks"] = pa.concat_tables([tables["record_marks"], *marks])
    return tables


def _table(name: str, rows: Iterable[dict[str, Any]]) -> pa.Table:
    schema = schema_of(name)
    return pa.Table.from_pylist([{column: row.get(column) for column in schema.names} for row in rows], schema=schema)


def _marks(harvest: Harvest) -> Iterable[pa.Table]:
    """Marks by the hundred thousand: built column by column, not row by row."""
    for resource, marks in harvest.marks.items():
        count = len(marks)
        columns = {
            "platform": pa.repeat(harvest.platform, count),
            "account": pa.repeat(harvest.account, count),
            "resource": pa.repeat(resource, count),
            "record_id": pa.array(list(marks), TEXT),
            "mark": pa.array(list(marks.values()), pa.int64()),
            "mark_key_id": pa.repeat(harvest.mark_key_id, count),
        }
        yield pa.table(columns).cast(schema_of("record_marks"))


def _refresh(harvest: Harvest, policy: str) -> dict[str, Any]:
    principal = harvest.principal
    complete = [note.started_at for note in harvest.sweeps.values() if note.complete and note.started_at]
    return {
        "started_at": harvest.started_at,
        "finished_at": harvest.finished_at,
        "status": STATUSES[harvest.exit_status],
        "exit_status": harvest.exit_status,
        "requests": harvest.requests,
        "rows_changed": harvest.rows_changed,
        "seconds": harvest.seconds,
        "versions": json.dumps(versions()),
        "data_as_of": min(complete, default=None),
        "principal_id": principal.user_id or None,
        "principal_role": principal.role or None,
        "scopes": None if principal.scopes is None else json.dumps(sorted(principal.scopes)),
        "policy": policy,
    }


def versions() -> dict[str, str]:
    """The versions of the software that made a refresh."""
    names = ("hiring-elt", "dlt", "duckdb", "dbt-core", "httpx", "pyarrow")
    return {name: metadata.version(name) for name in names}


def vars_of(entry: Any) -> dict[str, Any]:
    """The fields of a frozen dataclass with slots."""
    return {name: getattr(entry, name) for name in entry.__dataclass_fields__}
