"""The pipeline as it stands, and how it came to be."""

from __future__ import annotations

from typing import Final

from pipelines.report.panel import ROLE, SOURCE, Chapter, Chart, Panel, Series, key, rate, total, value

_STAGE_COUNTS: Final = (
    total("Applied", "count_applied"),
    total("Screening", "count_screening"),
    total("Assessment", "count_assessment"),
    total("Interview", "count_interview"),
    total("Offer", "count_offer"),
    total("Unclear", "count_unknown", "In a step that the status map does not know."),
)

OPEN_ROLES: Final = Panel(
    name="open_roles",
    title="Open roles",
    question="Which open roles lack candidates? How many hires may we expect from today's pipeline?",
    source="""
with

waiting as (

    select
        role_id,
        count(case when is_stalled then 1 end) as count_stalled,
        max(days_in_current_step) as longest_wait
    from reports.rpt_aging_applications
    group by role_id

)

select
    open_roles.platform,
    open_roles.account,
    open_roles.role_id,
    open_roles.days_open,
    open_roles.target_hire_count,
    open_roles.count_hires,
    open_roles.count_remaining,
    open_roles.count_applied,
    open_roles.count_screening,
    open_roles.count_assessment,
    open_roles.count_interview,
    open_roles.count_offer,
    open_roles.count_unknown,
    coalesce(waiting.count_stalled, 0) as count_stalled,
    waiting.longest_wait,
    open_roles.count_applications_30d,
    open_roles.days_since_movement,
    open_roles.expected_hires,
    open_roles.coverage
from reports.rpt_open_roles as open_roles
left join waiting
    on open_roles.role_id = waiting.role_id
""",
    columns=(
        ROLE,
        SOURCE,
        value("Days open", "days_open", "days"),
        total("Target", "target_hire_count"),
        total("Hired", "count_hires"),
        total("To hire", "count_remaining"),
        *_STAGE_COUNTS,
        total("Stalled", "count_stalled", "In their step for longer than nine in ten finished visits took."),
        value("Longest wait", "longest_wait", "days", means="Days of the one who has been longest in a step."),
        total("New in 30 days", "count_applications_30d"),
        value("Days still", "days_since_movement", "days", means="Since any application of the role moved."),
        value("Expected hires", "expected_hires", "number", means="Today's pipeline times the account's past yield."),
        value("Coverage", "coverage", "number", means="Expected hires for each hire still to make."),
    ),
    chart=Chart(
        "bars",
        ("role",),
        tuple(Series(column.label, column.name) for column in _STAGE_COUNTS),
        "applications in the pipeline",
        limit=15,
    ),
    order=("-days_open",),
    reads=("rpt_open_roles", "rpt_aging_applications"),
    notes=("Longest open first.",),
)

AGING: Final = Panel(
    name="aging",
    title="Who waits, and how long",
    question="How long have people waited in their step? Who waits longer than nine in ten did?",
    source="""
select
    platform,
    account,
    role_id,
    stage,
    count(*) as count_applications,
    count(case when is_stalled then 1 end) as count_stalled,
    count(case when days_in_current_step < 7 then 1 end) as count_week,
    count(case when days_in_current_step >= 7 and days_in_current_step < 14 then 1 end) as count_fortnight,
    count(case when days_in_current_step >= 14 and days_in_current_step < 30 then 1 end) as count_month,
    count(case when days_in_current_step >= 30 then 1 end) as count_longer,
    count(case when days_in_current_step is null then 1 end) as count_undated
from reports.rpt_aging_applications
group by platform, account, role_id, stage
""",
    columns=(
        key("Stage", "stage", "stage"),
        total("In pipeline", "count_applications"),
        total("Under 7 days", "count_week"),
        total("7 to 14", "count_fortnight"),
        total("14 to 30", "count_month"),
        total("30 and more", "count_longer"),
        total("Undated", "count_undated", "It cannot be told when they entered the step."),
        rate("Stalled", "count_stalled", "count_applications", "Longer than nine in ten finished visits took."),
    ),
    chart=Chart(
        "bars",
        ("stage",),
        (
            Series("Under 7 days", "count_week", tone=2),
            Series("7 to 14", "count_fortnight", tone=0),
            Series("14 to 30", "count_month", tone=1),
            Series("30 and more", "count_longer", tone=4),
            Series("Undated", "count_undated", tone=5),
        ),
        "applications in the pipeline",
    ),
    reads=("rpt_aging_applications",),
)

TREND: Final = Panel(
    name="trend",
    title="Pipeline by week",
    question="Is the pipeline growing or emptying?",
    source="""
select
    platform,
    account,
    week_start,
    stage,
    sum(count_opening) as count_opening,
    sum(count_entered) as count_entered,
    sum(count_left_forward) as count_left_forward,
    sum(count_left_back) as count_left_back,
    sum(count_rejected) as count_rejected,
    sum(count_withdrawn) as count_withdrawn,
    sum(count_hired) as count_hired,
    sum(count_vanished) as count_vanished,
    sum(count_closing) as count_closing
from reports.rpt_pipeline_trend
where week_start >= (select max(week_start) from reports.rpt_pipeline_trend) - 364
group by platform, account, week_start, stage
""",
    columns=(
        key("Week of", "week_start", "week"),
        total("At the start", "count_opening"),
        total("Came into a stage", "count_entered"),
        total("Moved on", "count_left_forward"),
        total("Moved back", "count_left_back"),
        total("Rejected", "count_rejected"),
        total("Withdrew", "count_withdrawn"),
        total("Hired", "count_hired"),
        total("No longer shown", "count_vanished"),
        total("At the end", "count_closing"),
    ),
    chart=Chart(
        "columns",
        ("week_start",),
        (Series("At the end", "count_closing"),),
        "applications in the pipeline",
        split=("stage",),
        limit=53,
    ),
    order=("-week_start",),
    by_period="week_start",
    by_role=False,
    reads=("rpt_pipeline_trend",),
    notes=("Start, plus those that came in, less those that left, is the end. The last week may not be over.",),
)

CHAPTER: Final = Chapter("pipeline", "Open roles and pipeline", (OPEN_ROLES, AGING, TREND))
