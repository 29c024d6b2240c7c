"""The funnel: how far those who applied have come."""

from __future__ import annotations

from typing import Final

from pipelines.report.panel import ROLE, SOURCE, Chapter, Chart, Panel, Series, key, rate, total

FUNNEL: Final = """
select
    platform,
    account,
    cohort_month,
    role_id,
    stage,
    sum(count_applications) as count_applications,
    sum(count_reached) as count_reached,
    sum(n_open) as n_open,
    sum(n_unknown) as n_unknown,
    sum(n_vanished) as n_vanished,
    sum(n_closed) as n_closed,
    sum(count_reached_closed) as count_reached_closed,
    sum(count_passed_closed) as count_passed_closed,
    sum(case when stage <> 'hired' then count_reached_closed end) as count_passable_closed,
    sum(case when stage <> 'hired' then count_lost end) as count_lost,
    sum(n_closed - count_reached_closed) as count_closed_without
from reports.rpt_hiring_funnel
group by platform, account, cohort_month, role_id, stage
"""

BY_STAGE: Final = Panel(
    name="funnel",
    title="Hiring funnel",
    question="Of those who applied, how many reached each stage, and where do we lose most?",
    source=FUNNEL,
    columns=(
        key("Stage", "stage", "stage"),
        total("Reached", "count_reached", "Applications that came to this stage or further, also those still open."),
        total("Reached, closed", "count_reached_closed", "The same among closed applications only."),
        rate("Of all closed", "count_reached_closed", "n_closed", "Reached it, of all closed applications."),
        rate(
            "Passed on", "count_passed_closed", "count_passable_closed", "Came further, of the closed that reached it."
        ),
        total("Lost here", "count_lost", "Closed applications that came no further."),
    ),
    chart=Chart("bars", ("stage",), (Series("Reached", "count_reached"),), "applications", note="Of all closed"),
    by_period="cohort_month",
    reads=("rpt_hiring_funnel",),
    notes=(
        "A stage that was skipped, or that a role does not have, counts as reached when a later one was.",
        "Rates are among closed applications only: open ones have not had their time.",
    ),
)

BY_ROLE: Final = Panel(
    name="funnel_by_role",
    title="Funnel by role",
    question="Which roles draw people, and which of them get as far as an offer?",
    source="""
select
    platform,
    account,
    cohort_month,
    role_id,
    sum(case when stage = 'applied' then count_applications end) as count_applications,
    sum(case when stage = 'screening' then count_reached end) as count_screening,
    sum(case when stage = 'assessment' then count_reached end) as count_assessment,
    sum(case when stage = 'interview' then count_reached end) as count_interview,
    sum(case when stage = 'offer' then count_reached end) as count_offer,
    sum(case when stage = 'hired' then count_reached end) as count_hired,
    sum(case when stage = 'hired' then count_reached_closed end) as count_hired_closed,
    sum(case when stage = 'hired' then n_closed end) as n_closed
from reports.rpt_hiring_funnel
group by platform, account, cohort_month, role_id
""",
    columns=(
        ROLE,
        SOURCE,
        total("Applied", "count_applications"),
        total("Screening", "count_screening"),
        total("Assessment", "count_assessment"),
        total("Interview", "count_interview"),
        total("Offer", "count_offer"),
        total("Hired", "count_hired"),
        rate("Hired, of closed", "count_hired_closed", "n_closed"),
    ),
    chart=Chart(
        "bars",
        ("role",),
        (
            Series("Applied", "count_applications", tone=0),
            Series("Interview", "count_interview", tone=3),
            Series("Hired", "count_hired", tone=2),
        ),
        "applications that reached it",
        stacked=False,
    ),
    order=("-count_applications",),
    by_period="cohort_month",
    reads=("rpt_hiring_funnel",),
    notes=("Most applications first. Each stage counts those that came further, too.",),
)

BY_MONTH: Final = Panel(
    name="cohorts",
    title="Cohorts by month of application",
    question="What became of those who applied in a month?",
    source=FUNNEL,
    where=(("stage", "hired"),),
    columns=(
        key("Applied in", "cohort_month", "month"),
        total("Applications", "count_applications"),
        total("Hired", "count_reached_closed"),
        total("Closed otherwise", "count_closed_without", "Rejected or withdrawn."),
        total("Open", "n_open"),
        total("Unclear", "n_unknown", "The status says neither open nor closed; see the status map."),
        total("No longer shown", "n_vanished", "The key cannot see them any more, and they were not closed."),
        rate("Hired, of closed", "count_reached_closed", "n_closed"),
    ),
    chart=Chart(
        "columns",
        ("cohort_month",),
        (
            Series("Hired", "count_reached_closed", tone=2),
            Series("Closed otherwise", "count_closed_without", tone=5),
            Series("Open", "n_open", tone=0),
            Series("Unclear", "n_unknown", tone=7),
            Series("No longer shown", "n_vanished", tone=4),
        ),
        "applications",
        limit=36,
    ),
    order=("-cohort_month",),
    by_period="cohort_month",
    reads=("rpt_hiring_funnel",),
    notes=(
        "Young months have had less time: what is closed in them is mostly what was turned down quickly.",
        "Undated: the platform does not tell when they applied, and we saw them too late to say.",
    ),
)

CHAPTER: Final = Chapter("funnel", "Funnel", (BY_STAGE, BY_MONTH, BY_ROLE))
