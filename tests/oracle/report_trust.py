"""rpt_data_quality and rpt_freshness: what of the figures is uncertain, and how old they are."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from oracle import words
from oracle.dated import days
from oracle.figures import quantile
from oracle.model_applications import EVENTS
from oracle.report_pipeline import is_datable
from oracle.visits import status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from oracle.dated import Dated
    from oracle.observed import Observed, Version

Row = dict[str, Any]
Tables = dict[str, list[Row]]

STEP_STATUS = dict.fromkeys(("locked", "active", "completed", "validated", "rejected", "skipped"), "known")
FIELDS: dict[str, tuple[tuple[str, str, str, dict[str, str]], ...]] = {
    "talent_ray": (
        ("application_status", "candidate_roles", "status", words.APPLICATION_STATUS),
        ("role_status", "roles", "status", words.ROLE_STATE),
        ("step_type", "role_steps", "step_type", words.STEP_TYPE),
        ("step_type", "candidate_steps", "step_type", words.STEP_TYPE),
        ("offer_response", "candidate_steps", "offer_response", words.OFFER_RESPONSE),
        ("step_status", "candidate_steps", "status", STEP_STATUS),
    ),
    "tailed": (
        ("job_status", "jobs", "status", words.ROLE_STATE),
        ("status", "applications", "status", words.TAILED_STATUS),
        ("stage", "applications", "stage", words.TAILED_STAGE | words.TAILED_STAGE_OUTCOME),
    ),
}
INSTANT_TABLES = {
    "talent_ray": (
        "candidates", "candidate_roles", "candidate_steps", "roles", "role_steps", "tests", "leads", "lead_roles",
        "cv_screening_batches", "cv_screening_batch_members",
    ),
    "tailed": ("candidates", "jobs", "applications", "analytics_snapshots"),
}  # fmt: skip
SEVERITY = {
    "unmapped_value": "error",
    "future_timestamp": "error",
    "conflicting_outcome": "warning",
    "stub_role": "warning",
    "stub_candidate": "warning",
    "stub_step": "warning",
    "application_without_steps": "info",
    "steps_out_of_order": "info",
    "role_stages_out_of_order": "warning",
    "visit_after_close": "warning",
    "open_application_on_closed_role": "warning",
    "undated_entry": "info",
    "undated_close": "warning",
    "wide_bounds": "info",
    "negative_duration": "error",
    "score_out_of_range": "error",
    "lead_with_unknown_candidate": "warning",
    "unproven_sweep": "warning",
}


@dataclass
class Check:
    """Rows looked at for one check and detail: whether each failed, and when it was seen."""

    name: str
    detail: str | None
    rows: list[tuple[bool, datetime | None]]


def data_quality(seen: Observed, platform: str, tables: Tables, reopened: list[Dated]) -> list[Row]:
    """rpt_data_quality of one platform."""
    checks = [*_words(seen, platform), *_futures(seen, platform), *_counted(seen, platform, tables, reopened)]
    named = {check.name for check in checks}
    checks += [Check(name, None, []) for name in SEVERITY if name not in named]
    rows = []
    for check in checks:
        failed = [when for is_bad, when in check.rows if is_bad]
        instants = [when for when in failed if when is not None]
        rows.append(
            {
                "platform": platform,
                "account": seen.account,
                "check_name": check.name,
                "detail": check.detail,
                "severity": SEVERITY[check.name],
                "count_checked": len(check.rows),
                "count_failed": len(failed),
                "share_failed": len(failed) / len(check.rows) if check.rows else None,
                "first_observed_at": min(instants, default=None),
                "last_observed_at": max(instants, default=None),
            }
        )
    return rows


def _versions(seen: Observed, platform: str, table: str) -> Iterable[Version]:
    return (version for versions in seen.table(platform, table).values() for version in versions)


def _words(seen: Observed, platform: str) -> list[Check]:
    read: dict[str, list[tuple[str, bool, datetime]]] = defaultdict(list)
    for field, table, column, vocabulary in FIELDS[platform]:
        for version in _versions(seen, platform, table):
            value = status(version) if field == "step_status" else version.values[column]
            if value is not None:
                text = str(value).strip().lower()
                read[field].append((text, text in vocabulary, version.observed_at))
    return [
        Check("unmapped_value", f"{field}={unknown}", [(text == unknown, at) for text, _, at in found])
        for field, found in read.items()
        for unknown in sorted({text for text, is_mapped, _ in found if not is_mapped})
    ]


def _futures(seen: Observed, platform: str) -> list[Check]:
    """No instant may lie after the reply that carried it."""
    checks = []
    for table in INSTANT_TABLES[platform]:
        rows: list[tuple[bool, datetime | None]] = []
        for version in _versions(seen, platform, table):
            instants = [name for name, value in version.values.items() if isinstance(value, datetime)]
            rows.append((any(version.instant(name) is None for name in instants), version.observed_at))
        if rows:
            checks.append(Check("future_timestamp", table, rows))
    return checks


def _counted(seen: Observed, platform: str, tables: Tables, reopened: list[Dated]) -> list[Check]:
    apps, steps = tables["fct_applications"], tables["fct_application_steps"]
    roles = {role["role_id"]: role for role in tables["dim_roles"]}
    first_seen: dict[str, datetime] = {}
    with_steps = {row["application_id"] for row in steps if row["role_step_id"] is not None}
    for app in apps:
        at = app["first_observed_at"]
        first_seen[app["role_id"]] = min(first_seen.get(app["role_id"], at), at)
    path = [row for row in steps if not row["is_skipped"] and not row["is_after_close"]]
    stubs = {row["candidate_id"]: row["is_stub"] for row in tables["dim_candidates"]}
    checks: list[Check] = []

    def count(name: str, rows: Iterable[Row], fails: Callable[[Row], Any], at: str | Callable[[Row], Any]) -> None:
        when = (lambda row: row[at]) if isinstance(at, str) else at
        found = [(bool(fails(row)), when(row)) for row in rows]
        if found:
            checks.append(Check(name, None, found))

    def role_seen(row: Row) -> datetime | None:
        return first_seen.get(row["role_id"])

    count("conflicting_outcome", apps, lambda app: app["has_conflict"], "first_observed_at")
    count("stub_role", tables["dim_roles"], lambda role: role["is_stub"], role_seen)
    count("stub_candidate", tables["dim_candidates"], lambda row: row["is_stub"], "first_applied_at")
    count("stub_step", tables["dim_role_steps"], lambda step: step["is_stub"], role_seen)
    count("application_without_steps", apps, lambda app: app["application_id"] not in with_steps, "first_observed_at")
    out_of_order = _out_of_order(path)
    count("steps_out_of_order", path, lambda row: row["visit_id"] in out_of_order, "entered_not_after")
    staged = _staged_roles(tables["dim_role_steps"])
    count("role_stages_out_of_order", staged, lambda row: row["is_bad"], role_seen)
    count(
        "visit_after_close",
        [row for row in steps if not row["is_skipped"]],
        lambda row: row["is_after_close"],
        "entered_not_after",
    )
    count(
        "open_application_on_closed_role",
        [app for app in apps if app["is_in_pipeline"]],
        lambda app: roles[app["role_id"]]["role_state"] in ("filled", "closed"),
        "first_observed_at",
    )
    count("undated_entry", path, lambda row: not row["is_entry_datable"], "entered_not_after")
    closed = [app for app in apps if app["is_closed"]]
    count("undated_close", closed, lambda app: not is_datable(app, "closed"), "first_observed_at")
    events = [
        {"low": app[f"{name}_not_before"], "high": app[f"{name}_not_after"]}
        for app in apps
        for name in EVENTS
        if app[f"{name}_not_before"] is not None
    ]
    events += [{"low": one.not_before, "high": one.not_after} for one in reopened if one.not_before is not None]
    count("wide_bounds", events, lambda row: row["high"] - row["low"] > timedelta(days=8), "high")
    count(
        "lead_with_unknown_candidate",
        [lead for lead in tables.get("fct_leads", []) if lead["candidate_id"] is not None],
        lambda lead: stubs.get(lead["candidate_id"], True),
        "created_at",
    )
    return checks + _durations(closed, steps) + _scores(apps, steps) + _sweeps(seen, platform)


def _out_of_order(path: list[Row]) -> set[str]:
    found = set()
    before: dict[str, Row] = {}
    for row in sorted(path, key=lambda row: row["position"]):
        last = before.get(row["application_id"])
        orders = (row["step_order"], last["step_order"] if last else None)
        if row["visit_number"] == 1 and None not in orders and orders[0] < orders[1]:
            found.add(row["visit_id"])
        before[row["application_id"]] = row
    return found


def _staged_roles(role_steps: list[Row]) -> list[Row]:
    by_role: dict[str, list[Row]] = defaultdict(list)
    for step in role_steps:
        by_role[step["role_id"]].append(step)
    rows = []
    for role_id, own in by_role.items():
        own.sort(key=lambda step: (step["step_order"] is None, step["step_order"], step["role_step_id"]))
        ranks = [step["stage_rank"] for step in own]
        pairs = pairwise(ranks)
        is_bad = any(low is not None and high is not None and high < low for low, high in pairs)
        rows.append({"role_id": role_id, "is_bad": is_bad})
    return rows


def _durations(closed: list[Row], steps: list[Row]) -> list[Check]:
    decided = [row for row in steps if row["completed_at"] is not None and row["decided_at"] is not None]
    found = [
        Check(
            "negative_duration",
            "applied to closed",
            [(app["closed_at"] < app["applied_at"], app["first_observed_at"]) for app in closed],
        ),
        Check(
            "negative_duration",
            "completed to decided",
            [(row["decided_at"] < row["completed_at"], row["entered_not_after"]) for row in decided],
        ),
    ]
    return [check for check in found if check.rows]


def _scores(apps: list[Row], steps: list[Row]) -> list[Check]:
    found = []
    for rows, name, at in (
        (apps, "overall_fit_score", "first_observed_at"),
        (apps, "resume_fit_score", "first_observed_at"),
        (steps, "validation_score", "entered_not_after"),
    ):
        scored = [(not 0 <= row[name] <= 100, row[at]) for row in rows if row[name] is not None]
        if scored:
            found.append(Check("score_out_of_range", name, scored))
    return found


def _sweeps(seen: Observed, platform: str) -> list[Check]:
    read: dict[str, list[tuple[bool, datetime | None]]] = defaultdict(list)
    for sweep in seen.sweeps:
        if sweep.platform == platform:
            read[sweep.resource].append((sweep.verdict == "unproven", sweep.ended_at))
    return [Check("unproven_sweep", resource, rows) for resource, rows in read.items()]


def freshness(seen: Observed, platform: str, tables: Tables) -> list[Row]:
    """rpt_freshness of one platform."""
    as_of = seen.as_of_at(platform)
    visible = {
        "candidate_steps": [row["source_id"] for row in tables["dim_candidates"] if row["is_visible"]],
        "role_steps": [row["source_id"] for row in tables["dim_roles"] if row["is_visible"]],
    }
    rows = []
    for resource in dict.fromkeys(sweep.resource for sweep in seen.sweeps if sweep.platform == platform):
        own = [sweep for sweep in seen.sweeps if (sweep.platform, sweep.resource) == (platform, resource)]
        last = max(own, key=lambda sweep: sweep.ended_at)
        complete = [sweep for sweep in own if sweep.verdict == "proven"]
        behind = _hours(complete[-1].ended_at, as_of) if complete else None
        pairs = [
            (before, sweep) for before, sweep in pairwise(complete) if as_of - sweep.ended_at <= timedelta(days=30)
        ]
        gaps = [_hours(before.ended_at, sweep.ended_at) for before, sweep in pairs]
        known = [gap for gap in [*gaps, behind] if gap is not None]
        stale = None
        if platform == "talent_ray" and resource in visible:
            reads = [seen.child_reads.get((platform, resource, parent)) for parent in visible[resource]]
            stale = sum(at is None or as_of - at > timedelta(hours=48) for at in reads) if reads else None
        rows.append(
            {
                "platform": platform,
                "account": seen.account,
                "resource": resource,
                "last_refresh_at": last.ended_at,
                "last_complete_at": complete[-1].ended_at if complete else None,
                "last_verdict": last.verdict,
                "hours_behind": behind,
                "count_declared": last.declared,
                "count_distinct": last.count,
                "count_visible": _visible(seen, platform, resource),
                "count_refreshes_30d": sum(as_of - sweep.ended_at <= timedelta(days=30) for sweep in own),
                "longest_gap_hours_30d": max(known, default=None),
                "median_bound_hours_30d": quantile(
                    [_hours(before.started_at, sweep.ended_at) for before, sweep in pairs], 0.5, 1
                ),
                "count_stale_parents": stale,
            }
        )
    return rows


def _hours(start: datetime, end: datetime) -> float:
    return max(0.0, days(start, end) or 0.0) * 24


def _visible(seen: Observed, platform: str, resource: str) -> int | None:
    records = seen.table(platform, resource)
    return sum(versions[-1].visible for versions in records.values()) if records else None
