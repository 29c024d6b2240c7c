"""A small warehouse made by hand: every raw and meta table, and versions added row by row.

    world = RawWorld(path)
    world.talent_ray("candidates", "2026-01-01 00:00", id="c1", created_at="2026-01-01 00:00")
    world.talent_ray("candidate_roles", "2026-01-02 08:00", candidate_id="c1", role_id="r1", status="In Pipeline")
    world.gone("raw_talent_ray", "candidate_roles", "2026-01-03 08:00", candidate_id="c1", role_id="r1")
    world.refresh("2026-01-03 07:59", "2026-01-03 08:01")
    world.save()

A row with the same key closes the version before it, and takes over the columns that are not named. Instants are
text in UTC. `not_before` defaults to null, `valid_from` (the warehouse's clock) to the instant of observation.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import duckdb
import pandas as pd

if TYPE_CHECKING:
    from pathlib import Path

_KINDS = {
    "text": "VARCHAR",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "flag": "BOOLEAN",
    "date": "DATE",
    "instant": "TIMESTAMP WITH TIME ZONE",
}


def _columns(**names_by_kind: str) -> dict[str, str]:
    """Turn `text="id name"` into `{"id": "VARCHAR", "name": "VARCHAR"}`."""
    return {name: _KINDS[kind] for kind, names in names_by_kind.items() for name in names.split()}


_PERSON = "full_name email contact_email phone"
TALENT_RAY: dict[str, dict[str, str]] = {
    "candidates": _columns(text="id full_name email phone status", instant="created_at updated_at"),
    "candidate_roles": _columns(
        text="candidate_id role_id role_name organization_id status", number="overall_fit_score", flag="approved"
    ),
    "candidate_steps": _columns(
        text="candidate_id id role_id role_step_id name step_type status rejection_reason offer_response",
        integer="order",
        instant="started_at completed_at validated_at rejected_at created_at updated_at",
        number="validation_score",
    ),
    "roles": _columns(
        text="id name organization_id status priority department location work_type salary_currency salary_period"
        " role_level",
        flag="is_public",
        number="salary_min salary_max",
        integer="target_hire_count",
        instant="created_at updated_at",
    ),
    "role_steps": _columns(
        text="id role_id name description step_type validation_type",
        integer="order",
        number="passing_score",
        flag="is_required allow_skip",
        instant="created_at updated_at",
    ),
    "tests": _columns(
        text="id name type description target_persona analysis_category language",
        integer="duration",
        flag="is_public",
        instant="created_at updated_at",
    ),
    "test_organizations": _columns(text="test_id organization_id"),
    "leads": _columns(text=f"id {_PERSON} status skills summary candidate_id", instant="created_at updated_at"),
    "lead_roles": _columns(
        text="lead_id role_id role_name organization_id status", number="resume_fit_score overall_fit_score"
    ),
    "lead_organizations": _columns(text="lead_id organization_id status"),
    "cv_screening_batches": _columns(
        text="batch_id status", integer="total_candidates completed_candidates processing_candidates"
    ),
    "cv_screening_batch_members": _columns(
        text=f"batch_id lead_id {_PERSON} status skills summary candidate_id", instant="created_at updated_at"
    ),
    "cv_screening_batch_member_roles": _columns(
        text="batch_id lead_id role_id role_name organization_id status", number="resume_fit_score overall_fit_score"
    ),
    "portal_roles": _columns(
        text="slug id name description department location work_type collar_type salary_currency salary_period"
        " organization_name",
        number="salary_min salary_max",
        instant="created_at",
    ),
    "api_keys": _columns(
        text="id name prefix start owner_id owner_email owner_name owner_platform_role owner_org_role"
        " owner_organization_id",
        flag="enabled",
        instant="created_at updated_at last_request expires_at",
        integer="request_count",
    ),
    "api_key_usage": _columns(text="api_key_id id method path ip user_agent auth_endpoint", instant="timestamp"),
}
TAILED: dict[str, dict[str, str]] = {
    "candidates": _columns(
        text="id full_name email phone source university tags", instant="created_at updated_at deleted_at"
    ),
    "jobs": _columns(
        text="id title department location employment_type status",
        integer="openings",
        instant="created_at published_at closed_at updated_at deleted_at",
    ),
    "applications": _columns(
        text="id candidate_id job_id stage status source rejection_reason",
        instant="applied_at stage_entered_at hired_at rejected_at withdrawn_at created_at updated_at deleted_at",
    ),
    "analytics_snapshots": _columns(
        text="id job_id",
        date="date",
        integer="applications_total active_candidates hires",
        number="average_time_to_hire_days",
        instant="generated_at",
    ),
    "analytics_snapshot_stages": _columns(text="snapshot_id stage", integer="count"),
}
META: dict[str, dict[str, str]] = {
    "refreshes": _columns(
        text="refresh_id platform account status versions principal_id principal_role scopes",
        instant="started_at finished_at data_as_of",
        integer="exit_status requests rows_changed",
    ),
    "sweeps": _columns(
        text="refresh_id platform account resource verdict reason absences fingerprint pending",
        instant="started_at ended_at",
        integer="count_declared count_distinct requests re_reads predicted_requests rows_new rows_changed rows_gone"
        " count_absent count_rescued count_undecided count_silent_changes",
        number="seconds audit_share",
    ),
    "child_reads": _columns(text="platform account resource parent_id", instant="last_read_at"),
    "quarantine": _columns(
        text="refresh_id platform account table_name row_key column_name reason value", instant="observed_at"
    ),
    "drift": _columns(
        text="refresh_id platform account resource field kind detail", integer="count_seen", instant="observed_at"
    ),
}
SYSTEM = (
    _columns(text="_key account _row_hash", flag="_visible", instant="_observed_at _not_before")
    | _columns(text="_extra _raw_hash _dlt_load_id")
    | _columns(instant="_dlt_valid_from _dlt_valid_to")
)
KEYS = {
    "candidate_roles": ("candidate_id", "role_id"),
    "test_organizations": ("test_id", "organization_id"),
    "lead_roles": ("lead_id", "role_id"),
    "lead_organizations": ("lead_id", "organization_id"),
    "cv_screening_batches": ("batch_id",),
    "cv_screening_batch_members": ("batch_id", "lead_id"),
    "cv_screening_batch_member_roles": ("batch_id", "lead_id", "role_id"),
    "portal_roles": ("slug", "id"),
    "analytics_snapshot_stages": ("snapshot_id", "stage"),
}
SCHEMAS = {
    "raw_talent_ray": {name: {**columns, **SYSTEM} for name, columns in TALENT_RAY.items()},
    "raw_tailed": {name: {**columns, **SYSTEM} for name, columns in TAILED.items()},
    "meta": META,
}


class RawWorld:
    """Raw and meta rows kept in memory, then written to a fresh DuckDB file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows: dict[tuple[str, str], list[dict[str, Any]]] = {
            (schema, table): [] for schema, tables in SCHEMAS.items() for table in tables
        }
        self._current: dict[tuple[str, str, str], dict[str, Any]] = {}

    def talent_ray(self, table: str, observed_at: str, **values: Any) -> dict[str, Any]:
        """Add a version to a Talent-Ray table."""
        return self.version("raw_talent_ray", table, observed_at, **values)

    def tailed(self, table: str, observed_at: str, **values: Any) -> dict[str, Any]:
        """Add a version to a Tailed table."""
        return self.version("raw_tailed", table, observed_at, **values)

    def gone(self, schema: str, table: str, observed_at: str, **values: Any) -> dict[str, Any]:
        """Add the version that says a row left its list."""
        return self.version(schema, table, observed_at, visible=False, **values)

    def version(
        self,
        schema: str,
        table: str,
        observed_at: str,
        *,
        account: str = "default",
        not_before: str | None = None,
        visible: bool = True,
        valid_from: str | None = None,
        **values: Any,
    ) -> dict[str, Any]:
        """Add a version; columns that are not named keep the value of the version before."""
        columns = SCHEMAS[schema][table]
        if unknown := set(values) - set(columns):
            raise KeyError(f"{schema}.{table} has no {sorted(unknown)}")
        key = json.dumps([account, *(values[part] for part in KEYS.get(table, ("id",)))])
        before = self._current.get((schema, table, key))
        row = dict.fromkeys(columns) if before is None else dict(before)
        row.update(values)
        row.update(
            _key=key,
            account=account,
            _visible=visible,
            _observed_at=observed_at,
            _not_before=not_before,
            _dlt_load_id=valid_from or observed_at,
            _dlt_valid_from=valid_from or observed_at,
            _dlt_valid_to=None,
            _row_hash=f"{table} {key} {len(self.rows[schema, table])}",
        )
        if before is not None:
            before["_dlt_valid_to"] = row["_dlt_valid_from"]
        self.rows[schema, table].append(row)
        self._current[schema, table, key] = row
        return row

    def refresh(
        self,
        started_at: str,
        finished_at: str,
        *,
        platform: str = "talent_ray",
        account: str = "default",
        status: str = "ok",
    ) -> None:
        """Add one refresh to the ledger."""
        self.meta(
            "refreshes",
            refresh_id=f"refresh {len(self.rows['meta', 'refreshes']) + 1}",
            platform=platform,
            account=account,
            started_at=started_at,
            finished_at=finished_at,
            status=status,
            data_as_of=finished_at,
        )

    def meta(self, table: str, **values: Any) -> None:
        """Add a row to a table of the ledger."""
        self.rows["meta", table].append({**dict.fromkeys(META[table]), **values})

    def save(self) -> Path:
        """Write all tables, also the empty ones, to the file."""
        with duckdb.connect(str(self.path)) as connection:
            connection.execute("set TimeZone = 'UTC'")
            for schema, tables in SCHEMAS.items():
                connection.execute(f"create schema if not exists {schema}")
                for table, columns in tables.items():
                    declared = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
                    connection.execute(f'create or replace table {schema}."{table}" ({declared})')
                    self._fill(connection, schema, table)
        return self.path

    def _fill(self, connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> None:
        rows = self.rows[schema, table]
        if rows:
            columns = SCHEMAS[schema][table]
            frame = pd.DataFrame([[_as_text(row[name]) for name in columns] for row in rows], columns=list(columns))
            connection.register("frame", frame.astype("string"))
            casts = ", ".join(f'cast("{name}" as {kind})' for name, kind in columns.items())
            connection.execute(f'insert into {schema}."{table}" select {casts} from frame')
            connection.unregister("frame")


def _as_text(value: Any) -> str | None:
    return None if value is None else str(value)
