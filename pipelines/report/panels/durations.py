"""How long things take: hire, step, fill."""

from __future__ import annotations

from typing import Final

from pipelines.report.panel import ROLE, SOURCE, Chapter, Chart, Panel, Series, key, total, value

_HIRE: Final = """
select
    platform,
    account,
    hired_month,
    case when level = 'role' then level_id end as role_id,
    n_days_to_hire,
    median_days_to_hire,
    p75_days_to_hire,
    p90_days_to_hire,
    median_days_to_hire_low,
    median_days_to_hire_high,
    n_undated,
    n_in_pipeline,
    survival_median_days,
    n_survival
from reports.rpt_time_to_hire
where level in ('account', 'role') and hired_month is {null}
"""

TO_HIRE: Final = Panel(
    name="time_to_hire",
    title="Time to hire",
    question="How long from application to hire, typical and slow? What does it become when open applications count?",
    source=_HIRE.format(null="null"),
    columns=(
        SOURCE,
        ROLE,
        total("Hires", "n_days_to_hire", "Hires with both ends dated."),
        value("Median", "median_days_to_hire", "days", "n_days_to_hire", "Half of the hires took at most this."),
        value("3 in 4", "p75_days_to_hire", "days", "n_days_to_hire", "Three in four hires took at most this."),
        value("9 in 10", "p90_days_to_hire", "days", "n_days_to_hire", "Nine in ten hires took at most this."),
        value(
            "Survival median",
            "survival_median_days",
            "days",
            means="The median with everyone counted who applied, also those still open or gone: the finished hires"
            " alone favour the fast.",
        ),
        total("Followed", "n_survival", "Applications behind the survival median."),
        total("In pipeline", "n_in_pipeline"),
        total("Undated", "n_undated", "Hires whose duration cannot be told."),
    ),
    chart=Chart(
        "range",
        ("source", "role"),
        (
            Series("Median", "median_days_to_hire"),
            Series("3 in 4", "p75_days_to_hire"),
            Series("9 in 10", "p90_days_to_hire"),
            Series("Survival median", "survival_median_days"),
        ),
        "days",
    ),
    order=("source", "-n_days_to_hire"),
    levelled=True,
    reads=("rpt_time_to_hire",),
)

TO_HIRE_BY_MONTH: Final = Panel(
    name="time_to_hire_by_month",
    title="Time to hire by month of hire",
    question="Is it getting faster or slower?",
    source=_HIRE.format(null="not null"),
    columns=(
        key("Hired in", "hired_month", "month"),
        SOURCE,
        ROLE,
        total("Hires", "n_days_to_hire", "Hires with both ends dated."),
        value("Median", "median_days_to_hire", "days", "n_days_to_hire"),
        value("3 in 4", "p75_days_to_hire", "days", "n_days_to_hire"),
        value("9 in 10", "p90_days_to_hire", "days", "n_days_to_hire"),
        value(
            "At least",
            "median_days_to_hire_low",
            "days",
            "n_days_to_hire",
            "The median if each was as quick as its bounds allow.",
        ),
        value(
            "At most",
            "median_days_to_hire_high",
            "days",
            "n_days_to_hire",
            "The median if each was as slow as its bounds allow.",
        ),
    ),
    chart=Chart(
        "dots",
        ("hired_month",),
        (Series("Median, up to 9 in 10", "median_days_to_hire", "median_days_to_hire", "p90_days_to_hire"),),
        "days",
        split=("source",),
        limit=36,
    ),
    order=("-hired_month", "source"),
    levelled=True,
    by_period="hired_month",
    reads=("rpt_time_to_hire",),
    notes=("The dot is the median; the line reaches up to what nine in ten hires took at most.",),
)

IN_STEP: Final = Panel(
    name="time_in_step",
    title="Time in step",
    question="Which step holds people longest? How long do decisions wait after a candidate has finished?",
    source="""
select
    platform,
    account,
    role_id,
    coalesce(step_name, case when role_step_id is null then '(before the first step)' else '(unnamed step)' end)
        as step_name,
    role_step_id,
    step_order,
    stage,
    n_days_in_step,
    median_days_in_step,
    p75_days_in_step,
    p90_days_in_step,
    n_days_to_decide,
    median_days_to_decide,
    n_open,
    median_days_so_far,
    count_skipped,
    count_undated,
    share_of_time
from reports.rpt_time_in_step
""",
    columns=(
        key("Step", "step_name"),
        ROLE,
        SOURCE,
        key("Stage", "stage", "stage"),
        total("Finished", "n_days_in_step", "Visits that ended within the report's window and can be dated."),
        value("Median", "median_days_in_step", "days", "n_days_in_step"),
        value("3 in 4", "p75_days_in_step", "days", "n_days_in_step"),
        value("9 in 10", "p90_days_in_step", "days", "n_days_in_step"),
        value(
            "To decide",
            "median_days_to_decide",
            "days",
            "n_days_to_decide",
            "Median from the candidate's end to the decision.",
        ),
        value("Of the role's time", "share_of_time", "share"),
        total("In it now", "n_open"),
        value("So far", "median_days_so_far", "days", "n_open", "Median age of the visits that have not ended."),
        total("Skipped", "count_skipped"),
        total("Undated", "count_undated", "Visits that ended at a time that cannot be told."),
    ),
    chart=Chart(
        "range",
        ("step_name", "role"),
        (
            Series("Median", "median_days_in_step"),
            Series("3 in 4", "p75_days_in_step"),
            Series("9 in 10", "p90_days_in_step"),
        ),
        "days",
    ),
    order=("-median_days_in_step", "-n_days_in_step"),
    order_in_role=("step_order",),
    reads=("rpt_time_in_step",),
    notes=("Open visits have no end and take no part in these medians; they are counted and aged beside them.",),
)

TO_FILL: Final = Panel(
    name="time_to_fill",
    title="Time to fill",
    question="How long from opening a role to its last planned hire?",
    source="""
select
    platform,
    account,
    case when level = 'role' then level_id end as role_id,
    n_days_to_fill,
    median_days_to_fill,
    p90_days_to_fill,
    median_days_to_first_hire,
    median_days_on_hold,
    count_roles_filled,
    count_hires,
    n_unfilled,
    n_undated
from reports.rpt_time_to_fill
where level = 'account' and filled_month is null
""",
    columns=(
        SOURCE,
        total("Roles filled", "count_roles_filled"),
        value("Median", "median_days_to_fill", "days", "n_days_to_fill"),
        value("9 in 10", "p90_days_to_fill", "days", "n_days_to_fill"),
        value("To the first hire", "median_days_to_first_hire", "days"),
        value("On hold", "median_days_on_hold", "days"),
        total("Hires", "count_hires"),
        total("Open roles", "n_unfilled", "Open now and not filled yet."),
        total("Undated", "n_undated"),
    ),
    chart=Chart(
        "range",
        ("source",),
        (
            Series("Median", "median_days_to_fill"),
            Series("To the first hire", "median_days_to_first_hire"),
            Series("9 in 10", "p90_days_to_fill"),
        ),
        "days",
    ),
    by_role=False,
    reads=("rpt_time_to_fill",),
)

CHAPTER: Final = Chapter("durations", "How long it takes", (TO_HIRE, TO_HIRE_BY_MONTH, IN_STEP, TO_FILL))
