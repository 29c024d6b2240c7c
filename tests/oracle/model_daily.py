"""fct_pipeline_daily and what follows from it: the trend by week, and the activity by week."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from oracle.model_dimensions import week_start

Row = dict[str, Any]
EXITS = {
    "forward": "count_left_forward",
    "back": "count_left_back",
    "rejected": "count_rejected",
    "withdrawn": "count_withdrawn",
    "hired": "count_hired",
    "vanished": "count_vanished",
}
FLOWS = ("count_entered", *EXITS.values(), "count_undated_in", "count_undated_out")


@dataclass
class Spell:
    """One stay in one stage, over neighbouring visits."""

    role_id: str
    stage: str
    entered: date
    is_entry_datable: bool
    left: date | None
    exit_type: str
    is_exit_datable: bool


def spells(steps: list[Row]) -> list[Spell]:
    """The stage spells of all applications, from the rows of fct_application_steps."""
    paths: dict[str, list[Row]] = defaultdict(list)
    for row in steps:
        if not row["is_skipped"] and not row["is_after_close"]:
            paths[row["application_id"]].append(row)
    found = []
    for rows in paths.values():
        rows.sort(key=lambda row: row["position"])
        group: list[Row] = []
        for place, row in enumerate(rows):
            group.append(row)
            if place + 1 == len(rows) or rows[place + 1]["is_stage_entry"]:
                first, last = group[0], group[-1]
                left = last["left_at"].date() if last["left_at"] else None
                found.append(
                    Spell(
                        first["role_id"],
                        first["stage"],
                        first["entered_at"].date(),
                        first["is_entry_datable"],
                        left,
                        last["exit_type"],
                        last["is_exit_datable"],
                    )
                )
                group = []
    return found


def pipeline_daily(
    steps: list[Row], platform: str, account: str, first_refresh: datetime, as_of: datetime
) -> list[Row]:
    """fct_pipeline_daily: counted from the spells, day by day."""
    grouped: dict[tuple[str, str], list[Spell]] = defaultdict(list)
    for spell in spells(steps):
        grouped[spell.role_id, spell.stage].append(spell)
    rows = []
    for (role_id, stage), own in grouped.items():
        day = min(spell.entered for spell in own)
        while day <= as_of.date():
            row = _day(own, day)
            if row["count_opening"] + row["count_entered"] > 0:
                rows.append(
                    {
                        "date_day": day,
                        "platform": platform,
                        "account": account,
                        "role_id": role_id,
                        "stage": stage,
                        **row,
                        "is_reconstructed": day < first_refresh.date(),
                    }
                )
            day += timedelta(days=1)
    return rows


def _day(own: list[Spell], day: date) -> Row:
    counts: Counter[str] = Counter()
    for spell in own:
        has_left_before = spell.left is not None and spell.left < day
        counts["count_opening"] += spell.entered < day and not has_left_before
        counts["count_closing"] += spell.entered <= day and not (spell.left is not None and spell.left <= day)
        if spell.entered == day:
            counts["count_entered"] += 1
            counts["count_undated_in"] += not spell.is_entry_datable
        if spell.left == day:
            counts[EXITS[spell.exit_type]] += 1
            counts["count_undated_out"] += not spell.is_exit_datable
    return {name: counts[name] for name in ("count_opening", *FLOWS, "count_closing")}


def stage_activity(steps: list[Row], roles: dict[str, Row]) -> list[Row]:
    """rpt_stage_activity: datable entries and exits of stages, by week."""
    counts: dict[tuple[date, str, str], Counter[str]] = defaultdict(Counter)
    entered: dict[tuple[date, str, str], set[str]] = defaultdict(set)
    for row in steps:
        if row["is_skipped"] or row["is_after_close"]:
            continue
        if row["is_stage_entry"] and row["is_entry_datable"]:
            key = (week_start(row["entered_at"].date()), row["role_id"], row["stage"])
            counts[key]["count_entered"] += 1
            entered[key].add(row["application_id"])
        if row["is_stage_exit"] and row["left_at"] and row["is_exit_datable"]:
            key = (week_start(row["left_at"].date()), row["role_id"], row["stage"])
            counts[key][EXITS[row["exit_type"]]] += 1
    return [
        {
            **whose(roles[role_id]),
            "week_start": week,
            "role_id": role_id,
            "stage": stage,
            **described(roles[role_id]),
            "count_applications_entered": len(entered[week, role_id, stage]),
            **{name: count[name] for name in ("count_entered", *EXITS.values())},
        }
        for (week, role_id, stage), count in counts.items()
    ]


def pipeline_trend(daily: list[Row], roles: dict[str, Row], as_of: datetime) -> list[Row]:
    """rpt_pipeline_trend: by week, organization and stage."""
    grouped: dict[tuple[date, str | None, str], list[Row]] = defaultdict(list)
    for row in daily:
        key = (week_start(row["date_day"]), roles[row["role_id"]]["organization_id"], row["stage"])
        grouped[key].append(row)
    found = []
    first_day = min(row["date_day"] for row in daily) if daily else as_of.date()
    for (week, organization_id, stage), own in grouped.items():
        last = min(week + timedelta(days=6), as_of.date())
        days = (last - max(week, first_day)).days + 1
        flows = {name: sum(row[name] for row in own) for name in FLOWS}
        exits = sum(flows[name] for name in EXITS.values())
        mean_stock = sum(row["count_closing"] for row in own) / days
        found.append(
            {
                "platform": own[0]["platform"],
                "account": own[0]["account"],
                "week_start": week,
                "organization_id": organization_id,
                "stage": stage,
                "count_opening": sum(row["count_opening"] for row in own if row["date_day"] == week),
                **flows,
                "count_closing": sum(row["count_closing"] for row in own if row["date_day"] == last),
                "mean_stock": mean_stock,
                "little_days": mean_stock / (exits / days) if exits else None,
                "is_partial_week": last < week + timedelta(days=6) or week < first_day,
            }
        )
    return found


def whose(row: Row) -> Row:
    return {name: row[name] for name in ("platform", "account")}


def described(role: Row | None) -> Row:
    """The columns that say which role it is."""
    return {name: role[name] if role else None for name in ("role_name", "department", "organization_id")}
