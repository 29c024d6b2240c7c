"""Whether the figures can be trusted: freshness, data quality, and the platform's own analytics."""

from __future__ import annotations

from typing import Any

import pytest
from marts_world import MartsWorld, compile_reports


@pytest.fixture
def world() -> MartsWorld:
    world = MartsWorld(compile_reports())
    world.as_of("2026-06-01 12:00")
    return world


def sweep(world: MartsWorld, number: int, started: str, ended: str, verdict: str, resource: str = "candidates") -> None:
    times = {"started_at": started, "ended_at": ended}
    counts = {"count_declared": 10 + number, "count_distinct": number}
    world.add("sweeps", refresh_id=f"f{number}", resource=resource, verdict=verdict, **times, **counts)


def test_freshness_tells_the_last_reading_and_the_last_complete_one_apart(world: MartsWorld) -> None:
    sweep(world, 1, "2026-04-01 00:00", "2026-04-01 01:00", "proven")
    sweep(world, 2, "2026-05-30 00:00", "2026-05-30 01:00", "count_complete")
    sweep(world, 3, "2026-05-31 00:00", "2026-05-31 01:00", "proven")
    sweep(world, 4, "2026-06-01 11:00", "2026-06-01 12:00", "unproven")
    world.add("int_records__counted", table_name="candidates", count_visible=7)

    row = world.row("rpt_freshness", resource="candidates")

    assert (row["last_verdict"], row["hours_behind"], row["count_declared"], row["count_distinct"]) == (
        "unproven",
        35.0,
        14,
        4,
    )
    assert (str(row["last_refresh_at"])[:16], str(row["last_complete_at"])[:16]) == (
        "2026-06-01 12:00",
        "2026-05-31 01:00",
    )
    assert (row["count_visible"], row["count_refreshes_30d"], row["count_stale_parents"]) == (7, 3, None)
    assert row["longest_gap_hours_30d"] == 59 * 24.0
    assert row["median_bound_hours_30d"] == ((59 * 24 + 1) + 25) / 2


def test_children_are_stale_when_their_visible_parent_was_not_read_for_two_days(world: MartsWorld) -> None:
    sweep(world, 1, "2026-06-01 10:00", "2026-06-01 11:00", "proven", resource="candidate_steps")
    for parent, visible in {"fresh": True, "old": True, "never": True, "gone": False}.items():
        world.add("dim_candidates", candidate_id=f"talent_ray:default:{parent}", source_id=parent, is_visible=visible)
    reads = {"fresh": "2026-05-30 12:00", "old": "2026-05-30 11:59", "gone": "2026-01-01 00:00"}
    for parent, read_at in reads.items():
        world.add("child_reads", resource="candidate_steps", parent_id=parent, last_read_at=read_at)

    assert world.row("rpt_freshness", resource="candidate_steps")["count_stale_parents"] == 2


def test_an_empty_account_has_a_row_for_every_check_with_nothing_failed(world: MartsWorld) -> None:
    rows = world.rows("rpt_data_quality")

    assert len(rows) == len({row["check_name"] for row in rows}) == 18
    assert {(row["count_checked"], row["count_failed"], row["share_failed"]) for row in rows} == {(0, 0, None)}


