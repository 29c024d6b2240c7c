"""Reports on leads and scores: conversion, screening, calibration."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any

from oracle.dated import days
from oracle.figures import area_under_curve, quantile, rate, spread
from oracle.model_daily import described, whose
from oracle.report_pipeline import month

Row = dict[str, Any]


def sourcing_conversion(leads: list[Row], roles: dict[str, Row], as_of: datetime) -> list[Row]:
    """rpt_sourcing_conversion."""
    groups: dict[tuple[date | None, str | None], list[Row]] = defaultdict(list)
    for lead in leads:
        groups[month(lead["created_at"]), lead["primary_role_id"]].append(lead)
    rows = []
    for (cohort, role_id), own in groups.items():
        total = len(own)
        converted = sum(lead["converted_at"] is not None for lead in own)
        applied = sum(lead["has_applied"] for lead in own)
        hired = sum(lead["is_hired"] for lead in own)
        rows.append(
            {
                **whose(own[0]),
                "cohort_month": cohort,
                "primary_role_id": role_id,
                **described(roles.get(role_id or "")),
                "count_leads": total,
                "count_screened": sum(lead["screened_at"] is not None for lead in own),
                "count_assigned": sum(lead["assigned_at"] is not None for lead in own),
                "count_converted": converted,
                "count_applied": applied,
                "count_interviewed": sum(lead["has_interviewed"] for lead in own),
                "count_hired": hired,
                **rate("convert", converted, total),
                **rate("apply", applied, total),
                **rate("hire", hired, total),
                **spread("days_to_convert", [lead["days_to_convert"] for lead in own]),
                "days_observed": _observed(cohort, as_of),
            }
        )
    return rows


def _observed(cohort: date | None, as_of: datetime) -> float | None:
    if cohort is None:
        return None
    following = (cohort + timedelta(days=32)).replace(day=1)
    end = as_of.replace(year=following.year, month=following.month, day=1, hour=0, minute=0, second=0)
    return max(0.0, days(end, as_of) or 0.0)


def screening_quality(screenings: list[Row], roles: dict[str, Row]) -> list[Row]:
    """rpt_screening_quality."""
    groups: dict[tuple[str, str | None], list[Row]] = defaultdict(list)
    for row in screenings:
        groups[row["batch_id"], row["role_id"]].append(row)
    rows = []
    for (batch_id, role_id), own in groups.items():
        scores = [row["resume_fit_score"] for row in own if row["resume_fit_score"] is not None]
        verdicts = [row for row in own if row["is_recommended"] is not None]
        recommended = [row for row in verdicts if row["is_recommended"]]
        judged = [row for row in verdicts if row["is_closed"]]
        both = sum(row["is_recommended"] and row["has_interviewed"] for row in judged)
        rows.append(
            {
                **whose(own[0]),
                "batch_id": batch_id,
                "role_id": role_id,
                **described(roles.get(role_id or "")),
                "count_members": len(own),
                "count_scored": len(scores),
                "count_recommended": len(recommended),
                "count_closed": sum(bool(row["is_closed"]) for row in own),
                "mean_resume_fit_score": sum(scores) / len(scores) if scores else None,
                "median_resume_fit_score": quantile(scores, 0.5, 1),
                **rate("recommend", len(recommended), len(verdicts)),
                **rate("precision", both, sum(bool(row["is_recommended"]) for row in judged)),
                **rate("recall", both, sum(bool(row["has_interviewed"]) for row in judged)),
            }
        )
    return rows


def score_calibration(apps: list[Row], first_scores: list[Row]) -> list[Row]:
    """rpt_score_calibration."""
    rows = []
    closed = {app["application_id"]: app for app in apps if app["is_closed"]}
    for kind in ("overall_fit", "resume_fit"):
        scored = [
            (closed[row["application_id"]], row["first_score"], row["is_observed_first"])
            for row in first_scores
            if row["score_kind"] == kind and row["application_id"] in closed
        ]
        positives: tuple[tuple[str, Any], ...] = (
            ("auc_hire", lambda app: app["outcome"] == "hired"),
            ("auc_interview", lambda app: app["furthest_stage_rank"] >= 4),
        )
        curves = {
            name: area_under_curve(
                [value for app, value, _ in scored if holds(app)], [value for app, value, _ in scored if not holds(app)]
            )
            for name, holds in positives
        }
        for band in range(10):
            own = [case for case in scored if min(9, int(case[1] // 10)) == band]
            if not own:
                continue
            rows.append(
                {
                    **whose(own[0][0]),
                    "score_kind": kind,
                    "score_band": band,
                    "mean_score": sum(case[1] for case in own) / len(own),
                    "n_closed": len(own),
                    **rate("interview", sum(case[0]["furthest_stage_rank"] >= 4 for case in own), len(own)),
                    **rate("hire", sum(case[0]["outcome"] == "hired" for case in own), len(own)),
                    **curves,
                    "n_observed_first": sum(case[2] for case in own),
                }
            )
    return rows
