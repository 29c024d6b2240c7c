"""The golden cases, from raw rows through all models to the marts, with figures worked by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import company_of_cases
import duckdb
import pytest

from pipelines.transform import build

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., list[tuple[Any, ...]]]]:
    folder: Path = tmp_path_factory.mktemp("golden")
    path = folder / "golden.duckdb"
    company_of_cases.found(path)
    build({"type": "duckdb", "path": str(path), "threads": 2}, folder, variables={"report_timezone": "UTC"})
    with duckdb.connect(str(path), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        yield lambda sql, *values: connection.execute(sql, values).fetchall()


# All models are built for these claims, which takes longer than a quick test may.
pytestmark = pytest.mark.slow


def visits(ask: Any, role: str, columns: str) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = ask(
        f"select {columns} from marts.fct_application_steps where split_part(role_id, ':', 3) = ? order by position",
        role,
    )
    return rows


def application(ask: Any, role: str, columns: str) -> tuple[Any, ...]:
    rows: list[tuple[Any, ...]] = ask(
        f"select {columns} from marts.fct_applications where split_part(role_id, ':', 3) = ?", role
    )
    assert len(rows) == 1
    return rows[0]


def test_g1_a_hire_is_the_sum_of_its_visits(ask: Any) -> None:
    assert visits(ask, "G1", "stage, days_in_step, exit_type") == [
        ("screening", 2.5, "forward"),
        ("interview", 6.5, "forward"),
        ("offer", 5.25, "hired"),
    ]
    assert application(ask, "G1", "days_to_hire, furthest_stage, outcome, offer_outcome, days_to_answer_offer") == (
        14.25,
        "hired",
        "hired",
        "accepted",
        5.25,
    )


def test_g2_two_seconds_over_midnight_are_two_seconds(ask: Any) -> None:
    assert visits(ask, "G2", "days_in_step")[0] == (2 / 86400,)


def test_g3_a_step_passed_over_counts_as_reached_and_takes_no_time(ask: Any) -> None:
    assert visits(ask, "G3", "stage, visit_number, is_skipped, days_in_step, cast(entered_at as date)::text") == [
        ("screening", 1, False, 3.0, "2026-01-01"),
        ("assessment", 0, True, 0.0, "2026-01-04"),
        ("interview", 1, False, None, "2026-01-04"),
    ]
    assert application(ask, "G3", "furthest_stage, count_skipped, count_visits, assessment_at") == (
        "interview",
        1,
        2,
        None,
    )


def test_g4_and_g5_a_rejection_ends_the_path_whatever_the_as_of_day(ask: Any) -> None:
    assert visits(ask, "G4", "stage, exit_type, days_in_step, is_skipped, decision, reason") == [
        ("screening", "rejected", 4.0, False, "rejected", "not given")
    ]
    assert application(ask, "G4", "furthest_stage, outcome, days_to_close, days_in_pipeline, count_skipped") == (
        "screening",
        "rejected",
        4.0,
        None,
        0,
    )


def test_g6_a_step_entered_again_is_a_second_visit_and_one_move_back(ask: Any) -> None:
    assert visits(ask, "G6", "stage, visit_number, exit_type, entered_at::text") == [
        ("screening", 1, "forward", "2026-01-01 00:00:00+00"),
        ("interview", 1, "back", "2026-01-02 00:00:00+00"),
        ("screening", 2, "open", "2026-01-05 10:00:00+00"),
    ]
    assert application(ask, "G6", "furthest_stage, count_moves_back, current_stage") == ("interview", 1, "screening")


def test_g7_a_change_lies_between_the_last_complete_reading_and_its_own_reply(ask: Any) -> None:
    assert visits(ask, "G7", "stage, entered_not_before::text, entered_not_after::text, is_entry_datable")[-1] == (
        "interview",
        "2026-01-05 08:00:00+00",
        "2026-01-06 08:00:30+00",
        True,
    )


def test_an_event_with_bounds_over_eight_days_apart_has_no_date_and_no_duration(ask: Any) -> None:
    assert visits(ask, "wide", "stage, is_entry_datable, is_exit_datable, days_in_step, days_so_far") == [
        ("screening", True, False, None, None),
        ("interview", False, False, None, None),
    ]
    assert application(ask, "wide", "furthest_stage, days_to_interview") == ("interview", None)


def test_g8_a_tailed_application_first_seen_in_interview_reached_it_without_a_date(ask: Any) -> None:
    assert application(ask, "G8", "furthest_stage, days_to_interview, applied_at::text, interview_at::text") == (
        "interview",
        None,
        "2026-01-01 00:00:00+00",
        "2026-03-01 00:30:00+00",
    )
    assert ask(
        "select count_entered, count_undated_in from marts.fct_pipeline_daily"
        " where role_id = 'tailed:default:G8' and stage = 'interview' and date_day = '2026-03-01'"
    ) == [(1, 1)]


def test_g9_closing_is_counted_day_by_day(ask: Any) -> None:
    rows = ask(
        """
        select count_opening, count_entered, count_left_forward, count_rejected, count_closing
        from marts.fct_pipeline_daily
        where role_id = 'talent_ray:default:G9' and stage = 'screening' and date_day <= '2026-01-05' order by date_day
        """
    )
    assert rows == [(0, 2, 0, 0, 2), (2, 1, 1, 0, 2), (2, 0, 0, 1, 1), (1, 1, 0, 1, 1), (1, 0, 0, 0, 1)]


def test_g13_minus_one_is_no_score(ask: Any) -> None:
    rows = ask("select avg(overall_fit_score), count(overall_fit_score), count(*) > 2 from marts.fct_applications")
    assert rows == [(70.0, 2, True)]


def test_g14_a_status_without_a_map_row_is_unknown_and_stays_in_the_pipeline(ask: Any) -> None:
    assert application(ask, "G14", "outcome, is_in_pipeline, is_closed, application_status") == (
        "unknown",
        True,
        False,
        "Parked",
    )


def test_g15_two_leads_of_one_candidate_share_one_application_and_one_hire(ask: Any) -> None:
    assert application(ask, "G15", "lead_id, is_sourced, outcome, resume_fit_score") == (
        "talent_ray:default:l1",
        True,
        "hired",
        64.0,
    )
    assert ask("select source_is_hired from (select sum(is_hired::int) as source_is_hired from marts.fct_leads)") == [
        (1,)
    ]
    assert ask(
        "select days_to_convert, screened_at::text, resume_fit_score from marts.fct_leads where lead_id like '%:l1'"
    ) == [(12 + 8 / 24, "2025-12-22 08:00:00+00", 64.0)]


def test_g16_a_hidden_role_and_a_step_without_template_are_kept_as_stubs(ask: Any) -> None:
    assert ask("select role_name, is_stub, is_visible from marts.dim_roles where role_id like '%:G16'") == [
        ("Hidden role", True, False)
    ]
    assert ask("select stage, is_stub from marts.dim_role_steps where role_step_id like '%:G16-interview'") == [
        ("interview", True)
    ]
    assert visits(ask, "G16", "stage, exit_type") == [("applied", "forward"), ("interview", "open")]


def test_a_declined_offer_withdraws_the_application_at_the_answer(ask: Any) -> None:
    assert application(ask, "declined", "outcome, withdrawn_at::text, offer_outcome, days_to_answer_offer") == (
        "withdrawn",
        "2026-01-06 12:00:00+00",
        "declined",
        4.5,
    )


def test_status_wins_over_steps_and_the_conflict_is_told(ask: Any) -> None:
    assert application(ask, "conflict", "outcome, has_conflict") == ("hired", True)


def test_a_rejected_step_with_a_later_entry_does_not_close(ask: Any) -> None:
    assert application(ask, "went on", "outcome, current_stage, has_conflict") == ("open", "interview", False)


def test_one_who_comes_back_without_a_new_step_gets_a_new_visit_of_the_last_one(ask: Any) -> None:
    assert visits(ask, "back again", "visit_number, entered_at::text, exit_type, is_current") == [
        (1, "2026-01-01 00:00:00+00", "vanished", False),
        (2, "2026-01-08 08:00:00+00", "open", True),
    ]
    assert application(ask, "back again", "count_reopened, vanished_at, is_in_pipeline") == (1, None, True)


def test_tailed_stages_are_visits_bounded_by_the_readings(ask: Any) -> None:
    assert visits(ask, "moved", "stage, entered_not_before::text, entered_not_after::text, exit_type") == [
        ("applied", "2026-01-01 00:00:00+00", "2026-01-01 00:00:00+00", "forward"),
        ("interview", "2026-01-03 08:00:00+00", "2026-01-04 08:00:00+00", "back"),
        ("screening", "2026-01-05 08:00:00+00", "2026-01-06 08:00:00+00", "open"),
    ]


def test_one_is_closed_where_one_stands(ask: Any) -> None:
    assert visits(
        ask, "refused", "stage, entered_not_after::text, left_at::text, exit_type, is_after_close, reason"
    ) == [
        ("applied", "2026-01-01 00:00:00+00", "2026-01-07 12:00:00+00", "forward", False, None),
        ("interview", "2026-01-07 12:00:00+00", "2026-01-07 12:00:00+00", "rejected", False, "no answer"),
    ]


def test_a_step_inherits_the_stage_of_the_nearest_step_before_it(ask: Any) -> None:
    rows = ask(
        "select step_name, stage, stage_basis from marts.dim_role_steps where role_id like '%:inherit'"
        " and step_name in ('first', 'last', 'odd') order by 1"
    )
    assert rows == [("first", "applied", "inherited"), ("last", "offer", "inherited"), ("odd", "unknown", "unknown")]


def test_an_instant_more_than_five_minutes_ahead_of_its_reply_is_no_instant(ask: Any) -> None:
    assert sorted(visits(ask, "clock", "stage, entered_at::text"))[1:] == [
        ("interview", "2026-04-10 08:00:00+00"),
        ("screening", "2026-04-10 08:04:00+00"),
    ]


def test_ids_with_colons_do_not_collide(ask: Any) -> None:
    rows = ask("select application_id from marts.fct_applications where candidate_id like '%:x%' order by 1")
    assert rows == [("talent_ray:default:x%3Aa:b",), ("talent_ray:default:x:a%3Ab",)]


def test_a_draft_opens_with_the_version_that_opened_it(ask: Any) -> None:
    rows = ask(
        "select role_state, opened_not_before::text, opened_at::text, closed_at::text, days_on_hold"
        " from marts.dim_roles where role_id like '%:states'"
    )
    assert rows == [("filled", "2026-01-02 08:00:00+00", "2026-01-04 08:00:00+00", "2026-01-20 08:00:00+00", 5.0)]


def test_a_member_of_a_batch_is_screened_once_per_role(ask: Any) -> None:
    rows = ask(
        "select split_part(lead_id, ':', 3), role_id, is_recommended, is_hired from marts.fct_screenings order by 1"
    )
    assert rows == [("l1", "talent_ray:default:G15", True, True), ("only in the batch", None, None, None)]


def test_the_figures_of_tailed_come_as_rows(ask: Any) -> None:
    rows = ask("select metric, value, period_start is null from marts.fct_analytics_snapshots order by 1")
    assert rows == [
        ("active_candidates", 2.0, False),
        ("applications_total", 3.0, True),
        ("hires", 0.0, True),
        ("stage.interview", 1.0, False),
    ]
