"""Where people come from, whether scores tell, and how it ends."""

from __future__ import annotations

from typing import Final

from pipelines.report.panel import ROLE, SOURCE, Chapter, Chart, Panel, Series, key, rate, total, value

LEADS: Final = Panel(
    name="sourcing",
    title="Leads by month of creation",
    question="What share of leads become candidates, and hires?",
    source="""
select
    platform,
    account,
    cohort_month,
    primary_role_id as role_id,
    count_leads,
    count_screened,
    count_assigned,
    count_converted,
    count_applied,
    count_interviewed,
    count_hired
from reports.rpt_sourcing_conversion
""",
    columns=(
        key("Created in", "cohort_month", "month"),
        total("Leads", "count_leads"),
        total("Screened", "count_screened", "Leads with a resume score."),
        total("Assigned", "count_assigned", "Leads linked to a role."),
        total("Converted", "count_converted", "Leads that became candidates."),
        total("Applied", "count_applied"),
        total("Interviewed", "count_interviewed"),
        total("Hired", "count_hired"),
        rate("Converted, of all", "count_converted", "count_leads"),
        rate("Hired, of all", "count_hired", "count_leads"),
    ),
    chart=Chart(
        "columns",
        ("cohort_month",),
        (Series("Leads", "count_leads"), Series("Converted", "count_converted"), Series("Hired", "count_hired")),
        "leads",
        stacked=False,
        limit=36,
    ),
    order=("-cohort_month",),
    by_period="cohort_month",
    reads=("rpt_sourcing_conversion",),
    notes=("Young months have had less time. A lead counts for the role that fits it best.",),
)

SCREENING: Final = Panel(
    name="screening",
    title="CV screening",
    question="Do recommended CVs reach the interview? How many good ones were not recommended?",
    source="""
select
    platform,
    account,
    split_part(batch_id, ':', 3) as batch_id,
    role_id,
    count_members,
    count_scored,
    count_recommended,
    count_scored - count_recommended as count_not_recommended,
    count_members - count_scored as count_not_scored,
    count_closed,
    median_resume_fit_score,
    recommend_rate,
    recommend_rate_n,
    recommend_rate_low,
    recommend_rate_high,
    precision_rate,
    precision_rate_n,
    precision_rate_low,
    precision_rate_high,
    recall_rate,
    recall_rate_n,
    recall_rate_low,
    recall_rate_high
from reports.rpt_screening_quality
""",
    columns=(
        key("Batch", "batch_id"),
        ROLE,
        SOURCE,
        total("Members", "count_members"),
        total("Recommended", "count_recommended", "The score passes the role's screening step."),
        total("Scored, not recommended", "count_not_recommended", "Below it, or the role has no passing score."),
        total("Not scored", "count_not_scored"),
        value("Median score", "median_resume_fit_score", "score"),
        value("Recommended", "recommend_rate", "given_rate", means="Of the members with a verdict."),
        value("Precision", "precision_rate", "given_rate", means="Interviewed, of the recommended that are closed."),
        value("Recall", "recall_rate", "given_rate", means="Recommended, of the interviewed that are closed."),
        total("Closed", "count_closed"),
    ),
    chart=Chart(
        "bars",
        ("batch_id", "role"),
        (
            Series("Recommended", "count_recommended", tone=2),
            Series("Scored, not recommended", "count_not_recommended", tone=1),
            Series("Not scored", "count_not_scored", tone=5),
        ),
        "members",
    ),
    order=("-count_members",),
    reads=("rpt_screening_quality",),
)

