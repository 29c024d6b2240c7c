"""rpt_analytics_reconciliation: the platform's own figures beside ours."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from oracle.model_daily import described, whose

Row = dict[str, Any]
OUR_METRIC = {"applications_total": "applications", "hires": "hires", "active_candidates": "candidates_in_pipeline"}
Counted = list[tuple[int, Row, str]]
"""Weight, row, event."""


def reconciliation(
    snapshots: list[Row], apps: list[Row], steps: list[Row], changes: list[Row], roles: dict[str, Row]
) -> list[Row]:
    """Compare every mapped figure of the latest snapshot."""
    latest: dict[tuple[Any, ...], Row] = {}
    for row in snapshots:
        key = (row["metric"], row["role_id"], row["period_start"], row["period_end"])
        if row["metric"] in OUR_METRIC and (key not in latest or _recency(row) > _recency(latest[key])):
            latest[key] = row
    person = {app["application_id"]: app["candidate_id"] for app in apps}
    stays = [way | {"candidate_id": person[way["application_id"]]} for way in _ways(steps)]
    hidden: dict[str, datetime | None] = {}
    for change in changes:
        if change["attribute"] == "is_visible" and change["new_value"] == "false":
            hidden.setdefault(change["application_id"], change["changed_not_before"])
            known = [at for at in (hidden[change["application_id"]], change["changed_not_before"]) if at is not None]
            hidden[change["application_id"]] = min(known, default=None)
    apps = [app | {"hidden": _hidden(app, hidden)} for app in apps]
    return [_compared(row, apps, stays, roles) for row in latest.values()]


def _recency(row: Row) -> tuple[datetime, str]:
    return row["captured_at"], row["snapshot_row_id"]


def _compared(row: Row, apps: list[Row], stays: list[Row], roles: dict[str, Row]) -> Row:
    ours = OUR_METRIC[row["metric"]]
    own = [app for app in apps if row["role_id"] in (None, app["role_id"])]
    counts_people = ours == "candidates_in_pipeline"
    is_stock = counts_people
    counted: Counted = []
    for app in own:
        if ours == "applications":
            counted.append((1, app, "applied"))
        if ours == "hires" and app["hired_at"]:
            counted.append((1, app, "hired"))
    start = None if is_stock else row["period_start"]

    def at(suffix: str, hours: int = 0) -> float:
        if counts_people:
            of = (stay for stay in stays if row["role_id"] in (None, stay["role_id"]))
            # As few as there may have been: come late, gone early; as many: come early, gone late.
            come = {"not_before": "not_after", "not_after": "not_before"}.get(suffix, suffix)
            end = row["period_end"]
            return float(len({stay["candidate_id"] for stay in of if _stands(stay, come, suffix, hours, end)}))
        return float(
            sum(
                weight for weight, app, event in counted if _inside(app, event, suffix, hours, start, row["period_end"])
            )
        )

    value, vendor = at("at"), row["value"]
    bounds = sorted((at("not_before"), at("not_after")))
    edges = sorted((value, at("at", -12), at("at", 14)))
    gone = sum(_in_period(since, start, row["period_end"]) for app in own for since in app["hidden"])
    unknown = sum(app["outcome"] == "unknown" for app in own)
    difference = vendor - value
    if abs(difference) <= 0.5:
        explanation = "equal"
    elif bounds[0] <= vendor <= bounds[1]:
        explanation = "inside_bounds"
    elif edges[0] <= vendor <= edges[2]:
        explanation = "day_edge"
    elif abs(difference) <= gone:
        explanation = "vanished"
    else:
        explanation = "unmapped" if abs(difference) <= unknown else "unexplained"
    return {
        **whose(row),
        "metric": row["metric"],
        "role_id": row["role_id"],
        "period_start": row["period_start"],
        "period_end": row["period_end"],
        **described(roles.get(row["role_id"] or "")),
        "our_metric": ours,
        "vendor_value": vendor,
        "our_value": value,
        "our_value_low": bounds[0],
        "our_value_high": bounds[1],
        "difference": difference,
        "explanation": explanation,
    }


def _hidden(app: Row, changes: dict[str, datetime | None]) -> list[datetime | None]:
    """Since when an application may have been out of sight; nothing where it never was."""
    if app["application_id"] in changes:
        return [changes[app["application_id"]]]
    if app["vanished_at"] is not None:
        return [app["vanished_not_before"]]
    return [] if app["is_visible"] else [app["applied_at"]]


def _in_period(instant: datetime | None, start: date | None, end: date | None) -> bool:
    # Without a lower bound it may have been at any time before.
    return instant is None or ((start is None or start <= instant.date()) and (end is None or instant.date() <= end))


def _inside(app: Row, event: str, suffix: str, hours: int, start: date | None, end: date | None) -> bool:
    instant = app[f"{event}_{suffix}"]
    return _in_period(instant if instant is None else instant + timedelta(hours=hours), start, end)


def _stands(way: Row, come: str, gone: str, hours: int, end: date | None) -> bool:
    """Whether somebody is on the way when a day ends."""
    has_left = way["left_at"] is not None and _inside(way, "left", gone, hours, None, end)
    return _inside(way, "entered", come, hours, None, end) and not has_left


def _ways(steps: list[Row]) -> list[Row]:
    """From an application's first step to where it closed, and from each reopening to the next closing."""
    found: list[Row] = []
    for step in sorted(steps, key=lambda step: (step["application_id"], step["position"] or 0)):
        if step["is_skipped"] or step["is_after_close"]:
            continue
        before = found[-1] if found and found[-1]["application_id"] == step["application_id"] else None
        left = {name: step[name] for name in ("left_at", "left_not_before", "left_not_after", "exit_type")}
        if before is not None and before["exit_type"] in ("forward", "back"):
            before |= left
            continue
        way = {name: value for name, value in step.items() if name.startswith("entered_")} | left
        if before is not None and before["left_not_before"] is not None:
            # It may have been reopened at any time since it was closed.
            way["entered_not_before"] = before["left_not_before"]
        found.append(way | {"application_id": step["application_id"], "role_id": step["role_id"]})
    return found
