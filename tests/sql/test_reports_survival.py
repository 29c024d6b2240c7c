"""Time to hire, with those still open counted as far as they were followed."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass

import pytest
from marts_world import MartsWorld, compile_reports

AS_OF = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Case:
    """One application: its fate, and the days it was followed and not yet seen."""

    outcome: str
    followed: float
    unseen: float = 0.0


def survival_median(cases: list[Case]) -> float | None:
    """Aalen-Johansen by its definition: for each moment, everyone is looked at again."""
    cases = [case for case in cases if case.followed > case.unseen]
    moments = sorted({case.followed for case in cases if case.outcome != "open"})
    staying, share, curve = 1.0, 0.0, []
    for moment in moments:
        at_risk = sum(case.unseen < moment <= case.followed for case in cases)
        closed = [case for case in cases if case.outcome != "open" and case.followed == moment]
        share += staying * sum(case.outcome == "hired" for case in closed) / at_risk
        staying *= 1 - len(closed) / at_risk
        curve.append((moment, share))
    if sum(case.outcome == "hired" for case in cases) < 5:
        return None
    return next(moment for moment, reached in curve if reached >= share / 2 - 1e-9)


def build(cases: list[Case], *, platform: str = "talent_ray") -> MartsWorld:
    world = MartsWorld(compile_reports())
    world.as_of(AS_OF.isoformat(), platform=platform)
    for number, case in enumerate(cases):
        ended = AS_OF if case.outcome == "open" else AS_OF - dt.timedelta(days=number % 7)
        applied = ended - dt.timedelta(days=case.followed)
        closed = case.outcome != "open"
        events = {"closed": ended.isoformat(), case.outcome: ended.isoformat()} if closed else {}
        hired = case.followed if case.outcome == "hired" else None
        world.add(
            "fct_applications",
            platform=platform,
            application_id=f"a{number}",
            role_id=f"r{number % 2}",
            organization_id=None,
            outcome=case.outcome,
            is_closed=closed,
            is_visible=True,
            is_in_pipeline=not closed,
            applied=applied.isoformat(),
            first_observed_at=(applied + dt.timedelta(days=case.unseen)).isoformat(),
            days_to_hire=hired,
            days_to_hire_low=hired,
            days_to_hire_high=hired,
            **events,
        )
    return world


def random_cases(seed: int, *, late: bool) -> list[Case]:
    rng = random.Random(seed)
    # Few distinct lengths, so that hires, rejections and open cases tie.
    return [
        Case(rng.choice(["hired", "rejected", "withdrawn", "open"]), rng.randint(1, 15), rng.randint(0, 8) * late)
        for _ in range(rng.randint(20, 80))
    ]


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("platform", ["talent_ray", "tailed"])
def test_the_survival_median_is_that_of_the_definition(seed: int, platform: str) -> None:
    cases = random_cases(seed, late=platform == "tailed")
    world = build(cases, platform=platform)

    whole = world.row("rpt_time_to_hire", level="account", hired_month=None)

    assert whole["survival_median_days"] == survival_median(cases)
    assert whole["n_survival"] == sum(case.followed > case.unseen for case in cases)
    for role in (0, 1):
        row = world.row("rpt_time_to_hire", level="role", level_id=f"r{role}", hired_month=None)
        assert row["survival_median_days"] == survival_median(cases[role::2])


def test_late_entry_is_left_aside_where_records_are_made_as_things_happen() -> None:
    cases = [Case("hired", days, unseen=days - 0.5) for days in (2, 4, 6, 8, 10)]

    fair = build(cases).row("rpt_time_to_hire", level="account", hired_month=None)

    assert (fair["survival_median_days"], fair["n_survival"]) == (6.0, 5)


def test_with_nobody_open_it_is_the_lower_median_of_the_hires() -> None:
    cases = [Case("hired", days) for days in (1, 2, 3, 4, 5, 6)] + [Case("rejected", days) for days in (1, 1, 9)]

    row = build(cases).row("rpt_time_to_hire", level="account", hired_month=None)

    assert (row["median_days_to_hire"], row["survival_median_days"]) == (3.5, 3.0)


def test_vanished_and_undated_applications_are_followed_as_far_as_one_knows() -> None:
    world = build([Case("hired", days) for days in (10, 20, 30, 40, 50)])
    shared = {"role_id": "r0", "first_observed_at": "2026-01-01", "outcome": "open"}
    gone = {"applied": "2026-01-01", "vanished": "2026-01-05", "is_closed": False, "is_visible": False}
    world.add("fct_applications", application_id="v1", is_in_pipeline=False, **shared, **gone)
    hidden = {"applied": (None, "2026-01-01"), "is_closed": False, "is_visible": True}
    world.add("fct_applications", application_id="v2", is_in_pipeline=True, **shared, **hidden)

    undated = {"applied": "2026-01-01", "closed": (None, "2026-01-02"), "is_closed": True, "is_visible": True}
    world.add("fct_applications", application_id="v3", **shared | undated | {"outcome": "hired"})

    row = world.row("rpt_time_to_hire", level="account", hired_month=None)

    assert (row["n_survival"], row["n_in_pipeline"], row["survival_median_days"]) == (6, 1, 30.0)


def test_months_add_up_to_all_time_and_undated_hires_stay_beside() -> None:
    world = build([Case("hired", days) for days in (10, 20, 30, 40, 50, 60)])
    world.add("fct_applications", application_id="u1", role_id="r0", outcome="hired", is_closed=True, is_visible=True)

    rows = [row for row in world.rows("rpt_time_to_hire") if row["level"] == "account"]
    whole = next(row for row in rows if row["hired_month"] is None)
    months = [row for row in rows if row["hired_month"] is not None]

    assert (whole["n_days_to_hire"], whole["n_undated"]) == (6, 1)
    assert whole["median_days_to_hire"] == 35.0
    assert sum(row["n_days_to_hire"] for row in months) == 6
    assert {row["n_survival"] for row in months} == {None}
    assert {row["level_id"] for row in world.rows("rpt_time_to_hire") if row["level"] == "organization"} == {None}
