"""What is behind a number, on a handful of applications whose every figure can be counted on fingers."""

from __future__ import annotations

import datetime as dt

import pytest

from connector.errors import UsageError
from pipelines.explain import EXPLAINED, certainty, explain
from pipelines.warehouse import open_warehouse
from tests.report.report_world import PERSONAL, ReportWorld


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(f"{text}+00:00")


def event(name: str, first: str, last: str | None = None) -> dict[str, dt.datetime | None]:
    """An event that the API dates, or one seen between two readings."""
    return {f"{name}_not_before": at(first), f"{name}_at": at(last or first), f"{name}_not_after": at(last or first)}


@pytest.fixture(scope="module")
def explained(tmp_path_factory):
    world = ReportWorld(tmp_path_factory.mktemp("explained") / "w.duckdb")
    world.add("int_accounts__dated", as_of_at=at("2026-05-20 06:30"), as_of_date=dt.date(2026, 5, 20))
    for role in ("r1", "r2"):
        world.add(
            "dim_roles",
            role_id=role,
            role_name=f"Role {role}",
            target_hire_count=1,
            **event("opened", "2026-01-01 00:00"),
        )
    world.add("rpt_open_roles", role_id="r2", days_open=9.0)
    hired = {"outcome": "hired", "is_closed": True, "furthest_stage": "hired", "furthest_stage_rank": 6}
    world.add(
        "fct_applications",
        application_id="exact",
        role_id="r1",
        is_in_pipeline=False,
        days_to_hire=30.0,
        **hired,
        **event("applied", "2026-03-02 00:00"),
        **event("hired", "2026-04-01 00:00"),
        **event("closed", "2026-04-01 00:00"),
        **event("offer", "2026-03-20 00:00"),
        offer_outcome="accepted",
    )
    world.add(
        "fct_applications",
        application_id="near",
        role_id="r1",
        is_in_pipeline=False,
        days_to_hire=9.5,
        **hired,
        **event("applied", "2026-03-31 22:30"),
        **event("hired", "2026-04-08 00:00", "2026-04-10 12:00"),
        **event("closed", "2026-04-08 00:00", "2026-04-10 12:00"),
        has_conflict=True,
    )
    world.add(
        "fct_applications",
        application_id="wide",
        role_id="r1",
        is_in_pipeline=False,
        **hired,
        **event("applied", "2026-01-01 00:00", "2026-03-01 00:00"),
        **event("hired", "2026-01-01 00:00", "2026-03-01 00:00"),
    )
    world.add(
        "fct_applications",
        application_id="open",
        role_id="r2",
        outcome="open",
        is_in_pipeline=True,
        is_closed=False,
        furthest_stage="screening",
        furthest_stage_rank=2,
        current_stage="screening",
        applied_at=at("2026-05-01 00:00"),
        applied_not_after=at("2026-05-01 00:00"),
    )
    world.add(
        "fct_applications",
        application_id="out",
        role_id="r2",
        outcome="rejected",
        is_in_pipeline=False,
        is_closed=True,
        furthest_stage="applied",
        furthest_stage_rank=1,
        last_stage="applied",
        reason=None,
        **event("applied", "2026-04-02 00:00"),
        **event("closed", "2026-04-03 00:00"),
    )
    visit = {"role_id": "r2", "is_after_close": False, "is_skipped": False, "stage": "applied"}
    world.add(
        "fct_application_steps",
        application_id="out",
        visit_id="v1",
        exit_type="rejected",
        days_in_step=1.0,
        **visit,
        is_stage_entry=True,
        is_stage_exit=True,
        **event("entered", "2026-04-02 00:00"),
        **event("left", "2026-04-03 00:00"),
    )
    world.add(
        "fct_application_steps",
        application_id="old",
        visit_id="v2",
        exit_type="rejected",
        days_in_step=1.0,
        **visit,
        is_stage_entry=True,
        is_stage_exit=True,
        **event("entered", "2024-04-02 00:00"),
        **event("left", "2024-04-03 00:00"),
    )
    world.add(
        "fct_application_steps",
        application_id="open",
        visit_id="v3",
        exit_type="open",
        **visit | {"stage": "screening"},
        is_stage_entry=True,
        is_stage_exit=False,
        **event("entered", "2026-04-29 00:00", "2026-05-01 00:00"),
    )
    for application, score in (("exact", 91.0), ("near", 7.0), ("open", 95.0)):
        world.add("fct_first_scores", application_id=application, score_kind="overall_fit", first_score=score)
    week = {"organization_id": None, "stage": "applied"}
    world.add("rpt_pipeline_trend", week_start=dt.date(2026, 3, 30), **week)
    world.add("rpt_pipeline_trend", week_start=dt.date(2026, 4, 20), **week)
    world.add("rpt_pipeline_trend", week_start=dt.date(2026, 4, 27), **week)
    world.add(
        "rpt_analytics_reconciliation",
        metric="hires",
        our_metric="hires",
        period_end=dt.date(2026, 4, 1),
        explanation="equal",
    )
    name, email, phone = PERSONAL
    world.add("dim_candidates", candidate_id="c", full_name=name, email=email, phone=phone)
    return open_warehouse(str(world.save()))


def ids(rows):
    return [row["application_id"] for row in rows]


def test_the_funnel_lists_who_reached_a_stage_in_a_cohort(explained):
    assert ids(explain(explained, "hiring_funnel", {})) == ["exact", "near", "open", "out", "wide"]
    assert ids(explain(explained, "rpt_hiring_funnel", {"stage": "screening"})) == ["exact", "near", "open", "wide"]
    assert ids(explain(explained, "hiring_funnel", {"cohort_month": "2026-03"})) == ["exact", "near"]
    assert ids(explain(explained, "hiring_funnel", {"cohort_month": "", "stage": "hired"})) == ["wide"]
    assert ids(explain(explained, "hiring_funnel", {"is_in_pipeline": "true"})) == ["open"]