def test_data_quality_counts_what_it_saw(world: MartsWorld) -> None:
    word = {"field": "application_status", "is_mapped": False, "first_observed_at": "2026-05-01"}
    world.add("int_values__counted", word="parked", count_versions=2, **word)
    world.add("int_values__counted", **word | {"word": "open", "count_versions": 6, "is_mapped": True})
    world.add("int_records__counted", table_name="candidates", count_versions=9, count_future_versions=1)
    world.add("dim_roles", role_id="r1", role_state="closed", is_stub=True)
    for number, stage_rank in enumerate([4, 2]):
        world.add("dim_role_steps", role_id="r1", role_step_id=f"s{number}", step_order=number, stage_rank=stage_rank)
    seen = {"role_id": "r1", "first_observed_at": "2026-05-02"}
    world.add("fct_applications", application_id="a1", is_in_pipeline=True, is_closed=False, has_conflict=True, **seen)
    late = {"applied": "2026-05-03", "closed": ("2026-04-20", "2026-05-01"), "overall_fit_score": 130.0}
    world.add("fct_applications", application_id="a2", is_closed=True, has_conflict=False, **seen, **late)
    path = [("s1", 2, True), ("s0", 1, False)]
    for number, (step, order, is_datable) in enumerate(path):
        visit: dict[str, Any] = {"role_step_id": step, "step_order": order, "is_entry_datable": is_datable}
        kind = {"is_skipped": False, "is_after_close": False, "visit_number": 1, "position": number}
        world.add("fct_application_steps", application_id="a2", **visit, **kind)
    world.add("fct_leads", lead_id="l1", candidate_id="c404")
    world.add("int_application_events__ordered", not_before="2026-04-20", not_after="2026-05-01")
    sweep(world, 1, "2026-05-01", "2026-05-02", "unproven", resource="leads")
    sweep(world, 2, "2026-05-03", "2026-05-04", "skipped", resource="leads")

    rows = {(row["check_name"], row["detail"]): row for row in world.rows("rpt_data_quality") if row["count_failed"]}

    assert {key: (row["count_failed"], row["count_checked"]) for key, row in rows.items()} == {
        ("unmapped_value", "application_status=parked"): (2, 8),
        ("future_timestamp", "candidates"): (1, 9),
        ("conflicting_outcome", None): (1, 2),
        ("stub_role", None): (1, 1),
        ("role_stages_out_of_order", None): (1, 1),
        ("application_without_steps", None): (1, 2),
        ("open_application_on_closed_role", None): (1, 1),
        ("steps_out_of_order", None): (1, 2),
        ("undated_entry", None): (1, 2),
        ("undated_close", None): (1, 1),
        ("wide_bounds", None): (1, 1),
        ("negative_duration", "applied to closed"): (1, 1),
        ("score_out_of_range", "overall_fit_score"): (1, 1),
        ("lead_with_unknown_candidate", None): (1, 1),
        ("unproven_sweep", "leads"): (1, 1),
    }
    assert str(rows[("stub_role", None)]["first_observed_at"])[:10] == "2026-05-02"


def reconcile(world: MartsWorld, metric: str, value: float, **more: Any) -> dict[str, Any]:
    world.add("analytics_map", metric=metric, our_metric=metric, unit="days" if "days" in metric else "count")
    period = {"period_start": "2026-03-01", "period_end": "2026-03-31", "captured_at": "2026-04-01"}
    for number, (captured_at, told) in enumerate({"2026-04-01": value, "2026-03-31": -1.0}.items()):
        row = {"snapshot_row_id": f"{more.get('role_id')}{number}", "metric": metric, "value": told}
        world.add("fct_analytics_snapshots", **row | period | {"captured_at": captured_at} | more)
    return world.rows("rpt_analytics_reconciliation")[0]


def applied(world: MartsWorld, number: int, applied_at: object, **more: Any) -> None:
    values: dict[str, Any] = {"outcome": "open", "is_closed": False, "is_visible": True, "role_id": "r1"}
    world.add("fct_applications", application_id=f"a{number}", applied=applied_at, **values | more)


@pytest.mark.parametrize(
    ("value", "explanation"),
    [
        (2.0, "equal"),
        (3.0, "inside_bounds"),
        (1.0, "day_edge"),
        (4.0, "day_edge"),
        (0.0, "vanished"),
        (5.0, "unmapped"),
        (9.0, "unexplained"),
    ],
)
def test_a_difference_is_explained_by_the_first_reason_that_fits(
    world: MartsWorld, value: float, explanation: str
) -> None:
    # Two of ours in March, of which one is of February twelve hours to the west; fourteen to the east two more are.
    applied(world, 1, "2026-03-31 05:00")
    applied(world, 4, "2026-02-28 20:00")
    applied(world, 5, "2026-02-28 20:00")
    applied(world, 2, "2026-03-01 05:00")
    applied(world, 3, ("2026-03-30", "2026-04-02"))
    for number in range(2):
        applied(world, 10 + number, "2026-01-01", vanished="2026-03-10", is_visible=False)
    for number in range(3):
        applied(world, 20 + number, "2026-01-01", outcome="unknown")

    row = reconcile(world, "applications", value)

    assert (row["our_value"], row["our_value_low"], row["our_value_high"]) == (2.0, 2.0, 3.0)
    assert (row["difference"], row["explanation"]) == (value - 2.0, explanation)


