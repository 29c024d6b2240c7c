"""The members of each report's numbers: one query per report, with the events that decide where a member counts.

A query has a row per member and the columns that the report groups by. Nothing personal is asked for. `{zone}`,
`{within}` and `{window}` stand for the settings that the reports were built with.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

ROLE: Final = "roles.role_name, roles.department, roles.organization_id"
APPLICATIONS: Final = """from marts.fct_applications as members
left join marts.dim_roles as roles on members.role_id = roles.role_id"""
VISITS: Final = """from marts.fct_application_steps as members
left join marts.dim_roles as roles on members.role_id = roles.role_id
left join marts.dim_role_steps as role_steps on members.role_step_id = role_steps.role_step_id
left join intermediate.int_accounts__dated as accounts
    on members.platform = accounts.platform and members.account = accounts.account
where not members.is_after_close"""


@dataclass(frozen=True)
class Members:
    """The members of a report's numbers: a query, the events in it, and what is taken when nothing is said."""

    sql: str
    events: tuple[str, ...]
    default: Mapping[str, str] = field(default_factory=dict)


def event(name: str, told_as: str | None = None) -> str:
    """The three columns of an event, under its own name or another."""
    return ", ".join(f"members.{name}_{end} as {told_as or name}_{end}" for end in ("at", "not_before", "not_after"))


def _period(part: str, name: str, table: str = "members") -> str:
    return f"cast(date_trunc('{part}', cast({table}.{name}_at at time zone '{{zone}}' as date)) as date)"


def dated(part: str, name: str, *, near: bool = True) -> str:
    """The month or week of an event; if `near`, null when its bounds are too far apart to say."""
    if not near:
        return _period(part, name)
    datable = f"members.{name}_not_after - members.{name}_not_before <= interval '{{within}} days'"
    return f"case when {datable} then {_period(part, name)} end"


