"""The funnel and the sourcing report: what became of those who began in a month."""

from __future__ import annotations

import datetime as dt

import pytest
from marts_world import MartsWorld, compile_reports

RANKS = {"applied": 1, "screening": 2, "assessment": 3, "interview": 4, "offer": 5, "hired": 6}


@pytest.fixture
def world() -> MartsWorld:
    world = MartsWorld(compile_reports())
    world.as_of("2026-04-01 00:00")
    return world


def apply(
    world: MartsWorld, number: int, applied: object, outcome: str, furthest: str, *, visible: bool = True
) -> None:
    closed = outcome in {"hired", "rejected", "withdrawn"}
    world.add(
        "fct_applications",
        application_id=f"a{number}",
        role_id="r1",
        applied=applied,
        outcome=outcome,
        furthest_stage_rank=RANKS[furthest],
        is_closed=closed,
        is_visible=visible,
        is_in_pipeline=not closed and visible,
    )


def test_the_funnel_counts_reach_and_loss_among_closed_applications_only(world: MartsWorld) -> None:
    world.add("dim_roles", role_id="r1", role_name="Engineer", department="IT", organization_id="o1")
    for stage in ("screening", "interview"):
        world.add("dim_role_steps", role_id="r1", role_step_id=stage, stage=stage)
    apply(world, 1, "2026-03-02 10:00", "hired", "hired")
    for number, furthest in enumerate(["applied", "screening", "screening", "interview", "offer"], start=2):
        apply(world, number, "2026-03-31 23:59:59", "rejected", furthest)
    apply(world, 7, "2026-03-05", "open", "offer")
    apply(world, 8, "2026-03-05", "unknown", "screening")
    apply(world, 9, "2026-03-05", "open", "interview", visible=False)

    stages = {row["stage"]: row for row in world.rows("rpt_hiring_funnel")}

    assert {stage: row["count_reached"] for stage, row in stages.items()} == {
        "applied": 9,
        "screening": 8,
        "assessment": 5,
        "interview": 5,
        "offer": 3,
        "hired": 1,
    }
    assert {stage: row["count_lost"] for stage, row in stages.items()} == {
        "applied": 1,
        "screening": 2,
        "assessment": 0,
        "interview": 1,
        "offer": 1,
        "hired": None,
    }
    assert {stage for stage, row in stages.items() if row["is_stage_in_role"]} == {
        "applied",
        "screening",
        "interview",
        "hired",
    }
    screening = stages["screening"]
    assert screening["cohort_month"] == dt.date(2026, 3, 1)
    assert (screening["role_name"], screening["department"], screening["organization_id"]) == ("Engineer", "IT", "o1")
    assert [screening[name] for name in ("n_open", "n_unknown", "n_vanished", "n_closed")] == [1, 1, 1, 6]
    assert screening["reach_rate"] == pytest.approx(5 / 6)
    assert screening["pass_rate"] == pytest.approx(3 / 5)
    assert (stages["offer"]["pass_rate"], stages["offer"]["pass_rate_n"]) == (None, 2)
    hired = stages["hired"]
    assert [hired[f"pass_{name}"] for name in ("rate", "rate_n", "rate_low", "rate_high")] == [None, 0, None, None]


def test_an_application_whose_date_is_not_known_closely_is_in_the_cohort_without_a_month(world: MartsWorld) -> None:
    apply(world, 1, ("2026-03-01", "2026-03-09"), "open", "applied")
    apply(world, 2, ("2026-03-01", "2026-03-09 00:00:01"), "open", "applied")
    apply(world, 3, (None, "2026-03-09"), "open", "applied")

    months = {row["cohort_month"]: row["count_applications"] for row in world.rows("rpt_hiring_funnel")}

    assert months == {dt.date(2026, 3, 1): 1, None: 2}


@pytest.mark.parametrize(
    ("hired", "of", "low", "high"),
    [(3, 10, 0.1078, 0.6032), (0, 8, 0.0, 0.3244), (8, 8, 0.6756, 1.0)],
)
def test_a_rate_comes_with_wilsons_bounds(world: MartsWorld, hired: int, of: int, low: float, high: float) -> None:
    for number in range(of):
        apply(world, number, "2026-03-01", *(("hired", "hired") if number < hired else ("rejected", "applied")))

    row = world.row("rpt_hiring_funnel", stage="hired")

    assert (row["reach_rate"], row["reach_rate_n"]) == (hired / of, of)
    assert row["reach_rate_low"] == pytest.approx(low, abs=5e-5)
    assert row["reach_rate_high"] == pytest.approx(high, abs=5e-5)


def test_leads_are_followed_by_the_month_they_were_created_in(world: MartsWorld) -> None:
    for number in range(5):
        world.add(
            "fct_leads",
            lead_id=f"l{number}",
            primary_role_id="r1",
            created_at=f"2026-02-{number + 1:02} 12:00",
            screened="2026-02-10",
            assigned=None if number == 4 else "2026-02-11",
            converted="2026-02-12" if number < 3 else None,
            has_applied=number < 2,
            has_interviewed=number < 1,
            is_hired=False,
            days_to_convert=10.0 - number if number < 3 else None,
        )
    world.add("fct_leads", lead_id="l9", created_at="2026-02-01", has_applied=False, is_hired=False)

    row = world.row("rpt_sourcing_conversion", primary_role_id="r1")

    counts = ["leads", "screened", "assigned", "converted", "applied", "interviewed", "hired"]
    assert [row[f"count_{name}"] for name in counts] == [5, 5, 4, 3, 2, 1, 0]
    assert (row["convert_rate"], row["apply_rate"], row["hire_rate"]) == (0.6, 0.4, 0.0)
    assert (row["n_days_to_convert"], row["median_days_to_convert"]) == (3, None)
    assert row["days_observed"] == 31.0
    assert world.row("rpt_sourcing_conversion", primary_role_id=None)["count_leads"] == 1
