"""What stands in the pipeline, how long things take there, and what comes and goes."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from marts_world import MartsWorld, compile_reports

AS_OF = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
LEFT = ("count_left_forward", "count_rejected", "count_withdrawn", "count_hired", "count_vanished", "count_undated")


@pytest.fixture
def world() -> MartsWorld:
    world = MartsWorld(compile_reports())
    world.as_of(AS_OF.isoformat())
    return world


def visit(world: MartsWorld, number: int, days: float | None, *, exit_type: str = "forward", **more: Any) -> None:
    """Add a visit of step s1 that ended (or is open) a week before the last refresh, after so many days."""
    left = None if exit_type == "open" else AS_OF - dt.timedelta(days=7)
    entered = (left or AS_OF) - dt.timedelta(days=days or 0)
    values: dict[str, Any] = {
        "visit_id": f"v{number}",
        "application_id": f"a{number}",
        "role_id": "r1",
        "role_step_id": "s1",
        "stage": "interview",
        "entered": entered.isoformat(),
        "exit_type": exit_type,
        "days_in_step": None if left is None else days,
        "days_so_far": days if left is None else None,
        "is_skipped": False,
        "is_current": left is None,
        "is_after_close": False,
        "is_stage_entry": True,
        "is_stage_exit": left is not None,
        "is_entry_datable": True,
        "is_exit_datable": left is not None,
    }
    if left:
        values["left"] = left.isoformat()
    world.add("fct_application_steps", **values | more)


def test_time_in_step_is_over_datable_finished_visits_that_were_not_skipped(world: MartsWorld) -> None:
    for number, days in enumerate([2.5, 5.25, 6.5, 14.25, 20.0]):
        visit(world, number, days, days_to_decide=days / 2)
    visit(world, 10, 0.0, is_skipped=True)
    visit(world, 11, None, exit_type="rejected", is_exit_datable=False)
    visit(world, 12, 99.0, is_after_close=True)
    for number in range(5):
        visit(world, 20 + number, 10.0 + number, exit_type="open")
    visit(world, 30, 400.0, exit_type="hired", left="2025-05-31 23:59:59", entered="2025-01-01")

    row = world.row("rpt_time_in_step", role_step_id="s1")

    assert (row["n_days_in_step"], row["median_days_in_step"]) == (5, 6.5)
    assert (row["p75_days_in_step"], row["p90_days_in_step"]) == (14.25, pytest.approx(17.7))
    assert (row["n_days_to_decide"], row["median_days_to_decide"]) == (5, 3.25)
    assert (row["n_open"], row["median_days_so_far"]) == (5, 12.0)
    assert row["count_skipped"] == 1
    assert {name: row[name] for name in LEFT if row[name]} == {"count_left_forward": 5, "count_undated": 1}
    assert row["share_of_time"] == 1.0


def test_the_wait_before_the_first_step_shares_the_time_of_the_role(world: MartsWorld) -> None:
    for number in range(5):
        visit(world, number, 3.0)
        visit(world, 10 + number, 1.0, role_step_id=None, stage="applied")

    shares = {row["role_step_id"]: row["share_of_time"] for row in world.rows("rpt_time_in_step")}

    assert shares == {"s1": 0.75, None: 0.25}


def test_who_waits_is_compared_with_the_step_else_the_stage_else_the_fixed_days(world: MartsWorld) -> None:
    for number in range(21):
        visit(world, number, float(number))
        visit(world, 100 + number, 2.0, role_step_id="s2", stage="screening", is_skipped=number > 18)
        visit(world, 200 + number, 4.0, role_step_id=f"s{number + 10}", stage="offer")
    waits = {"s1": (18.5, "interview"), "s2": (14.0, "screening"), "s99": (4.5, "offer"), None: (15.0, "applied")}
    for number, (step, (days, stage)) in enumerate(waits.items()):
        world.add(
            "fct_applications",
            application_id=f"b{number}",
            role_id="r1",
            current_role_step_id=step,
            current_stage=stage,
            is_in_pipeline=True,
            days_in_current_step=days,
        )

    rows = {row["role_step_id"]: row for row in world.rows("rpt_aging_applications")}

    told = {step: (row["stalled_rule"], row["typical_p90_days"], row["is_stalled"]) for step, row in rows.items()}
    assert told == {
        "s1": ("step", 18.0, True),
        "s2": ("fixed", None, False),
        "s99": ("stage", 4.0, True),
        None: ("fixed", None, True),
    }


def test_an_open_role_expects_what_the_account_hired_from_each_stage(world: MartsWorld) -> None:
    role = {"is_visible": True, "role_state": "open", "opened": "2026-05-02"}
    world.add("dim_roles", role_id="r1", target_hire_count=3, count_hires=1, **role)
    world.add("dim_roles", role_id="r2", count_hires=1, **role)
    world.add("dim_roles", role_id="r3", **role | {"is_visible": False})
    world.add("dim_roles", role_id="r4", **role | {"role_state": "on_hold"})
    # 40 closed: 10 reached the offer, 5 were hired; too few reached it for a chance of its own.
    for number in range(40):
        rank = 6 if number < 5 else 5 if number < 10 else 4 if number < 20 else 1
        outcome = "hired" if number < 5 else "rejected"
        closed = {"is_closed": True, "is_in_pipeline": False, "outcome": outcome, "furthest_stage_rank": rank}
        world.add("fct_applications", application_id=f"c{number}", role_id="r9", **closed)
    for number, stage in enumerate(["applied", "applied", "interview", "unknown", None]):
        world.add(
            "fct_applications",
            application_id=f"p{number}",
            role_id="r1",
            current_stage=stage,
            furthest_stage_rank=4,
            is_in_pipeline=True,
            is_closed=False,
            applied="2026-05-01" if number else "2026-05-03",
        )
    world.add(
        "fct_applications",
        application_id="p9",
        role_id="r2",
        current_stage="offer",
        is_in_pipeline=True,
        is_closed=False,
    )
    visit(world, 1, 3.0)
    visit(world, 2, 3.0, exit_type="vanished", left="2026-05-30", entered="2026-05-20")

    rows = {row["role_id"]: row for row in world.rows("rpt_open_roles")}

    assert set(rows) == {"r1", "r2"}
    first = rows["r1"]
    assert [first[f"count_{stage}"] for stage in ("applied", "screening", "interview", "unknown")] == [2, 0, 1, 2]
    assert (first["days_open"], first["count_remaining"], first["count_applications_30d"]) == (30.0, 2, 1)
    assert first["expected_hires"] == pytest.approx(2 * 5 / 40 + 5 / 20)
    assert first["coverage"] == pytest.approx(0.25)
    assert first["days_since_movement"] == 7.0
    second = rows["r2"]
    assert (second["count_remaining"], second["expected_hires"], second["coverage"]) == (0, None, None)
    assert (second["last_movement_at"], second["days_since_movement"]) == (None, None)


def test_a_week_of_activity_has_datable_entries_and_exits_of_stages(world: MartsWorld) -> None:
    visit(world, 1, 7.0)
    visit(world, 2, 7.0, exit_type="rejected")
    visit(world, 2, 6.0, exit_type="open", entered="2026-05-18 00:00")
    visit(world, 3, 7.0, is_entry_datable=False, is_exit_datable=False)
    visit(world, 4, 7.0, is_stage_entry=False, exit_type="hired")
    visit(world, 5, 7.0, is_skipped=True)
    visit(world, 6, 7.0, is_after_close=True)

    weeks = {str(row["week_start"]): row for row in world.rows("rpt_stage_activity")}

    assert set(weeks) == {"2026-05-18", "2026-05-25"}
    came, went = weeks["2026-05-18"], weeks["2026-05-25"]
    assert (came["count_applications_entered"], came["count_entered"], came["count_rejected"]) == (2, 3, 0)
    assert [went[f"count_{name}"] for name in ("entered", "left_forward", "rejected", "hired")] == [0, 1, 1, 1]


def test_the_weekly_pipeline_opens_on_monday_and_closes_on_its_last_day(world: MartsWorld) -> None:
    world.add("dim_roles", role_id="r1", organization_id="o1")
    # Thursday to Monday: one enters, two more on Friday, one goes on Sunday and two on Monday, the as-of date.
    stock = [("2026-05-28", 0, 1, 0, 1), ("2026-05-29", 1, 2, 0, 3), ("2026-05-30", 3, 0, 0, 3)]
    stock += [("2026-05-31", 3, 0, 1, 2), ("2026-06-01", 2, 0, 2, 0)]
    zeros = {f"count_{name}": 0 for name in ("left_back", "rejected", "withdrawn", "hired", "vanished")}
    for day, opening, entered, forward, closing in stock:
        world.add(
            "fct_pipeline_daily",
            date_day=day,
            role_id="r1",
            stage="applied",
            count_opening=opening,
            count_entered=entered,
            count_left_forward=forward,
            count_closing=closing,
            count_undated_in=0,
            count_undated_out=0,
            **zeros,
        )

    first, second = world.rows("rpt_pipeline_trend")

    assert (first["organization_id"], str(first["week_start"]), str(second["week_start"])) == (
        "o1",
        "2026-05-25",
        "2026-06-01",
    )
    names = ("count_opening", "count_entered", "count_left_forward", "count_closing", "mean_stock", "little_days")
    assert [first[name] for name in names] == [0, 3, 1, 2, 2.25, 9.0]
    assert [second[name] for name in names] == [2, 0, 2, 0, 0.0, 0.0]
    assert first["is_partial_week"]
