"""Which applications are behind a number of a report, and how certain each of them is.

    explain(warehouse, "hiring_funnel", {"cohort_month": "2026-03", "stage": "offer"})

Every report that counts applications has its members below: one query with a row per member, the columns that the
report groups by, and the events that decide whether and where the member counts. Nothing personal is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from connector.errors import UsageError
from pipelines.report.gather import asked, setting

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipelines.warehouse import Warehouse

Row: TypeAlias = dict[str, Any]

_DAY: Final = timedelta(days=1)
_MOST_FILTERS: Final = 20
_ROLE: Final = "roles.role_name, roles.department, roles.organization_id"
_APPLICATIONS: Final = """from marts.fct_applications as members
left join marts.dim_roles as roles on members.role_id = roles.role_id"""
_VISITS: Final = """from marts.fct_application_steps as members
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


def _event(name: str) -> str:
    return ", ".join(f"members.{name}_{end}" for end in ("at", "not_before", "not_after"))


def _period(part: str, name: str, table: str = "members") -> str:
    return f"cast(date_trunc('{part}', cast({table}.{name}_at at time zone '{{zone}}' as date)) as date)"


def _dated(part: str, name: str) -> str:
    """The month or week of an event; null when its bounds are too far apart to say."""
    near = f"members.{name}_not_after - members.{name}_not_before <= interval '{{within}} days'"
    return f"case when {near} then {_period(part, name)} end"


