"""Loads what was read: changed rows into the raw tables, notes into the ledger.

Into a DuckDB file a session does so itself, in SQL; everywhere else dlt does. Both make the same tables and versions.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import TYPE_CHECKING, Any, Final, Protocol, runtime_checkable

import pyarrow as pa

from connector import ledger
from connector.platforms import PLATFORMS
from connector.stored_rows import ledger_form, raw_form
from pipelines.warehouse_format import noted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from connector.reading.harvest import Harvest
    from pipelines.warehouse import Session

STEP: Final = timedelta(milliseconds=1)
AUDIT: Final = pa.schema(
    [
        pa.field("audit_id", pa.string(), nullable=False),
        pa.field("noted_at", pa.timestamp("us", "UTC"), nullable=False),
        pa.field("actor", pa.string(), nullable=False),
        pa.field("command", pa.string(), nullable=False),
        pa.field("counts", pa.string(), nullable=False),
    ]
)


@runtime_checkable
class Direct(Protocol):
    """A session that makes tables and adds rows itself, to the effect of dlt's `scd2` and `merge`.

    dlt's schema, staging tables and files of a load cost more than the rows of a morning, and half of a first load.
    """

    def shape(self, schema: str, tables: Mapping[str, pa.Schema]) -> None:
        """Make tables, or give them the columns that they lack."""
        ...

    def merge(self, schema: str, table: str, rows: pa.Table, key: Sequence[str], load_id: str) -> None:
        """Put rows, one for a key, in the place of those of the same key."""
        ...

    def add_versions(
        self, schema: str, table: str, parts: Iterable[pa.Table], boundary: datetime, load_id: str
    ) -> None:
        """Put new versions of rows beside the old ones, which end at the boundary."""
        ...


def load_rows(session: Session, refresh_id: str, harvests: Sequence[Harvest]) -> None:
    """Send the rows that differ; tables of all platforms exist from the first load on, for the models."""
    for name, platform in PLATFORMS.items():
        of_platform = [harvest for harvest in harvests if harvest.platform == name]
        missing = _incomplete_tables(session, name)
        if not of_platform and not missing:
            continue
        boundary = _boundary(session, name, of_platform)
        due = [
            (table, chain.from_iterable([harvest.hand_over(table.name) for harvest in of_platform]))
            for table in platform.tables
            if table.name in missing or any(harvest.tables.get(table.name) for harvest in of_platform)
        ]
        if isinstance(session, Direct):
            for table, parts in due:
                session.add_versions(f"raw_{name}", table.name, parts, boundary, refresh_id)
        elif due:
            from pipelines.sending import send_versions

            send_versions(session, name, due, boundary)


def write_ledger(session: Session, refresh_id: str, harvests: Sequence[Harvest], *, policy: str) -> None:
    """Write the meta tables; those without new rows only when they do not exist yet."""
    tables = ledger.entries(refresh_id, harvests, policy=policy)
    schema = session.schema("meta")
    existing = {table for table, _ in session.columns(schema)}
    tables["formats"] = noted(session.query, session.table(schema, "formats") if "formats" in existing else None)
    due = {name: rows for name, rows in tables.items() if len(rows) or name not in existing}
    keys = {name: ledger.TABLES[name][1] for name in due}
    if isinstance(session, Direct):
        session.shape(schema, {name: ledger_form(rows.schema) for name, rows in due.items()})
        for name, rows in due.items():
            session.merge(schema, name, rows, keys[name], refresh_id)
    elif due:
        from pipelines.sending import send_merged

        send_merged(session, schema, {name: (rows, keys[name]) for name, rows in due.items()})


def write_audit(session: Session, line: Mapping[str, Any]) -> None:
    """Write a line of the audit of personal data into a warehouse that is no DuckDB file."""
    from pipelines.sending import send_merged

    rows = pa.Table.from_pylist([dict(line)], AUDIT)
    send_merged(session, session.schema("meta"), {"audit": (rows, ["audit_id"])})


def _boundary(session: Session, platform: str, harvests: Sequence[Harvest]) -> datetime:
    """The instant between old and new versions: the same for all tables, and after every earlier one."""
    started = min((harvest.started_at for harvest in harvests if harvest.started_at), default=utc_now())
    last = session.last_boundary(platform)
    return started if last is None else max(started, last.astimezone(UTC) + STEP)


def _incomplete_tables(session: Session, platform: str) -> set[str]:
    """Tables that do not exist, or that an older version made without a column: sent without rows, they get it."""
    schema, forms = f"raw_{platform}", {table.name: raw_form(table) for table in PLATFORMS[platform].tables}
    found = session.columns(schema)
    missing = {n: form for n, form in forms.items() if not found.issuperset((n, column) for column in form.names)}
    if missing and isinstance(session, Direct):
        session.shape(schema, missing)
        return set()
    return set(missing)


def utc_now() -> datetime:
    """The clock of this machine."""
    return datetime.now(UTC)