CALIBRATION: Final = Panel(
    name="calibration",
    title="What a score is worth",
    question="Does a higher score mean a better chance? Can the score tell hires from others at all?",
    source="""
select
    platform,
    account,
    case score_kind when 'overall_fit' then 'Overall fit' when 'resume_fit' then 'Resume fit' else score_kind end
        as score_kind,
    score_band,
    mean_score,
    n_closed,
    interview_rate,
    interview_rate_n,
    interview_rate_low,
    interview_rate_high,
    hire_rate,
    hire_rate_n,
    hire_rate_low,
    hire_rate_high,
    auc_interview,
    auc_hire
from reports.rpt_score_calibration
""",
    columns=(
        key("Score", "score_kind"),
        SOURCE,
        key("Band", "score_band", "band"),
        total("Closed", "n_closed", "Closed applications whose first score lies in the band."),
        value("Mean score", "mean_score", "score"),
        value("Interviewed", "interview_rate", "given_rate"),
        value("Hired", "hire_rate", "given_rate"),
        value(
            "Tells interviews",
            "auc_interview",
            "number",
            means="Chance that one who was interviewed scored higher than one who was not; 0.5 tells nothing."
            " The same for all bands of a score.",
        ),
        value("Tells hires", "auc_hire", "number", means="The same for hires."),
    ),
    chart=Chart(
        "dots",
        ("score_band",),
        (Series("Interviewed", "interview_rate", "interview_rate_low", "interview_rate_high"),),
        "share that reached the interview",
        split=("score_kind", "source"),
        limit=20,
    ),
    by_role=False,
    reads=("rpt_score_calibration",),
    notes=("Scores of -1 mean not scored and are left out. The lines show the 95 % bounds.",),
)

OFFERS: Final = Panel(
    name="offers",
    title="Offers by month extended",
    question="What share of the offers made in a month were accepted, and how many are pending?",
    source="""
select
    platform,
    account,
    extended_month,
    role_id,
    count_extended,
    count_accepted,
    count_declined,
    count_rescinded,
    n_pending,
    n_unknown,
    acceptance_rate_n,
    decline_rate_n
from reports.rpt_offer_outcomes
""",
    columns=(
        key("Extended in", "extended_month", "month"),
        total("Extended", "count_extended"),
        total("Accepted", "count_accepted"),
        total("Declined", "count_declined"),
        total("Rescinded", "count_rescinded"),
        total("Pending", "n_pending"),
        total("Unclear", "n_unknown"),
        rate("Acceptance", "count_accepted", "acceptance_rate_n", "Accepted, of accepted, declined and rescinded."),
        rate("Decline", "count_declined", "decline_rate_n", "Declined, of accepted and declined."),
    ),
    chart=Chart(
        "columns",
        ("extended_month",),
        (
            Series("Accepted", "count_accepted", tone=2),
            Series("Declined", "count_declined", tone=1),
            Series("Rescinded", "count_rescinded", tone=4),
            Series("Pending", "n_pending", tone=0),
            Series("Unclear", "n_unknown", tone=5),
        ),
        "offers",
        limit=36,
    ),
    order=("-extended_month",),
    by_period="extended_month",
    reads=("rpt_offer_outcomes",),
    notes=("An offer belongs to the month it was extended in, whenever it is answered.",),
)

REASONS: Final = Panel(
    name="reasons",
    title="Reasons for ending",
    question="Why do we turn people down, and why do people withdraw?",
    source="""
select
    platform,
    account,
    closed_month,
    role_id,
    outcome,
    reason,
    sum(count_applications) as count_applications,
    sum(case when last_stage in ('applied', 'screening', 'assessment') then count_applications else 0 end)
        as count_early,
    sum(case when last_stage in ('interview', 'offer') then count_applications else 0 end) as count_late
from reports.rpt_rejection_reasons
group by platform, account, closed_month, role_id, outcome, reason
""",
    columns=(
        key("Reason", "reason"),
        key("Ended", "outcome"),
        total("Applications", "count_applications"),
        total("Before the interview", "count_early"),
        total("Interview or offer", "count_late"),
    ),
    chart=Chart(
        "bars", ("reason",), (Series("Applications", "count_applications"),), "applications", split=("outcome",)
    ),
    order=("-count_applications",),
    by_period="closed_month",
    reads=("rpt_rejection_reasons",),
    notes=(
        "Reasons are grouped by the seed rejection_reasons; texts that people typed are not shown here.",
        "A text that the privacy profile withholds counts as not given.",
    ),
)

SOURCING: Final = Chapter("sourcing", "Sourcing", (LEADS,))
SCORES: Final = Chapter("scores", "Screening and scores", (SCREENING, CALIBRATION))
ENDINGS: Final = Chapter("offers", "Offers and endings", (OFFERS, REASONS))