MEMBERS: Final[Mapping[str, Members]] = {
    "rpt_hiring_funnel": Members(
        f"""select members.platform, members.account, {dated("month", "applied")} as cohort_month, members.role_id,
stages.stage, {ROLE}, members.application_id, members.outcome, members.is_closed, members.is_in_pipeline,
members.furthest_stage, {event("applied")}
{APPLICATIONS}
inner join (
    select 1 as stage_rank, 'applied' as stage union all select 2, 'screening' union all select 3, 'assessment'
    union all select 4, 'interview' union all select 5, 'offer' union all select 6, 'hired'
) as stages on members.furthest_stage_rank >= stages.stage_rank""",
        ("applied",),
        {"stage": "applied"},
    ),
    "rpt_time_to_hire": Members(
        f"""select members.platform, members.account,
case when members.days_to_hire is not null then {_period("month", "hired")} end as hired_month,
members.role_id, {ROLE}, members.application_id, members.days_to_hire, members.days_to_hire_low,
members.days_to_hire_high, {event("applied")}, {event("hired")}
{APPLICATIONS}
where members.outcome = 'hired'""",
        ("applied", "hired"),
    ),
    "rpt_time_to_fill": Members(
        f"""select members.platform, members.account, {dated("month", "hired")} as filled_month, members.role_id,
{ROLE}, members.application_id, roles.target_hire_count, members.hire_number,
members.hire_number = greatest(1, coalesce(roles.target_hire_count, 1)) as is_filling,
roles.opened_at, roles.opened_not_before, roles.opened_not_after, {event("hired")}
from (
    select *, row_number() over (partition by role_id order by hired_at, application_id) as hire_number
    from marts.fct_applications
    where outcome = 'hired'
) as members
left join marts.dim_roles as roles on members.role_id = roles.role_id""",
        ("opened", "hired"),
    ),
    "rpt_time_in_step": Members(
        f"""select members.platform, members.account, members.role_id, members.role_step_id, {ROLE},
role_steps.step_name, members.stage, members.application_id, members.visit_id, members.exit_type, members.is_skipped,
members.left_at is null as is_open, members.days_in_step, members.days_so_far, members.days_to_decide,
{event("entered")}, {event("left")}
{VISITS}
and (members.left_at is null or members.left_at >= accounts.as_of_at - interval '{{window}} days')""",
        ("entered", "left"),
    ),
    "rpt_stage_activity": Members(
        f"""select members.platform, members.account, {dated("week", "entered")} as week_start, members.role_id,
members.stage, {ROLE}, members.application_id, 'entered' as movement, {event("entered")}
{VISITS} and not members.is_skipped and members.is_stage_entry
union all
select members.platform, members.account, {dated("week", "left")}, members.role_id, members.stage, {ROLE},
members.application_id, members.exit_type, {event("left")}
{VISITS} and not members.is_skipped and members.is_stage_exit and members.left_at is not null""",
        ("entered",),
    ),
    "rpt_open_roles": Members(
        f"""select members.platform, members.account, members.role_id, members.current_stage as stage, {ROLE},
members.application_id, members.outcome, members.days_in_pipeline, members.days_in_current_step, {event("applied")}
{APPLICATIONS}
inner join reports.rpt_open_roles as open_roles on members.role_id = open_roles.role_id
where members.is_in_pipeline""",
        ("applied",),
    ),
    "rpt_aging_applications": Members(
        f"""select aging.platform, aging.account, aging.role_id, aging.role_step_id, aging.stage, {ROLE},
aging.application_id, aging.days_in_pipeline, aging.days_in_current_step, aging.typical_p90_days, aging.stalled_rule,
aging.is_stalled, {event("entered")}
from reports.rpt_aging_applications as aging
left join marts.fct_application_steps as members
    on aging.application_id = members.application_id and members.is_current
left join marts.dim_roles as roles on aging.role_id = roles.role_id""",
        ("entered",),
    ),
    "rpt_offer_outcomes": Members(
        f"""select members.platform, members.account, {dated("month", "offer")} as extended_month, members.role_id,
{ROLE}, members.application_id, members.offer_outcome, members.days_to_answer_offer, {event("offer")},
{event("offer_answered")}
{APPLICATIONS}
where members.offer_outcome is not null""",
        ("offer", "offer_answered"),
    ),
    "rpt_rejection_reasons": Members(
        f"""select members.platform, members.account, {dated("month", "closed")} as closed_month, members.role_id,
members.last_stage, members.outcome, coalesce(members.reason, 'not given') as reason, {ROLE}, members.application_id,
{event("closed")}
{APPLICATIONS}
where members.outcome in ('rejected', 'withdrawn')""",
        ("closed",),
    ),
    "rpt_sourcing_conversion": Members(
        f"""select members.platform, members.account,
cast(date_trunc('month', cast(members.created_at at time zone '{{zone}}' as date)) as date) as cohort_month,
members.primary_role_id, {ROLE}, members.lead_id, members.count_applications,
members.screened_at is not null as is_screened, members.assigned_at is not null as is_assigned,
members.converted_at is not null as is_converted, members.has_applied, members.has_interviewed, members.is_hired,
members.days_to_convert, {event("converted")}
from marts.fct_leads as members
left join marts.dim_roles as roles on members.primary_role_id = roles.role_id""",
        ("converted",),
    ),
    "rpt_screening_quality": Members(
        f"""select members.platform, members.account, members.batch_id, members.role_id, {ROLE}, members.lead_id,
members.application_id, members.resume_fit_score, members.passing_score, members.is_recommended, members.is_closed,
members.has_interviewed, members.is_hired, {event("screened")}
from marts.fct_screenings as members
left join marts.dim_roles as roles on members.role_id = roles.role_id""",
        ("screened",),
    ),
    "rpt_score_calibration": Members(
        f"""select members.platform, members.account, scores.score_kind,
greatest(0, least(9, cast(floor(scores.first_score / 10) as bigint))) as score_band, members.role_id, {ROLE},
members.application_id, scores.first_score, scores.is_observed_first, members.outcome,
members.furthest_stage_rank >= 4 as is_interviewed,
{event("closed")}
{APPLICATIONS}
inner join marts.fct_first_scores as scores on members.application_id = scores.application_id
where members.is_closed""",
        ("closed",),
    ),
}
