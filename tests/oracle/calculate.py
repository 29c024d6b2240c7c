"""All tables, calculated from what was observed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from oracle import (
    model_changes,
    model_daily,
    model_dimensions,
    model_sourcing,
    model_tailed,
    report_durations,
    report_pipeline,
    report_sourcing,
    report_trust,
)
from oracle.model_applications import Facts, application_row, score, step_rows
from oracle.report_analytics import reconciliation
from oracle.tailed import tailed
from oracle.talent_ray import Talent, talent_ray

if TYPE_CHECKING:
    from collections.abc import Sequence

    from oracle.observed import Observed

Row = dict[str, Any]
Tables = dict[str, list[Row]]

KEYS: dict[str, tuple[str, ...]] = {
    "dim_candidates": ("candidate_id",),
    "dim_roles": ("role_id",),
    "dim_role_steps": ("role_step_id",),
    "dim_tests": ("test_id",),
    "dim_organizations": ("organization_id",),
    "dim_dates": ("date_day",),
    "fct_applications": ("application_id",),
    "fct_application_steps": ("visit_id",),
    "fct_application_changes": ("change_id",),
    "fct_first_scores": ("application_id", "score_kind"),
    "fct_leads": ("lead_id",),
    "fct_screenings": ("screening_id",),
    "fct_pipeline_daily": ("date_day", "role_id", "stage"),
    "fct_analytics_snapshots": ("snapshot_row_id",),
    "rpt_hiring_funnel": ("platform", "account", "cohort_month", "role_id", "stage"),
    "rpt_stage_activity": ("platform", "account", "week_start", "role_id", "stage"),
    "rpt_time_to_hire": ("platform", "account", "hired_month", "level", "level_id"),
    "rpt_time_in_step": ("platform", "account", "role_id", "role_step_id"),
    "rpt_time_to_fill": ("platform", "account", "filled_month", "level", "level_id"),
    "rpt_open_roles": ("role_id",),
    "rpt_aging_applications": ("application_id",),
    "rpt_sourcing_conversion": ("platform", "account", "cohort_month", "primary_role_id"),
    "rpt_screening_quality": ("platform", "account", "batch_id", "role_id"),
    "rpt_score_calibration": ("platform", "account", "score_kind", "score_band"),
    "rpt_offer_outcomes": ("platform", "account", "extended_month", "role_id"),
    "rpt_rejection_reasons": ("closed_month", "role_id", "last_stage", "outcome", "reason"),
    "rpt_pipeline_trend": ("platform", "account", "week_start", "organization_id", "stage"),
    "rpt_analytics_reconciliation": ("platform", "account", "metric", "role_id", "period_end"),
    "rpt_data_quality": ("platform", "account", "check_name", "detail"),
    "rpt_freshness": ("platform", "account", "resource"),
}
"""Table -> the columns that tell its rows apart."""
DATED = (
    ("fct_applications", "applied_at"),
    ("dim_candidates", "created_at"),
    ("dim_roles", "opened_at"),
    ("fct_leads", "created_at"),
)


def calculate(seen: Observed) -> Tables:
    """Every mart and report of one account, by name."""
    tables: Tables = {name: [] for name in KEYS}
    for platform, calculated in (("talent_ray", _talent_ray), ("tailed", _tailed)):
        if platform in seen.platforms():
            for name, rows in calculated(seen).items():
                tables[name] += rows
    return tables


def _tailed(seen: Observed) -> Tables:
    platform, account = "tailed", seen.account
    own = tailed(seen)
    as_of, first_refresh = seen.as_of_at(platform), seen.first_refresh_at(platform)
    apps = [application_row(facts) for facts in own.facts]
    steps = [row for facts in own.facts for row in step_rows(facts)]
    roles = model_tailed.roles(own, apps)
    snapshots = model_tailed.snapshots(own)
    changes = model_tailed.changes(own)
    tables = {
        "dim_candidates": model_tailed.candidates(own, apps),
        "dim_roles": roles,
        "dim_role_steps": model_tailed.role_steps(own),
        "dim_organizations": model_tailed.organizations(own, roles),
        "fct_applications": apps,
        "fct_application_steps": steps,
        "fct_application_changes": changes,
        "fct_pipeline_daily": model_daily.pipeline_daily(steps, platform, account, first_refresh, as_of),
        "fct_analytics_snapshots": snapshots,
        "rpt_analytics_reconciliation": reconciliation(
            snapshots, apps, steps, changes, {role["role_id"]: role for role in roles}
        ),
    }
    tables |= _reports(tables, as_of, late_entry=True)
    return tables | _trust(seen, platform, tables, own.facts)


def _talent_ray(seen: Observed) -> Tables:
    talent = talent_ray(seen)
    platform, account = "talent_ray", seen.account
    as_of, first_refresh = seen.as_of_at(platform), seen.first_refresh_at(platform)
    apps = [application_row(facts) for facts in talent.facts]
    steps = [row for facts in talent.facts for row in step_rows(facts)]
    roles = model_dimensions.roles(talent, apps)
    role_steps = model_dimensions.role_steps(talent)
    leads = model_sourcing.leads(talent, apps)
    screenings = model_sourcing.screenings(talent, apps, leads, role_steps)
    daily = model_daily.pipeline_daily(steps, platform, account, first_refresh, as_of)
    tables = {
        "dim_candidates": model_dimensions.candidates(talent, apps),
        "dim_roles": roles,
        "dim_role_steps": role_steps,
        "dim_tests": model_dimensions.tests(talent),
        "dim_organizations": model_dimensions.organizations(talent, roles),
        "fct_applications": apps,
        "fct_application_steps": steps,
        "fct_application_changes": model_changes.changes(talent),
        "fct_leads": leads,
        "fct_screenings": screenings,
        "fct_pipeline_daily": daily,
    }
    tables["fct_first_scores"] = _first_scores(talent, apps)
    tables["rpt_score_calibration"] = report_sourcing.score_calibration(apps, tables["fct_first_scores"])
    by_role = {role["role_id"]: role for role in roles}
    tables |= {
        "rpt_sourcing_conversion": report_sourcing.sourcing_conversion(leads, by_role, as_of),
        "rpt_screening_quality": report_sourcing.screening_quality(screenings, by_role),
    }
    tables |= _reports(tables, as_of, late_entry=False)
    return tables | _trust(seen, platform, tables, talent.facts)


def _reports(tables: Tables, as_of: Any, *, late_entry: bool) -> Tables:
    """The reports that both platforms have."""
    apps, steps, daily = tables["fct_applications"], tables["fct_application_steps"], tables["fct_pipeline_daily"]
    roles = {role["role_id"]: role for role in tables["dim_roles"]}
    role_steps = {step["role_step_id"]: step for step in tables["dim_role_steps"]}
    return {
        "rpt_hiring_funnel": report_pipeline.hiring_funnel(apps, roles, tables["dim_role_steps"]),
        "rpt_stage_activity": model_daily.stage_activity(steps, roles),
        "rpt_time_to_hire": report_durations.time_to_hire(apps, as_of, late_entry=late_entry),
        "rpt_time_in_step": report_durations.time_in_step(steps, roles, role_steps, as_of),
        "rpt_time_to_fill": report_durations.time_to_fill(apps, roles),
        "rpt_open_roles": report_pipeline.open_roles(apps, roles, steps, as_of),
        "rpt_aging_applications": report_pipeline.aging_applications(apps, roles, steps),
        "rpt_rejection_reasons": report_pipeline.rejection_reasons(apps, roles),
        "rpt_offer_outcomes": report_pipeline.offer_outcomes(apps, roles),
        "rpt_pipeline_trend": model_daily.pipeline_trend(daily, roles, as_of),
    }


def _trust(seen: Observed, platform: str, tables: Tables, facts: list[Facts]) -> Tables:
    reopened = [period.reopened for one in facts for period in one.path.periods[1:]]
    return {
        "rpt_data_quality": report_trust.data_quality(seen, platform, tables, reopened),
        "rpt_freshness": report_trust.freshness(seen, platform, tables),
    }


def calendar(tables: Tables, seen: Sequence[Observed]) -> list[Row]:
    """dim_dates, which all accounts share."""
    events = [row[name] for table, name in DATED for row in tables[table]]
    ends = [observed.as_of_at(platform) for observed in seen for platform in observed.platforms()]
    first = [event.date() for event in events if event is not None]
    first += [row["period_end"] for row in tables["fct_analytics_snapshots"]]
    return model_dimensions.dates(min([*first, *(end.date() for end in ends)]), max(ends).date())


def _first_scores(talent: Talent, apps: list[Row]) -> list[Row]:
    """fct_first_scores: the first score seen of each application and kind, and whether it was seen to appear."""
    links = talent.seen.table("talent_ray", "lead_roles")
    by_lead = {(talent.id(lead), talent.id(role)): versions for (lead, role), versions in links.items()}
    found = []
    histories = {
        "overall_fit": {
            talent.id(*pair): (application.assignment, "overall_fit_score")
            for pair, application in talent.applications.items()
        },
        "resume_fit": {
            app["application_id"]: (by_lead.get((app["lead_id"], app["role_id"]), []), "resume_fit_score")
            for app in apps
        },
    }
    for kind, versions_of in histories.items():
        for application_id, (versions, column) in versions_of.items():
            for place, version in enumerate(versions):
                value = score(version.values[column])
                if value is not None:
                    found.append(
                        {
                            "application_id": application_id,
                            "platform": "talent_ray",
                            "account": talent.seen.account,
                            "score_kind": kind,
                            "first_score": value,
                            "first_observed_at": version.observed_at,
                            "is_observed_first": place > 0,
                        }
                    )
                    break
    return found