def test_a_stock_is_what_came_in_by_the_end_and_had_not_gone(world: MartsWorld) -> None:
    applied(world, 1, "2025-01-01")
    applied(world, 2, (None, "2026-03-01"))
    applied(world, 3, "2026-04-01")
    applied(world, 4, "2026-01-01", outcome="rejected", is_closed=True, closed="2026-03-31 23:00")
    applied(world, 5, "2026-01-01", outcome="rejected", is_closed=True, closed="2026-04-01 01:00")
    applied(world, 6, "2026-01-01", is_visible=False, vanished="2026-02-01", role_id="r2")

    assert reconcile(world, "in_pipeline", 3.0)["explanation"] == "equal"
    assert reconcile(world, "in_pipeline", 0.0, role_id="r2")["explanation"] == "equal"


def stood(world: MartsWorld, number: int, position: int, entered: object, left: object, exit_type: str) -> None:
    values = {"is_skipped": False, "is_after_close": False, "position": position, "role_id": "r1"}
    values |= {"visit_id": f"a{number}:{position}", "application_id": f"a{number}", "exit_type": exit_type}
    more = {} if left is None else {"left": left}
    world.add("fct_application_steps", entered=entered, **values | more)


def test_a_person_with_two_applications_is_one_candidate_from_the_first_step_to_the_last(world: MartsWorld) -> None:
    for number in (1, 2):
        applied(world, number, "2026-03-01", candidate_id="c1")
        stood(world, number, 1, "2026-03-01", ("2026-03-10", "2026-03-20"), "forward")
        stood(world, number, 2, ("2026-03-10", "2026-03-20"), None, "open")
    applied(world, 3, "2026-03-02", candidate_id="c2", outcome="rejected", is_closed=True)
    stood(world, 3, 1, "2026-03-02", ("2026-03-30", "2026-04-02"), "rejected")

    row = reconcile(world, "candidates_in_pipeline", 1.0)

    assert (row["our_value"], row["our_value_low"], row["our_value_high"]) == (2.0, 1.0, 2.0)
    assert row["explanation"] == "inside_bounds"


def test_a_reopening_may_have_come_at_any_time_before_the_step_that_shows_it(world: MartsWorld) -> None:
    applied(world, 1, "2026-03-01", candidate_id="c1")
    stood(world, 1, 1, "2026-03-01", "2026-03-10", "rejected")
    stood(world, 1, 2, ("2026-04-03", "2026-04-05"), None, "open")

    row = reconcile(world, "candidates_in_pipeline", 1.0)

    assert (row["our_value"], row["our_value_low"], row["our_value_high"]) == (0.0, 0.0, 1.0)
    assert row["explanation"] == "inside_bounds"


def test_who_is_closed_and_out_of_sight_may_have_been_left_out_since(world: MartsWorld) -> None:
    hidden = {"outcome": "rejected", "is_closed": True, "is_visible": False}
    applied(world, 1, "2026-03-02", candidate_id="c1", closed="2026-03-05", **hidden)
    applied(world, 2, "2026-03-02", candidate_id="c2")
    gone = {"attribute": "is_visible", "old_value": "true", "new_value": "false", "application_id": "a2"}
    world.add("fct_application_changes", change_id="x", changed=("2026-03-20", "2026-03-25"), **gone)

    assert reconcile(world, "applications", 0.0)["explanation"] == "vanished"


def test_the_median_of_the_hires_of_a_period_is_compared_in_days(world: MartsWorld) -> None:
    for number, days in enumerate([10.0, 20.0, 40.0]):
        spread = {"days_to_hire_low": days - 1, "days_to_hire_high": days + 1}
        hired = {"outcome": "hired", "is_closed": True, "hired": "2026-03-05", "days_to_hire": days}
        applied(world, number, "2026-01-01", **hired, **spread)

    row = reconcile(world, "median_days_to_hire", 20.5)

    assert (row["our_value"], row["our_value_low"], row["our_value_high"]) == (20.0, 19.0, 21.0)
    assert row["explanation"] == "inside_bounds"