def test_a_month_is_that_of_the_reports_time_zone(explained):
    march = explain(explained, "hiring_funnel", {"cohort_month": "2026-03-01"}, report_timezone="Europe/Istanbul")

    assert ids(march) == ["exact"]


def test_each_event_says_how_certain_it_is(explained):
    found = {row["application_id"]: row for row in explain(explained, "time_to_hire", {})}

    assert found["exact"]["hired_certainty"] == "exact"
    assert found["near"]["hired_certainty"] == "within 2.5 days"
    assert found["near"]["hired_month"] == dt.date(2026, 4, 1)
    assert found["wide"]["hired_certainty"] == "undated: some time in 59.0 days"
    assert found["wide"]["hired_month"] is None
    (still_open,) = explain(explained, "open_roles", {"role_id": "r2"})
    assert (still_open["application_id"], still_open["applied_certainty"]) == ("open", "undated")


def test_words_of_certainty():
    now = at("2026-01-02 00:00")

    assert certainty(None, None, None, within_days=8) == "not happened"
    assert certainty(now, None, now, within_days=8) == "undated"
    assert certainty(now, now, now, within_days=8) == "exact"
    assert certainty(now, now - dt.timedelta(hours=6), now, within_days=8) == "within 6.0 hours"
    assert certainty(now, now - dt.timedelta(days=8), now, within_days=8) == "within 8.0 days"
    assert certainty(now, now - dt.timedelta(days=9), now, within_days=8) == "undated: some time in 9.0 days"


def test_a_role_is_filled_by_its_kth_hire(explained):
    assert ids(explain(explained, "time_to_fill", {"is_filling": "yes"})) == ["wide"]
    assert ids(explain(explained, "time_to_fill", {"filled_month": "2026-04"})) == ["exact", "near"]


def test_visits_that_ended_before_the_window_are_not_behind_the_time_in_step(explained):
    assert ids(explain(explained, "time_in_step", {})) == ["open", "out"]
    assert ids(explain(explained, "stage_activity", {"movement": "rejected", "week_start": "2026-03-30"})) == ["out"]


def test_offers_reasons_and_scores(explained):
    assert ids(explain(explained, "offer_outcomes", {"offer_outcome": "accepted", "extended_month": "2026-03"})) == [
        "exact"
    ]
    assert ids(explain(explained, "rejection_reasons", {"reason": "not given", "closed_month": "2026-04"})) == ["out"]
    assert ids(explain(explained, "score_calibration", {"score_band": "9"})) == ["exact"]
    assert ids(explain(explained, "score_calibration", {"score_kind": "overall_fit", "score_band": "0"})) == ["near"]


def test_the_weekly_pipeline_lists_who_came_went_and_stood_there(explained):
    def in_week(day):
        rows = explain(explained, "pipeline_trend", {"week_start": day, "stage": "applied"})
        return [(row["application_id"], row["movement"]) for row in rows]

    assert in_week("2026-03-30") == [("out", "entered"), ("out", "rejected")]
    assert in_week("2026-04-20") == []


def test_one_stands_at_the_close_of_each_week_until_one_leaves(explained):
    standing = explain(explained, "pipeline_trend", {"movement": "standing at the close"})

    assert [(row["application_id"], str(row["week_start"])) for row in standing] == [("open", "2026-04-27")]


def test_a_compared_figure_lists_the_applications_of_its_period(explained):
    found = explain(explained, "analytics_reconciliation", {"metric": "hires"})

    assert ids(found) == ["exact", "wide"]
    assert [row["happened_certainty"] for row in found] == ["exact", "undated: some time in 59.0 days"]


def test_a_check_lists_the_applications_that_fail_it(explained):
    assert ids(explain(explained, "data_quality", {"check_name": "conflicting_outcome"})) == ["near"]
    assert ids(explain(explained, "data_quality", {"check_name": "undated_close"})) == ["wide"]


@pytest.mark.parametrize("report", EXPLAINED)
def test_every_explanation_runs_and_names_nobody(explained, reported, report):
    for warehouse in (explained, open_warehouse(str(reported))):
        rows = explain(warehouse, report, {"account": "default"})
        text = repr(rows)

        assert not [word for word in (*PERSONAL, "full_name", "email", "phone") if word in text]
        assert all(any(name.endswith("_certainty") for name in row) for row in rows)


@pytest.mark.parametrize(
    ("report", "filters", "said"),
    [
        ("freshness", {}, "can be explained"),
        ("rpt_'; drop table", {}, "can be explained"),
        ("hiring_funnel", {"full_name": "x"}, "cohort_month"),
        ("hiring_funnel", {"applied_at": "2026-01-01"}, "cohort_month"),
        ("hiring_funnel", {'stage" or 1=1 --': "x"}, "cohort_month"),
        ("hiring_funnel", {"cohort_month": "soon"}, "2026-03"),
        ("hiring_funnel", {"cohort_month": "2026-03'; select 1"}, "2026-03"),
    ],
)
def test_what_cannot_be_explained_is_told_with_what_can(explained, report, filters, said):
    with pytest.raises(UsageError, match=said):
        explain(explained, report, filters)


@pytest.mark.parametrize("value", ["' or '1'='1", "{zone}", "%s", "\0", "a'--", "x" * 5000])
def test_a_value_is_a_value_and_never_sql(explained, value):
    assert explain(explained, "hiring_funnel", {"role_id": value}) == []