_MEMBERS: Final[Mapping[str, Members]] = {
    "rpt_hiring_funnel": Members(
        f"""select members.platform, members.account, {_dated("month", "applied")} as cohort_month, members.role_id,
stages.stage, {_ROLE}, members.application_id, members.outcome, members.is_closed, members.is_in_pipeline,
members.furthest_stage, {_event("applied")}
{_APPLICATIONS}
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
members.role_id, {_ROLE}, members.application_id, members.days_to_hire, members.days_to_hire_low,
members.days_to_hire_high, {_event("applied")}, {_event("hired")}
{_APPLICATIONS}
where members.outcome = 'hired'""",
        ("applied", "hired"),
    ),
    "rpt_time_to_fill": Members(
        f"""select members.platform, members.account, {_dated("month", "hired")} as filled_month, members.role_id,
{_ROLE}, members.application_id, roles.target_hire_count, members.hire_number,
members.hire_number = greatest(1, coalesce(roles.target_hire_count, 1)) as is_filling,
roles.opened_at, roles.opened_not_before, roles.opened_not_after, {_event("hired")}
from (
    select *, row_number() over (partition by role_id order by hired_at, application_id) as hire_number
    from marts.fct_applications
    where outcome = 'hired'
) as members
left join marts.dim_roles as roles on members.role_id = roles.role_id""",
        ("opened", "hired"),
    ),
    "rpt_time_in_step": Members(
        f"""select members.platform, members.account, members.role_id, members.role_step_id, {_ROLE},
role_steps.step_name, members.stage, members.application_id, members.visit_id, members.exit_type, members.is_skipped,
members.left_at is null as is_open, members.days_in_step, members.days_so_far, members.days_to_decide,
{_event("entered")}, {_event("left")}
{_VISITS}
and (members.left_at is null or members.left_at >= accounts.as_of_at - interval '{{window}} days')""",
        ("entered", "left"),
    ),
    "rpt_stage_activity": Members(
        f"""select members.platform, members.account, {_dated("week", "entered")} as week_start, members.role_id,
members.stage, {_ROLE}, members.application_id, 'entered' as movement, {_event("entered")}
{_VISITS} and not members.is_skipped and members.is_stage_entry
union all
select members.platform, members.account, {_dated("week", "left")}, members.role_id, members.stage, {_ROLE},
members.application_id, members.exit_type, {_event("left")}
{_VISITS} and not members.is_skipped and members.is_stage_exit and members.left_at is not null""",
        ("entered",),
    ),
    "rpt_open_roles": Members(
        f"""select members.platform, members.account, members.role_id, members.current_stage as stage, {_ROLE},
members.application_id, members.outcome, members.days_in_pipeline, members.days_in_current_step, {_event("applied")}
{_APPLICATIONS}
inner join reports.rpt_open_roles as open_roles on members.role_id = open_roles.role_id
where members.is_in_pipeline""",
        ("applied",),
    ),
    "rpt_aging_applications": Members(
        f"""select aging.platform, aging.account, aging.role_id, aging.role_step_id, aging.stage, {_ROLE},
aging.application_id, aging.days_in_pipeline, aging.days_in_current_step, aging.typical_p90_days, aging.stalled_rule,
aging.is_stalled, {_event("entered")}
from reports.rpt_aging_applications as aging
left join marts.fct_application_steps as members
    on aging.application_id = members.application_id and members.is_current
left join marts.dim_roles as roles on aging.role_id = roles.role_id""",
        ("entered",),
    ),
    "rpt_offer_outcomes": Members(
        f"""select members.platform, members.account, {_dated("month", "offer")} as extended_month, members.role_id,
{_ROLE}, members.application_id, members.offer_outcome, members.days_to_answer_offer, {_event("offer")},
{_event("offer_answered")}
{_APPLICATIONS}
where members.offer_outcome is not null""",
        ("offer", "offer_answered"),
    ),
    "rpt_rejection_reasons": Members(
        f"""select members.platform, members.account, {_dated("month", "closed")} as closed_month, members.role_id,
members.last_stage, members.outcome, coalesce(members.reason, 'not given') as reason, {_ROLE}, members.application_id,
{_event("closed")}
{_APPLICATIONS}
where members.outcome in ('rejected', 'withdrawn')""",
        ("closed",),
    ),
    "rpt_sourcing_conversion": Members(
        f"""select members.platform, members.account,
cast(date_trunc('month', cast(members.created_at at time zone '{{zone}}' as date)) as date) as cohort_month,
members.primary_role_id, {_ROLE}, members.lead_id, members.count_applications,
members.screened_at is not null as is_screened, members.assigned_at is not null as is_assigned,
members.converted_at is not null as is_converted, members.has_applied, members.has_interviewed, members.is_hired,
members.days_to_convert, {_event("converted")}
from marts.fct_leads as members
left join marts.dim_roles as roles on members.primary_role_id = roles.role_id""",
        ("converted",),
    ),
    "rpt_screening_quality": Members(
        f"""select members.platform, members.account, members.batch_id, members.role_id, {_ROLE}, members.lead_id,
members.application_id, members.resume_fit_score, members.passing_score, members.is_recommended, members.is_closed,
members.has_interviewed, members.is_hired, {_event("screened")}
from marts.fct_screenings as members
left join marts.dim_roles as roles on members.role_id = roles.role_id""",
        ("screened",),
    ),
    "rpt_score_calibration": Members(
        f"""select members.platform, members.account, members.score_kind,
greatest(0, least(9, cast(floor(members.score / 10) as bigint))) as score_band, members.role_id, {_ROLE},
members.application_id, members.score, members.outcome, members.furthest_stage_rank >= 4 as is_interviewed,
{_event("closed")}
from (
    select *, 'overall_fit' as score_kind, first_overall_fit_score as score from marts.fct_applications
    union all
    select *, 'resume_fit' as score_kind, resume_fit_score as score from marts.fct_applications
) as members
left join marts.dim_roles as roles on members.role_id = roles.role_id
where members.is_closed and members.score is not null""",
        ("closed",),
    ),
}
EXPLAINED: Final = tuple(_MEMBERS)


