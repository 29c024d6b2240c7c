"""The members of numbers that are counted day by day, or by what is wrong with them: trend, reconciliation, quality."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipelines.members import APPLICATIONS, ROLE, VISITS, Members, dated, event

if TYPE_CHECKING:
    from collections.abc import Mapping


def _day(name: str) -> str:
    return f"cast(members.{name}_at at time zone '{{zone}}' as date)"


# A figure without a first day counts from the beginning; one without a role is that of the account.
_FIGURE: Final = f"""select figures.platform, figures.account, figures.metric, figures.role_id, figures.period_start,
figures.period_end, {ROLE}, members.application_id, members.outcome, members.days_to_hire, figures.explanation"""
_FIGURES: Final = f"""{APPLICATIONS}
inner join reports.rpt_analytics_reconciliation as figures
    on members.platform = figures.platform and members.account = figures.account
    and (figures.role_id is null or members.role_id = figures.role_id)
where"""


def _figure(metric: str, name: str) -> str:
    """Applications with that event in the period of a figure."""
    return f"""{_FIGURE}, {event(name, "happened")}
{_FIGURES} figures.our_metric = '{metric}'
and (figures.period_start is null or figures.period_start <= {_day(name)})
and (figures.period_end is null or {_day(name)} <= figures.period_end)"""


def _check(name: str, condition: str) -> str:
    """Applications that fail a check."""
    return f"""select members.platform, members.account, '{name}' as check_name, members.role_id, {ROLE},
members.application_id, members.outcome, cast(null as varchar) as visit_id, {event("applied", "happened")}
{APPLICATIONS} where {condition}"""


def _visit_check(name: str, condition: str) -> str:
    """Visits that fail a check."""
    return f"""select members.platform, members.account, '{name}' as check_name, members.role_id, {ROLE},
members.application_id, cast(null as varchar) as outcome, members.visit_id, {event("entered", "happened")}
{VISITS.removesuffix("where not members.is_after_close")}where {condition}"""


_CHECKS: Final = (
    _check("conflicting_outcome", "members.has_conflict"),
    _check("stub_role", "roles.is_stub"),
    _check(
        "stub_candidate",
        "members.candidate_id in (select candidate_id from marts.dim_candidates where is_stub)",
    ),
    _check(
        "application_without_steps",
        "members.application_id not in"
        " (select application_id from marts.fct_application_steps where role_step_id is not null)",
    ),
    _check("open_application_on_closed_role", "members.is_in_pipeline and roles.role_state in ('filled', 'closed')"),
    _check(
        "undated_close",
        "members.is_closed and (members.closed_not_before is null"
        " or members.closed_not_after - members.closed_not_before > interval '{within} days')",
    ),
    _check("negative_duration", "members.is_closed and members.closed_at < members.applied_at"),
    _visit_check("stub_step", "role_steps.is_stub"),
    _visit_check("visit_after_close", "members.is_after_close"),
    _visit_check(
        "undated_entry", "not members.is_entry_datable and not members.is_skipped and not members.is_after_close"
    ),
    _visit_check("negative_duration", "members.decided_at < members.completed_at"),
)

MEMBERS_ON_DAYS: Final[Mapping[str, Members]] = {
    "rpt_pipeline_trend": Members(
        f"""select members.platform, members.account, {dated("week", "entered", near=False)} as week_start,
roles.organization_id, members.stage, members.role_id, roles.role_name, members.application_id, 'entered' as movement,
{event("entered", "happened")}
{VISITS} and not members.is_skipped and members.is_stage_entry
union all
select members.platform, members.account, {dated("week", "left", near=False)}, roles.organization_id, members.stage,
members.role_id, roles.role_name, members.application_id, members.exit_type, {event("left")}
{VISITS} and not members.is_skipped and members.is_stage_exit and members.left_at is not null
union all
select members.platform, members.account, weeks.week_start, roles.organization_id, members.stage, members.role_id,
roles.role_name, members.application_id, 'standing at the close', {event("entered")}
{VISITS.removesuffix("where not members.is_after_close")}inner join (
    select distinct platform, account, week_start from reports.rpt_pipeline_trend
) as weeks
    on members.platform = weeks.platform and members.account = weeks.account
    and {_day("entered")} <= least(weeks.week_start + 6, accounts.as_of_date)
    and (members.left_at is null or {_day("left")} > least(weeks.week_start + 6, accounts.as_of_date))
where not members.is_after_close and not members.is_skipped""",
        ("happened",),
    ),
    "rpt_analytics_reconciliation": Members(
        " union all ".join(
            [
                _figure("applications", "applied"),
                _figure("hires", "hired"),
                _figure("rejections", "rejected"),
                f"{_figure('median_days_to_hire', 'hired')} and members.days_to_hire is not null",
                f"""{_FIGURE}, {event("applied", "happened")}
{_FIGURES} figures.our_metric in ('in_pipeline', 'candidates_in_pipeline')
and (figures.period_end is null or {_day("applied")} <= figures.period_end)
and (members.closed_at is null or {_day("closed")} > figures.period_end)
and (members.is_closed or members.vanished_at is null or {_day("vanished")} > figures.period_end)""",
            ]
        ),
        ("happened",),
    ),
    "rpt_data_quality": Members(" union all ".join(_CHECKS), ("happened",)),
}
