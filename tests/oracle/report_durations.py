"""Reports on how long things take: to hire, in a step, to fill a role."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from typing import Any

from oracle.dated import days
from oracle.figures import quantile, spread, survival_median
from oracle.model_daily import EXITS, described, whose
from oracle.report_pipeline import dated_month, is_datable

Row = dict[str, Any]
WINDOW = timedelta(days=365)


def levels(row: Row) -> list[tuple[str, str]]:
    """The levels a row counts in, with the id of each."""
    found = [("account", row["account"]), ("role", row["role_id"])]
    return [*found, ("organization", row["organization_id"])] if row["organization_id"] is not None else found


def time_to_hire(apps: list[Row], as_of: datetime, *, late_entry: bool) -> list[Row]:
    """rpt_time_to_hire."""
    groups: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for app in apps:
        for whole in levels(app):
            groups[whole].append(app)
    rows = []
    for (level, level_id), own in groups.items():
        hired = [app for app in own if app["outcome"] == "hired"]
        cases = [case for app in own if (case := _case(app, as_of, late_entry=late_entry))]
        months: dict[date | None, list[Row]] = {None: hired}
        for app in hired:
            if app["days_to_hire"] is not None:
                months.setdefault(dated_month(app, "hired"), []).append(app)
        for when, some in months.items():
            is_total = when is None
            done = [app for app in some if app["days_to_hire"] is not None]
            rows.append(
                {
                    **whose(own[0]),
                    "hired_month": when,
                    "level": level,
                    "level_id": level_id,
                    **spread("days_to_hire", [app["days_to_hire"] for app in done]),
                    "median_days_to_hire_low": quantile([app["days_to_hire_low"] for app in done], 0.5),
                    "median_days_to_hire_high": quantile([app["days_to_hire_high"] for app in done], 0.5),
                    "n_undated": len(some) - len(done) if is_total else None,
                    "n_in_pipeline": sum(app["is_in_pipeline"] for app in own) if is_total else None,
                    "survival_median_days": survival_median(cases) if is_total else None,
                    "n_survival": len([case for case in cases if case[1] > case[0]]) if is_total else None,
                }
            )
    return rows


def _case(app: Row, as_of: datetime, *, late_entry: bool) -> tuple[float, float, bool, bool] | None:
    if not is_datable(app, "applied"):
        return None
    if app["is_closed"] and not is_datable(app, "closed"):
        return None
    end = app["closed_at"] if app["is_closed"] else app["vanished_at"] or as_of
    lasted = max(days(app["applied_at"], end) or 0.0, 1 / 86400)
    entry = max(0.0, days(app["applied_at"], app["first_observed_at"]) or 0.0) if late_entry else 0.0
    return entry, lasted, app["is_closed"], app["outcome"] == "hired"


def time_in_step(steps: list[Row], roles: dict[str, Row], role_steps: dict[str, Row], as_of: datetime) -> list[Row]:
    """rpt_time_in_step."""
    groups: dict[tuple[str, str | None], list[Row]] = defaultdict(list)
    for row in steps:
        if row["is_after_close"]:
            continue
        if row["is_current"] or (row["left_at"] is not None and row["left_at"] >= as_of - WINDOW):
            groups[row["role_id"], row["role_step_id"]].append(row)
    rows = []
    for (role_id, step_id), own in groups.items():
        left = [row for row in own if not row["is_skipped"] and not row["is_current"]]
        current = [row for row in own if row["is_current"]]
        dated = [row for row in left if row["is_exit_datable"]]
        exits = Counter(EXITS[row["exit_type"]] for row in dated)
        step = role_steps.get(step_id or "", {})
        so_far = [row["days_so_far"] for row in current if row["days_so_far"] is not None]
        rows.append(
            {
                **whose(own[0]),
                "role_id": role_id,
                "role_step_id": step_id,
                **described(roles[role_id]),
                "step_name": step.get("step_name"),
                "step_order": step.get("step_order"),
                "stage": step.get("stage", "applied"),
                **spread("days_in_step", [row["days_in_step"] for row in left]),
                **spread("days_to_decide", [row["days_to_decide"] for row in left]),
                "n_open": len(current),
                "median_days_so_far": quantile(so_far, 0.5),
                "count_skipped": sum(row["is_skipped"] for row in own),
                **{name: exits[name] for name in EXITS.values()},
                "count_undated": len(left) - len(dated),
            }
        )
    weights: Counter[str] = Counter()
    for row in rows:
        row["weight"] = (
            row["n_days_in_step"] * row["median_days_in_step"] if row["median_days_in_step"] is not None else None
        )
        weights[row["role_id"]] += row["weight"] or 0.0  # type: ignore[assignment]
    for row in rows:
        weight = row.pop("weight")
        row["share_of_time"] = (
            weight / weights[row["role_id"]] if weight is not None and weights[row["role_id"]] else None
        )
    return rows


def time_to_fill(apps: list[Row], roles: dict[str, Row]) -> list[Row]:
    """rpt_time_to_fill."""
    groups: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for role in roles.values():
        for whole in levels(role):
            groups[whole].append(_filled(role, apps))
    rows = []
    for (level, level_id), own in groups.items():
        filled_in: dict[date | None, list[Row]] = {None: [role for role in own if role["filled"] is not None]}
        hired_in: dict[date | None, int] = {None: sum(len(role["hires"]) for role in own)}
        for role in own:
            for hire in role["hires"]:
                if (when := dated_month(hire, "hired")) is not None:
                    hired_in[when] = hired_in.get(when, 0) + 1
                    filled_in.setdefault(when, [])
                    if hire is role["filled"]:
                        filled_in[when].append(role)
        for when, some in filled_in.items():
            is_total = when is None
            done = [role for role in some if role["days_to_fill"] is not None]
            first = [role["days_to_first"] for role in some if role["days_to_first"] is not None]
            rows.append(
                {
                    **whose(own[0]),
                    "filled_month": when,
                    "level": level,
                    "level_id": level_id,
                    **spread("days_to_fill", [role["days_to_fill"] for role in done]),
                    "median_days_to_first_hire": quantile(first, 0.5),
                    "median_days_on_hold": quantile([role["days_on_hold"] for role in done], 0.5),
                    "count_roles_filled": len(some),
                    "count_hires": hired_in[when],
                    "n_unfilled": sum(role["is_open"] and role["filled"] is None for role in own) if is_total else None,
                    "n_undated": len(some) - len(done) if is_total else None,
                }
            )
    return rows


def _filled(role: Row, apps: list[Row]) -> Row:
    hires = sorted(
        (app for app in apps if app["role_id"] == role["role_id"] and app["outcome"] == "hired"),
        key=lambda app: (app["hired_at"], app["application_id"]),
    )
    wanted = max(1, role["target_hire_count"] or 1)
    filled = hires[wanted - 1] if len(hires) >= wanted else None

    def to(hire: Row | None) -> float | None:
        if hire is None or not is_datable(role, "opened") or not is_datable(hire, "hired"):
            return None
        elapsed = days(role["opened_at"], hire["hired_at"])
        return elapsed if elapsed is not None and elapsed >= 0 else None

    return {
        **whose(role),
        "filled": filled,
        "days_to_fill": to(filled),
        # Of the roles that count as filled only, so that both medians speak of the same roles.
        "days_to_first": to(hires[0]) if filled is not None and is_datable(filled, "hired") else None,
        "days_on_hold": role["days_on_hold"],
        "hires": hires,
        "is_open": role["role_state"] == "open" and role["is_visible"],
    }
