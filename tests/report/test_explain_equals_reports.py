"""For a refreshed company: the members of every number of every report, counted, are that number."""

from __future__ import annotations

from collections import Counter

import duckdb
import pytest

from pipelines.docs import write_docs
from pipelines.explain import EXPLAINED, explain
from pipelines.warehouse import open_warehouse
from tests.report.browser import Chromium, installed

STAGES = ("applied", "screening", "assessment", "interview", "offer", "hired")


def ended(row):
    return not row["is_open"] and not row["is_skipped"] and row["days_in_step"] is not None


# How the members of a report are counted: its keys and the number, and of the members the same keys and which of them.
COUNTED = {
    "rpt_time_in_step": ("role_id, role_step_id", "n_days_in_step", ended),
    "rpt_open_roles": (
        "role_id",
        "count_applied + count_screening + count_assessment + count_interview + count_offer + count_unknown",
        lambda row: True,
    ),
    "rpt_aging_applications": ("application_id", "1", lambda row: True),
    "rpt_offer_outcomes": ("extended_month, role_id", "count_extended", lambda row: True),
    "rpt_rejection_reasons": (
        "closed_month, role_id, last_stage, outcome, reason",
        "count_applications",
        lambda row: True,
    ),
    "rpt_sourcing_conversion": ("cohort_month, primary_role_id", "count_converted", lambda row: row["is_converted"]),
    "rpt_screening_quality": ("batch_id, role_id", "count_members", lambda row: True),
    "rpt_score_calibration": ("platform, account, score_kind, score_band", "n_closed", lambda row: True),
}


def counted(rows, names, which):
    return Counter(tuple(row[name] for name in names) for row in rows if which(row))


@pytest.mark.slow
def test_the_members_of_every_number_are_that_number(run, warehouse, tmp_path):
    run(skip_build=False)
    place = open_warehouse(str(warehouse))

    def told(sql: str) -> Counter:
        with duckdb.connect(str(warehouse), read_only=True) as database:
            return Counter({tuple(row[:-1]): row[-1] for row in database.execute(sql).fetchall() if row[-1]})

    members = {name: explain(place, name, {}) for name in EXPLAINED}
    assert all(members.values())
    for name, (keys, number, which) in COUNTED.items():
        expected = told(f"select {keys}, sum({number}) from reports.{name} group by all")
        assert counted(members[name], keys.split(", "), which) == expected, name

    for stage in STAGES:
        expected = told(
            "select cohort_month, role_id, sum(count_reached) from reports.rpt_hiring_funnel"
            f" where stage = '{stage}' group by all"
        )
        reached = explain(place, "hiring_funnel", {"stage": stage})
        assert counted(reached, ("cohort_month", "role_id"), lambda row: True) == expected, stage

    hires = members["rpt_time_to_hire"]
    by_month = (
        "select hired_month, platform, sum(n_days_to_hire) from reports.rpt_time_to_hire"
        " where level = 'account' and hired_month is not null group by all"
    )
    assert counted(hires, ("hired_month", "platform"), lambda row: row["hired_month"]) == told(by_month)
    undated = "select platform, n_undated from reports.rpt_time_to_hire where level = 'account' and hired_month is null"
    assert counted(hires, ("platform",), lambda row: row["hired_month"] is None) == told(undated)
    filled = (
        "select platform, count_roles_filled from reports.rpt_time_to_fill"
        " where level = 'account' and filled_month is null"
    )
    assert counted(members["rpt_time_to_fill"], ("platform",), lambda row: row["is_filling"]) == told(filled)
    for movement, column in (
        ("entered", "count_entered"),
        ("forward", "count_left_forward"),
        ("rejected", "count_rejected"),
    ):
        expected = told(
            f"select week_start, role_id, stage, sum({column}) from reports.rpt_stage_activity group by all"
        )
        moved = explain(place, "stage_activity", {"movement": movement})
        assert counted(moved, ("week_start", "role_id", "stage"), lambda row: row["week_start"]) == expected, movement

    for movement, column in (("entered", "count_entered"), ("standing at the close", "count_closing")):
        expected = told(
            f"select week_start, organization_id, stage, sum({column}) from reports.rpt_pipeline_trend group by all"
        )
        moved = explain(place, "pipeline_trend", {"movement": movement})
        assert counted(moved, ("week_start", "organization_id", "stage"), lambda row: True) == expected, movement
    compared = told(
        "select metric, role_id, period_end, cast(our_value as bigint) from reports.rpt_analytics_reconciliation"
        " where our_metric in ('applications', 'hires', 'in_pipeline')"
    )
    figures = members["rpt_analytics_reconciliation"]
    assert counted(figures, ("metric", "role_id", "period_end"), lambda row: True) == compared
    for check in ("conflicting_outcome", "application_without_steps", "undated_entry", "undated_close"):
        failed = told(
            f"select platform, sum(count_failed) from reports.rpt_data_quality where check_name = '{check}'"
            " group by all"
        )
        found = explain(place, "data_quality", {"check_name": check})
        assert counted(found, ("platform",), lambda row: True) == failed, check

    docs_ask_nobody(place, tmp_path)


def docs_ask_nobody(place, tmp_path):
    """The documentation of the same warehouse is one file; a browser that opens it asks no one else."""
    docs = write_docs(place, tmp_path / "docs.html")
    text = docs.read_text()

    assert "rpt_hiring_funnel" in text
    assert "Content-Security-Policy" in text[:2000]
    assert str(tmp_path) not in text
    if installed():
        with Chromium() as browser:
            page = browser.open(docs, width=1280, height=900)
            page.wait("document.body.textContent.includes('hiring_elt')")
            assert {address for address in page.requests() if not address.startswith(("file:", "data:"))} == set()
