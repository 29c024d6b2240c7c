"""How far the figures may be trusted: age, completeness, what could not be taken at face value."""

from __future__ import annotations

from typing import Final

from pipelines.report.panel import SOURCE, Chapter, Chart, Panel, Series, key, total, value

FRESHNESS: Final = Panel(
    name="freshness",
    title="Freshness",
    question="How old is each table? Was the last reading complete?",
    source="""
select
    platform,
    account,
    resource,
    last_verdict,
    last_refresh_at,
    last_complete_at,
    hours_behind,
    count_declared,
    count_distinct,
    count_visible,
    count_refreshes_30d,
    longest_gap_hours_30d,
    median_bound_hours_30d,
    count_stale_parents
from reports.rpt_freshness
""",
    columns=(
        key("Table", "resource"),
        SOURCE,
        value("Last verdict", "last_verdict", "word", means="proven and count_complete are complete readings."),
        value("Last reading", "last_refresh_at", "instant"),
        value("Last complete", "last_complete_at", "instant"),
        value("Hours behind", "hours_behind", "hours", means="From the last complete reading to the last refresh."),
        total("Readings, 30 days", "count_refreshes_30d"),
        value("Longest gap", "longest_gap_hours_30d", "hours", means="Hours between two complete readings, 30 days."),
        value(
            "Typical bound", "median_bound_hours_30d", "hours", means="How exactly an unstamped change can be dated."
        ),
        total("Declared", "count_declared", "Rows the platform said there are."),
        total("Read", "count_distinct", "Different rows read."),
        total("Visible rows", "count_visible", "Rows in the warehouse that are still shown."),
        total("Stale parents", "count_stale_parents", "Candidates or roles whose steps were not read for 48 hours."),
    ),
    chart=Chart(
        "bars",
        ("resource", "source"),
        (Series("Hours behind", "hours_behind"), Series("Longest gap in 30 days", "longest_gap_hours_30d")),
        "hours",
        stacked=False,
        limit=30,
    ),
    order=("source", "resource"),
    by_role=False,
    reads=("rpt_freshness",),
)

QUALITY: Final = Panel(
    name="quality",
    title="Data quality",
    question="Which values need a row in the status map? What share of the figures is uncertain?",
    source="""
select
    platform,
    account,
    check_name,
    coalesce(detail, '') as detail,
    severity,
    count_checked,
    count_failed,
    share_failed,
    first_observed_at,
    last_observed_at
from reports.rpt_data_quality
""",
    columns=(
        key("Check", "check_name"),
        key("Detail", "detail"),
        SOURCE,
        value("Severity", "severity", "word"),
        total("Checked", "count_checked"),
        total("Failed", "count_failed"),
        value("Share", "share_failed", "share"),
        value("First seen", "first_observed_at", "instant"),
        value("Last seen", "last_observed_at", "instant"),
    ),
    chart=Chart(
        "bars",
        ("check_name", "detail", "source"),
        (Series("Failed", "count_failed"),),
        "records that did not pass",
        limit=15,
        zeros=False,
    ),
    order=("-count_failed", "check_name", "detail"),
    by_role=False,
    reads=("rpt_data_quality",),
    notes=("Nothing is dropped for failing a check: this table says what to know when reading the others.",),
)

RECONCILIATION: Final = Panel(
    name="reconciliation",
    title="The platform's own figures",
    question="Do our figures match the platform's analytics? If not, why?",
    source="""
select
    platform,
    account,
    metric,
    explanation,
    count(*) as count_figures
from reports.rpt_analytics_reconciliation
group by platform, account, metric, explanation
""",
    columns=(
        key("Figure", "metric"),
        SOURCE,
        key("How it compares", "explanation"),
        total("Figures", "count_figures", "Figures of the latest snapshot, per role and period."),
    ),
    chart=Chart("bars", ("metric",), (Series("Figures", "count_figures"),), "figures compared", split=("explanation",)),
    order=("metric", "-count_figures"),
    by_role=False,
    reads=("rpt_analytics_reconciliation",),
)

CHAPTER: Final = Chapter("trust", "Freshness and data quality", (FRESHNESS, QUALITY, RECONCILIATION))