def explain(
    warehouse: Warehouse, report: str, filters: Mapping[str, str], *, report_timezone: str = "UTC"
) -> list[Row]:
    """The members behind a number of a report: one row each, with the certainty of every event that it rests on.

    `filters` name columns of the report and their values as text (a month as 2026-03; nothing or null for the undated).
    A certainty is exact, within so many hours or days, or undated. Raises UsageError for a report or a column unknown.
    """
    name = report if report.startswith("rpt_") else f"rpt_{report}"
    members = _MEMBERS.get(name)
    if members is None:
        known = ", ".join(known.removeprefix("rpt_") for known in _MEMBERS)
        raise UsageError(f"No applications stand behind {_shown(report)}.", f"These can be explained: {known}.")
    within = setting("datable_within_days", 8)
    sql = _filled(members.sql, zone=report_timezone, within=within, window=setting("report_window_days", 365))
    columns = asked(warehouse, f"select * from ({sql}) as members limit 0").column_names
    wanted = _conditions({**members.default, **filters}, columns, name)
    rows = asked(warehouse, f"select * from ({sql}) as members{wanted}{_order(columns)}").to_pylist()
    return [_told(row, members.events, within) for row in rows]


def certainty(at: datetime | None, not_before: datetime | None, not_after: datetime | None, *, within_days: int) -> str:
    """How exactly an event is dated, in words."""
    if at is None:
        return "not happened"
    if not_before is None or not_after is None:
        return "undated"
    width = not_after - not_before
    if not width:
        return "exact"
    said = f"{width / _DAY:.1f} days" if width >= _DAY else f"{width / timedelta(hours=1):.1f} hours"
    return f"within {said}" if width <= within_days * _DAY else f"undated: some time in {said}"


def _told(row: Row, events: tuple[str, ...], within: int) -> Row:
    bounds = {name: [row.pop(f"{name}_{end}") for end in ("at", "not_before", "not_after")] for name in events}
    for name, (at, not_before, not_after) in bounds.items():
        row[f"{name}_at"] = at
        row[f"{name}_certainty"] = certainty(at, not_before, not_after, within_days=within)
    return row


def _filled(sql: str, *, zone: str, within: int, window: int) -> str:
    """The query with its settings; braces stand for nothing else in it."""
    settings = {"{zone}": zone.replace("'", "''"), "{within}": str(within), "{window}": str(window)}
    for hole, value in settings.items():
        sql = sql.replace(hole, value)
    return sql


def _conditions(filters: Mapping[str, str], columns: list[str], report: str) -> str:
    if len(filters) > _MOST_FILTERS:
        raise UsageError(f"More than {_MOST_FILTERS} filters are not taken.")
    parts = []
    for column, value in filters.items():
        if column not in columns or column.endswith(("_at", "_not_before", "_not_after")):
            known = ", ".join(name for name in columns if not name.endswith(("_at", "_not_before", "_not_after")))
            raise UsageError(f"{report} cannot be narrowed by {_shown(column)}.", f"Its columns: {known}.")
        parts.append(_condition(column, str(value).strip()))
    return " where " + " and ".join(parts) if parts else ""


def _condition(column: str, value: str) -> str:
    if value.lower() in {"", "null", "none", "undated"}:
        return f'"{column}" is null'
    if column.endswith(("_month", "week_start")):
        return f"\"{column}\" = date '{_day(column, value)}'"
    if column.startswith(("is_", "has_")):
        return f'"{column}"' if value.lower() in {"true", "yes", "1"} else f'not "{column}"'
    quoted = value.replace("'", "''").replace("\0", "")
    return f"cast(\"{column}\" as varchar) = '{quoted}'"


def _day(column: str, value: str) -> date:
    try:
        return date.fromisoformat(value if value.count("-") > 1 else f"{value}-01")
    except ValueError as error:
        raise UsageError(f"{_shown(value)} is no {column}.", "Write it as 2026-03 or 2026-03-01.") from error


def _order(columns: list[str]) -> str:
    first = [name for name in ("application_id", "lead_id", "visit_id", "movement") if name in columns]
    return f" order by {', '.join(first)}"


def _shown(text: str) -> str:
    return f"`{text[:60]}`".encode("ascii", "replace").decode()
