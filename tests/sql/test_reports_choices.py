"""Whom one chose and why: screening, scores, offers, reasons, and roles that were filled."""

from __future__ import annotations

import itertools
import random
from typing import Any

import pytest
from marts_world import MartsWorld, compile_reports


@pytest.fixture
def world() -> MartsWorld:
    world = MartsWorld(compile_reports())
    world.as_of("2026-06-01 00:00")
    return world


def closed(world: MartsWorld, number: int, *, is_hired: bool = False, **more: Any) -> None:
    values: dict[str, Any] = {"role_id": "r1", "is_closed": True}
    values |= {"outcome": "hired", "furthest_stage_rank": 6} if is_hired else {"outcome": "rejected"}
    world.add("fct_applications", application_id=f"a{number}", **values | more)


def first_score(world: MartsWorld, number: int, score: float, *, kind: str = "overall_fit", seen: bool = False) -> None:
    """The first score of an application, and whether it was seen to appear."""
    world.add(
        "fct_first_scores", application_id=f"a{number}", score_kind=kind, first_score=score, is_observed_first=seen
    )


@pytest.mark.parametrize("seed", range(4))
def test_the_area_under_the_curve_is_the_share_of_pairs_in_the_right_order(world: MartsWorld, seed: int) -> None:
    rng = random.Random(seed)
    scored = [(rng.choice([10, 20, 35, 60, 60, 80, 100]), rng.random() < 0.4) for _ in range(40)]
    for number, (score, hired) in enumerate(scored):
        closed(world, number, is_hired=hired)
        first_score(world, number, score)
    closed(world, 99, is_hired=True)

    pairs = list(itertools.product([s for s, hired in scored if hired], [s for s, hired in scored if not hired]))
    expected = sum((high > low) + (high == low) / 2 for high, low in pairs) / len(pairs)

    rows = world.rows("rpt_score_calibration")
    assert [row["auc_hire"] for row in rows] == pytest.approx([expected] * len(rows))
    assert sum(row["n_closed"] for row in rows) == 40
    top = next(row for row in rows if row["score_band"] == 9)
    assert (top["mean_score"], top["n_closed"]) == (100.0, sum(score == 100 for score, _ in scored))


def test_without_a_hire_the_score_cannot_be_judged(world: MartsWorld) -> None:
    closed(world, 1, resume_fit_score=90.0)  # today's, which may know the outcome
    first_score(world, 1, 70.0, kind="resume_fit")

    row = world.row("rpt_score_calibration", score_kind="resume_fit")

    assert (row["score_band"], row["auc_hire"], row["hire_rate"], row["hire_rate_n"]) == (7, None, None, 1)


def test_a_score_that_was_not_there_at_first_was_seen_to_appear(world: MartsWorld) -> None:
    for number, seen in enumerate([True, True, False]):
        closed(world, number)
        first_score(world, number, 61.0, seen=seen)
    world.add("fct_applications", application_id="a9", role_id="r1", is_closed=False, outcome="open")
    first_score(world, 9, 61.0, seen=True)  # not closed: nothing is known yet of what it was worth

    row = world.row("rpt_score_calibration", score_band=6)
    assert (row["n_closed"], row["n_observed_first"]) == (3, 2)


def test_offers_belong_to_the_month_they_were_extended_in(world: MartsWorld) -> None:
    outcomes = ["accepted", "accepted", "declined", "pending"]
    days = [4.0, 1.0, None, None]
    for number, (outcome, answered) in enumerate(zip(outcomes, days, strict=True)):
        offer: dict[str, Any] = {"offer": "2026-01-30", "offer_outcome": outcome, "days_to_answer_offer": answered}
        closed(world, number, **offer)
    closed(world, 9, offer_outcome=None)

    (january,) = world.rows("rpt_offer_outcomes")

    assert str(january["extended_month"]) == "2026-01-01"
    assert (january["count_extended"], january["n_pending"]) == (4, 1)
    assert (january["acceptance_rate"], january["acceptance_rate_n"]) == (None, 3)
    assert january["acceptance_rate_low"] == pytest.approx(0.2077, abs=5e-5)
    assert january["acceptance_rate_high"] == pytest.approx(0.9385, abs=5e-5)
    assert (january["n_days_to_answer"], january["median_days_to_answer"]) == (2, None)


