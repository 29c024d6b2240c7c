"""Reports on where applications stand: funnel, open roles, ageing, reasons, offers."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from typing import Any

from oracle import words
from oracle.dated import days
from oracle.figures import quantile, rate, spread
from oracle.model_daily import described, whose

Row = dict[str, Any]
STALLED_MIN_N, STALLED_DAYS = 20, 14.0


def month(instant: datetime | None) -> date | None:
    return instant.date().replace(day=1) if instant else None


def is_datable(row: Row, name: str) -> bool:
    low, high = row[f"{name}_not_before"], row[f"{name}_not_after"]
    if low is None or high is None:
        return False
    return bool(high - low <= timedelta(days=8))


def dated_month(row: Row, name: str) -> date | None:
    """The month of an event, null when it is not datable."""
    return month(row[f"{name}_at"]) if is_datable(row, name) else None


def hiring_funnel(apps: list[Row], roles: dict[str, Row], role_steps: list[Row]) -> list[Row]:
    """rpt_hiring_funnel."""
    stages_of = defaultdict(set)
    for step in role_steps:
        stages_of[step["role_id"]].add(step["stage"])
    groups: dict[tuple[date | None, str], list[Row]] = defaultdict(list)
    for app in apps:
        groups[dated_month(app, "applied"), app["role_id"]].append(app)
    rows = []
    for (cohort, role_id), own in groups.items():
        closed = [app for app in own if app["is_closed"]]
        left = [app for app in own if not app["is_closed"]]
        for stage in words.STAGES:
            rank = words.RANK[stage]
            reached = sum(app["furthest_stage_rank"] >= rank for app in closed)
            is_last = stage == "hired"
            passed = None if is_last else sum(app["furthest_stage_rank"] > rank for app in closed)
            rows.append(
                {
                    **whose(own[0]),
                    "cohort_month": cohort,
                    "role_id": role_id,
                    "stage": stage,
                    **described(roles[role_id]),
                    "stage_rank": rank,
                    "is_stage_in_role": stage in ("applied", "hired") or stage in stages_of[role_id],
                    "count_applications": len(own),
                    "count_reached": sum(app["furthest_stage_rank"] >= rank for app in own),
                    "n_open": sum(app["is_visible"] and app["outcome"] == "open" for app in left),
                    "n_unknown": sum(app["is_visible"] and app["outcome"] == "unknown" for app in left),
                    "n_vanished": sum(not app["is_visible"] for app in left),
                    "n_closed": len(closed),
                    "count_reached_closed": reached,
                    "count_passed_closed": passed,
                    "count_lost": None if passed is None else reached - passed,
                    **rate("reach", reached, len(closed)),
                    **(rate("pass", 0, 0) if passed is None else rate("pass", passed, reached)),
                }
            )
    return rows


def chance_of_hire(apps: list[Row]) -> dict[str, float | None]:
    """Hired of those closed who reached a stage; null over too few."""
    closed = [app for app in apps if app["is_closed"]]
    chances: dict[str, float | None] = {}
    for stage in words.STAGES[:5]:
        reached = [app for app in closed if app["furthest_stage_rank"] >= words.RANK[stage]]
        hired = sum(app["outcome"] == "hired" for app in reached)
        chances[stage] = hired / len(reached) if len(reached) >= STALLED_MIN_N else None
    return chances


def open_roles(apps: list[Row], roles: dict[str, Row], steps: list[Row], as_of: datetime) -> list[Row]:
    """rpt_open_roles."""
    chances = chance_of_hire(apps)
    rows = []
    for role_id, role in roles.items():
        if not role["is_visible"] or role["role_state"] != "open":
            continue
        own = [app for app in apps if app["role_id"] == role_id]
        here = Counter(app["current_stage"] for app in own if app["is_in_pipeline"])
        moves = [
            row[f"{name}_at"]
            for row in steps
            if row["role_id"] == role_id and not row["is_skipped"] and not row["is_after_close"]
            for name in ("entered", "left")
            if is_datable(row, name) and (name, row["exit_type"]) != ("left", "vanished")
        ]
        moved_at = max(moves, default=None)
        remaining = max(0, (role["target_hire_count"] or 1) - role["count_hires"])
        needed = [chances[stage] for stage in words.STAGES[:5] if here[stage]]
        expected = None
        if None not in needed:
            expected = sum((here[stage] * (chances[stage] or 0.0) for stage in words.STAGES[:5]), 0.0)
        rows.append(
            {
                **whose(role),
                "role_id": role_id,
                **described(role),
                "opened_at": role["opened_at"],
                "days_open": _age(role["opened_at"], as_of) if is_datable(role, "opened") else None,
                "target_hire_count": role["target_hire_count"],
                "count_hires": role["count_hires"],
                "count_remaining": remaining,
                **{f"count_{stage}": here[stage] for stage in (*words.STAGES[:5], "unknown")},
                "count_applications_30d": sum(
                    is_datable(app, "applied") and app["applied_at"] > as_of - timedelta(days=30) for app in own
                ),
                "last_movement_at": moved_at,
                "days_since_movement": _age(moved_at, as_of),
                "expected_hires": expected,
                "coverage": expected / remaining if expected is not None and remaining else None,
            }
        )
    return rows


def _age(since: datetime | None, as_of: datetime) -> float | None:
    elapsed = days(since, as_of)
    return None if elapsed is None else max(0.0, elapsed)


def aging_applications(apps: list[Row], roles: dict[str, Row], steps: list[Row]) -> list[Row]:
    """rpt_aging_applications."""
    finished = [
        row for row in steps if row["days_in_step"] is not None and not row["is_skipped"] and not row["is_after_close"]
    ]
    current = {row["application_id"]: row for row in steps if row["is_current"]}
    rows = []
    for app in apps:
        if not app["is_in_pipeline"]:
            continue
        visit = current[app["application_id"]]
        same_step = [
            row["days_in_step"]
            for row in finished
            if visit["role_step_id"] is not None and row["role_step_id"] == visit["role_step_id"]
        ]
        same_stage = [row["days_in_step"] for row in finished if row["stage"] == visit["stage"]]
        if len(same_step) >= STALLED_MIN_N:
            rule, typical = "step", quantile(same_step, 0.9)
        elif len(same_stage) >= STALLED_MIN_N:
            rule, typical = "stage", quantile(same_stage, 0.9)
        else:
            rule, typical = "fixed", None
        so_far = app["days_in_current_step"]
        rows.append(
            {
                **whose(app),
                "application_id": app["application_id"],
                "role_id": app["role_id"],
                "role_step_id": visit["role_step_id"],
                "stage": visit["stage"],
                **described(roles[app["role_id"]]),
                "days_in_pipeline": app["days_in_pipeline"],
                "days_in_current_step": so_far,
                "typical_p90_days": typical,
                "stalled_rule": rule,
                "is_stalled": so_far is not None and so_far > (STALLED_DAYS if typical is None else typical),
                "is_entry_datable": visit["is_entry_datable"],
            }
        )
    return rows


def rejection_reasons(apps: list[Row], roles: dict[str, Row]) -> list[Row]:
    """rpt_rejection_reasons."""
    groups: Counter[tuple[Any, ...]] = Counter()
    wholes: Counter[tuple[Any, ...]] = Counter()
    for app in apps:
        if app["outcome"] in ("rejected", "withdrawn"):
            when = dated_month(app, "closed")
            groups[when, app["role_id"], app["last_stage"], app["outcome"], app["reason"]] += 1
            wholes[when, app["role_id"], app["outcome"]] += 1
    rows = []
    for (when, role_id, last_stage, outcome, reason), count in groups.items():
        whole = wholes[when, role_id, outcome]
        rows.append(
            {
                **whose(roles[role_id]),
                "closed_month": when,
                "role_id": role_id,
                "last_stage": last_stage,
                "outcome": outcome,
                "reason": reason,
                **described(roles[role_id]),
                "count_applications": count,
                "share": count / whole if whole >= 5 else None,
            }
        )
    return rows


def offer_outcomes(apps: list[Row], roles: dict[str, Row]) -> list[Row]:
    """rpt_offer_outcomes."""
    groups: dict[tuple[date | None, str], list[Row]] = defaultdict(list)
    for app in apps:
        if app["offer_outcome"] is not None:
            groups[dated_month(app, "offer"), app["role_id"]].append(app)
    rows = []
    for (when, role_id), own in groups.items():
        count = Counter(app["offer_outcome"] for app in own)
        settled = count["accepted"] + count["declined"] + count["rescinded"]
        answered = count["accepted"] + count["declined"]
        rows.append(
            {
                **whose(own[0]),
                "extended_month": when,
                "role_id": role_id,
                **described(roles[role_id]),
                "count_extended": len(own),
                "count_accepted": count["accepted"],
                "count_declined": count["declined"],
                "count_rescinded": count["rescinded"],
                "n_pending": count["pending"],
                "n_unknown": count["unknown"],
                **rate("acceptance", count["accepted"], settled),
                **rate("decline", count["declined"], answered),
                **spread("days_to_answer", [app["days_to_answer_offer"] for app in own]),
            }
        )
    return rows