def test_a_share_of_reasons_is_shown_from_five_on(world: MartsWorld) -> None:
    for number in range(5):
        closed(world, number, reason="salary" if number < 2 else None, last_stage="offer", closed="2026-02-03")
    closed(world, 9, reason="salary", outcome="withdrawn", last_stage="offer", closed="2026-02-03")
    closed(world, 10, reason="salary", last_stage="offer", closed=(None, "2026-02-03"))

    shares = {
        (str(row["closed_month"]), row["outcome"], row["reason"]): row["share"]
        for row in world.rows("rpt_rejection_reasons")
    }

    assert shares == {
        ("2026-02-01", "rejected", "salary"): 0.4,
        ("2026-02-01", "rejected", "not given"): 0.6,
        ("2026-02-01", "withdrawn", "salary"): None,
        ("None", "rejected", "salary"): None,
    }


def test_a_recommendation_is_judged_by_the_interview(world: MartsWorld) -> None:
    verdicts = [(True, True)] * 3 + [(True, False)] * 2 + [(False, True)] * 2 + [(False, False)] * 3
    for number, (recommended, interviewed) in enumerate(verdicts):
        world.add(
            "fct_screenings",
            screening_id=f"s{number}",
            batch_id="b1",
            role_id="r1",
            resume_fit_score=60.0 + number,
            is_recommended=recommended,
            is_closed=True,
            has_interviewed=interviewed,
        )
    open_case = {"is_recommended": True, "is_closed": False, "has_interviewed": True, "resume_fit_score": 80.0}
    world.add("fct_screenings", screening_id="s20", batch_id="b1", role_id="r1", **open_case)
    world.add("fct_screenings", screening_id="s21", batch_id="b1", role_id="r1")

    (row,) = world.rows("rpt_screening_quality")

    counts = [row[f"count_{name}"] for name in ("members", "scored", "recommended", "closed")]
    assert counts == [12, 11, 6, 10]
    assert row["recommend_rate"] == pytest.approx(6 / 11)
    assert (row["precision_rate"], row["recall_rate"]) == (0.6, 0.6)
    assert row["mean_resume_fit_score"] == pytest.approx(sum([*range(60, 70), 80]) / 11)


def test_a_role_is_filled_by_its_last_planned_hire_in_that_months_row(world: MartsWorld) -> None:
    for role in range(5):
        state = {"is_visible": True, "role_state": "filled", "days_on_hold": float(role)}
        world.add("dim_roles", role_id=f"r{role}", target_hire_count=2, opened="2026-01-01", **state)
        for number, hired in enumerate(["2026-01-21", "2026-02-10"]):
            closed(world, 10 * role + number, is_hired=True, role_id=f"r{role}", hired=hired)
    world.add("dim_roles", role_id="r8", opened="2026-01-01", role_state="open", is_visible=True)
    world.add("dim_roles", role_id="r9", opened=(None, "2026-01-01"), role_state="open", is_visible=True)
    closed(world, 99, is_hired=True, role_id="r9", hired_at="2026-02-01")

    rows = {str(row["filled_month"]): row for row in world.rows("rpt_time_to_fill") if row["level"] == "account"}

    assert set(rows) == {"2026-01-01", "2026-02-01", "None"}
    february, whole = rows["2026-02-01"], rows["None"]
    assert (february["n_days_to_fill"], february["median_days_to_fill"]) == (5, 40.0)
    assert (february["median_days_to_first_hire"], february["median_days_on_hold"]) == (20.0, 2.0)
    assert (february["count_roles_filled"], february["count_hires"], february["n_undated"]) == (5, 5, None)
    assert (rows["2026-01-01"]["count_roles_filled"], rows["2026-01-01"]["count_hires"]) == (0, 5)
    assert (whole["count_roles_filled"], whole["count_hires"]) == (6, 11)
    assert (whole["n_unfilled"], whole["n_undated"]) == (1, 1)
