"""Every number in the page's tables is the one that the reports hold; the calculation here is a second one."""

# ruff: noqa: RUF001 - the page says nothing-there and ranges with an en dash
from __future__ import annotations

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal

import pytest

from pipelines.report import write_report
from pipelines.warehouse import open_warehouse
from tests.report.made_up_rows import small_world
from tests.report.page_reading import ReadPage
from tests.report.report_world import STAGES

MIN_N = 5
ROWS = 50


def said(value: float | None, decimals: int = 0) -> str:
    """A number as the page should say it; halves away from zero, by decimal arithmetic on the exact binary value."""
    if value is None:
        return "–"
    rounded = Decimal(value).quantize(Decimal(10) ** -decimals, rounding=ROUND_HALF_UP)
    return f"{rounded:,}"


def days(value: float | None, n: int | None = None) -> str:
    return f"too few ({n})" if value is None and n and n < MIN_N else said(value, 1)


def rate(of: int | None, n: int | None) -> str:
    """A rate with Wilson's bounds, from the textbook formula."""
    if of is None or not n:
        return "–"
    if n < MIN_N:
        return f"too few ({of} of {n})"
    z, p = 1.959964, of / n
    root = z * ((p * (1 - p) + z * z / (4 * n)) / n) ** 0.5
    low, high = ((p + z * z / (2 * n) + sign * root) / (1 + z * z / n) for sign in (-1, 1))
    return f"{said(p * 100, 1)} % ({said(max(0, low) * 100, 1)}–{said(min(1, high) * 100, 1)})"


def given(value: float | None, n: int, low: float | None, high: float | None) -> str:
    if not n:
        return "–"
    return (
        f"too few ({n})" if value is None else f"{said(value * 100, 1)} % ({said(low * 100, 1)}–{said(high * 100, 1)})"
    )


def share(value: float | None) -> str:
    return "–" if value is None else f"{said(value * 100, 1)} %"


def month(value: dt.date | None) -> str:
    return "undated" if value is None else f"{value:%Y-%m}"


def source(platform: str, account: str) -> str:
    platform = {"talent_ray": "Talent-Ray", "tailed": "Tailed"}[platform]
    return platform if account == "default" else f"{platform} · {account}"


@pytest.fixture
def role_named(page, ask_reported):
    """The name under which a role stands in the page, by the list that its filters offer."""
    data = page.data()
    ids = [
        role_id
        for (role_id,) in ask_reported(
            "select r.role_id from marts.dim_roles r left join reports.rpt_open_roles o using (role_id)"
            " order by (o.role_id is null), r.count_applications desc, r.role_id"
        )
    ]
    return dict(zip(ids, (role[0] for role in data["roles"]), strict=True))


def test_the_funnel_is_the_sum_of_the_report(page, ask_reported):
    expected = []
    for place, stage in enumerate(STAGES):
        reached, closed, all_closed, passed, lost = ask_reported(
            "select sum(count_reached), sum(count_reached_closed), sum(n_closed), sum(count_passed_closed),"
            f" sum(count_lost) from reports.rpt_hiring_funnel where stage = '{stage}'"
        )[0]
        can_pass = closed if place < 5 else None
        told = [said(reached), said(closed), rate(closed, all_closed), rate(passed, can_pass)]
        expected.append([stage, *told, said(lost if place < 5 else None)])

    assert page.rows("funnel") == expected


def test_cohorts_stand_newest_first_and_the_undated_last(page, ask_reported):
    rows = ask_reported(
        "select cohort_month, sum(count_applications), sum(count_reached_closed), sum(n_closed - count_reached_closed),"
        " sum(n_open), sum(n_unknown), sum(n_vanished), sum(n_closed) from reports.rpt_hiring_funnel"
        " where stage = 'hired' group by 1 order by 1 desc nulls last"
    )

    assert page.rows("cohorts") == [[month(row[0]), *map(said, row[1:7]), rate(row[2], row[7])] for row in rows]
    assert page.rows("cohorts")[-1][0] == "undated"


def test_the_funnel_by_role_is_that_of_each_role_alone(page, ask_reported, role_named):
    found = ask_reported(
        "select role_id, platform, account, stage, sum(count_applications), sum(count_reached),"
        " sum(count_reached_closed), sum(n_closed) from reports.rpt_hiring_funnel"
        " where role_id is not null group by all"
    )
    sums = {(row[0], row[3]): row[4:] for row in found}
    expected = []
    for role_id, platform, account in sorted({row[:3] for row in found}):
        reached = [said(sums[role_id, stage][1]) for stage in STAGES[1:]]
        of_closed = rate(*sums[role_id, "hired"][2:])
        head = [role_named[role_id], source(platform, account), said(sums[role_id, "applied"][0])]
        expected.append([*head, *reached, of_closed])

    told = [row for row in page.rows("funnel_by_role") if row[0] != "(no role)"]
    assert sorted(told) == sorted(expected)
    applied = [int(row[2].replace(",", "")) for row in told]
    assert applied == sorted(applied, reverse=True)


def test_time_to_hire_is_told_per_account_and_never_added_up(page, ask_reported):
    rows = ask_reported(
        "select platform, account, n_days_to_hire, median_days_to_hire, p75_days_to_hire, p90_days_to_hire,"
        " survival_median_days, n_survival, n_in_pipeline, n_undated from reports.rpt_time_to_hire"
        " where level = 'account' and hired_month is null order by case platform when 'tailed' then 0 else 1 end"
    )
    expected = [
        [source(*row[:2]), "All roles", said(row[2]), *(days(value, row[2]) for value in row[3:6]), days(row[6])]
        + [said(value) for value in row[7:]]
        for row in rows
    ]

    assert page.rows("time_to_hire") == expected


def test_time_in_step_equals_the_report_row_by_row(page, ask_reported, role_named):
    rows = ask_reported(
        "select coalesce(step_name, '(before the first step)'), role_id, platform, account, stage, n_days_in_step,"
        " median_days_in_step, p75_days_in_step, p90_days_in_step, n_days_to_decide, median_days_to_decide,"
        " share_of_time, n_open, median_days_so_far, count_skipped, count_undated from reports.rpt_time_in_step"
    )
    expected = [
        [
            *(row[0].replace("\x1b", " ").replace("\u202e", "").replace("\x07", " "), role_named[row[1]]),
            *(source(*row[2:4]), row[4], said(row[5]), *(days(value, row[5]) for value in row[6:9])),
            *(
                days(row[10], row[9]),
                share(row[11]),
                said(row[12]),
                days(row[13], row[12]),
                said(row[14]),
                said(row[15]),
            ),
        ]
        for row in rows
    ]

    found = page.rows("time_in_step")
    assert sorted(found) == sorted(expected)
    medians = [row[5] for row in found if row[5][0].isdigit()]
    assert medians == sorted(medians, key=lambda text: -float(text.replace(",", "")))


def test_open_roles_equal_the_report(page, ask_reported, role_named):
    rows = ask_reported(
        "select * exclude (last_movement_at, opened_at) from reports.rpt_open_roles order by days_open desc"
    )
    waits: dict[str, list] = {}
    for role_id, is_stalled, days_waited in ask_reported(
        "select role_id, is_stalled, days_in_current_step from reports.rpt_aging_applications"
    ):
        waits.setdefault(role_id, []).append((is_stalled, days_waited))
    names = [name for (name,) in ask_reported("select column_name from (describe reports.rpt_open_roles)")]
    names = [name for name in names if name not in {"last_movement_at", "opened_at"}]
    stages = [f"count_{stage}" for stage in (*STAGES[:5], "unknown")]
    expected = []
    for values in rows:
        row = dict(zip(names, values, strict=True))
        counts = [row[name] for name in ("target_hire_count", "count_hires", "count_remaining", *stages)]
        waiting = waits.get(row["role_id"], [])
        longest = max((waited for _, waited in waiting if waited is not None), default=None)
        told = [*map(said, counts), said(sum(bool(stalled) for stalled, _ in waiting)), days(longest)]
        told.append(said(row["count_applications_30d"]))
        ends = [days(row["days_since_movement"]), said(row["expected_hires"], 2), said(row["coverage"], 2)]
        head = [role_named[row["role_id"]], source(row["platform"], row["account"]), days(row["days_open"])]
        expected.append([*head, *told, *ends])

    assert page.rows("open_roles") == expected


def test_ageing_counts_every_application_in_the_pipeline_once(page, ask_reported):
    (total,) = ask_reported("select count(*) from reports.rpt_aging_applications")[0]
    rows = page.rows("aging")

    assert sum(int(row[1]) for row in rows) == total
    assert all(int(row[1]) == sum(int(count) for count in row[2:7]) for row in rows)


def test_offers_equal_the_report(page, ask_reported):
    rows = ask_reported(
        "select extended_month, sum(count_extended), sum(count_accepted), sum(count_declined), sum(count_rescinded),"
        " sum(n_pending), sum(n_unknown) from reports.rpt_offer_outcomes group by 1 order by 1 desc nulls last"
    )
    expected = [
        [month(row[0]), *map(said, row[1:]), rate(row[2], row[2] + row[3] + row[4]), rate(row[3], row[2] + row[3])]
        for row in rows
    ]

    assert page.rows("offers") == expected


def test_rates_of_screening_and_scores_are_taken_as_the_report_gives_them(page, ask_reported):
    rows = ask_reported(
        "select case score_kind when 'overall_fit' then 'Overall fit' else 'Resume fit' end, platform, account,"
        " score_band, n_closed, mean_score, interview_rate, interview_rate_n, interview_rate_low, interview_rate_high,"
        " hire_rate, hire_rate_n, hire_rate_low, hire_rate_high, auc_interview, auc_hire"
        " from reports.rpt_score_calibration"
    )
    expected = [
        [
            *(
                row[0],
                source(*row[1:3]),
                "90 to 100" if row[3] == 9 else f"{row[3]}0 to below {row[3] + 1}0".replace("00", "0"),
            ),
            *(said(row[4]), said(row[5], 1), given(*row[6:10]), given(*row[10:14]), said(row[14], 2), said(row[15], 2)),
        ]
        for row in rows
    ]

    assert sorted(page.rows("calibration")) == sorted(expected)


def test_freshness_and_quality_equal_the_reports(page, ask_reported):
    def at(value: dt.datetime | None) -> str:
        return "–" if value is None else f"{value.astimezone(dt.UTC):%Y-%m-%d %H:%M}"

    fresh = ask_reported(
        "select resource, platform, account, last_verdict, last_refresh_at, last_complete_at, hours_behind,"
        " count_refreshes_30d, longest_gap_hours_30d, median_bound_hours_30d, count_declared, count_distinct,"
        " count_visible, count_stale_parents from reports.rpt_freshness"
    )
    expected = [
        [
            row[0],
            source(*row[1:3]),
            row[3],
            at(row[4]),
            at(row[5]),
            days(row[6]),
            said(row[7]),
            days(row[8]),
            days(row[9]),
        ]
        + [said(value) for value in row[10:]]
        for row in fresh
    ]
    assert sorted(page.rows("freshness")) == sorted(expected)

    checks = ask_reported(
        "select check_name, coalesce(detail, ''), platform, account, severity, count_checked, count_failed,"
        " share_failed, first_observed_at, last_observed_at from reports.rpt_data_quality"
    )
    told = [
        [row[0], row[1], source(*row[2:4]), row[4], said(row[5]), said(row[6]), share(row[7]), at(row[8]), at(row[9])]
        for row in checks
    ]
    assert sorted(page.rows("quality")) == sorted(told)


def test_the_trend_balances_week_by_week(page, ask_reported):
    rows = ask_reported(
        "select week_start, sum(count_opening), sum(count_entered), sum(count_left_forward), sum(count_left_back),"
        " sum(count_rejected), sum(count_withdrawn), sum(count_hired), sum(count_vanished), sum(count_closing)"
        " from reports.rpt_pipeline_trend group by 1 order by 1 desc"
    )

    assert page.rows("trend") == [[f"{row[0]:%Y-%m-%d}", *map(said, row[1:])] for row in rows]


def test_sums_by_month_and_reason_equal_the_reports(page, ask_reported):
    leads = ask_reported(
        "select cohort_month, sum(count_leads), sum(count_screened), sum(count_assigned), sum(count_converted),"
        " sum(count_applied), sum(count_interviewed), sum(count_hired) from reports.rpt_sourcing_conversion"
        " group by 1 order by 1 desc nulls last"
    )
    assert page.rows("sourcing") == [
        [month(row[0]), *map(said, row[1:]), rate(row[4], row[1]), rate(row[7], row[1])] for row in leads
    ]
    reasons = ask_reported(
        "select reason, outcome, sum(count_applications), sum(count_applications) filter (where last_stage in"
        " ('applied', 'screening', 'assessment')), sum(count_applications) filter (where last_stage in"
        " ('interview', 'offer')) from reports.rpt_rejection_reasons group by 1, 2 order by 3 desc"
    )
    assert page.rows("reasons") == [[*row[:2], *map(said, row[2:])] for row in reasons]


def test_headlines_count_back_from_each_source_and_leave_out_what_cannot_be_dated(page, ask_reported):
    tiles = dict(page.tiles)
    whole, lists = ask_reported(
        "select count(*) filter (last_verdict in ('proven', 'count_complete')), count(*) from reports.rpt_freshness"
    )[0]
    assert f"{whole} of {lists} lists were read whole at their last reading" in page.text
    recent = "between timestamptz '2026-04-20 06:30:01+00' and timestamptz '2026-05-20 06:30:00+00'"
    (pipeline, applied, hired) = ask_reported(
        "select count(*) filter (where is_in_pipeline),"
        f" count(*) filter (where applied_at {recent} and applied_not_before = applied_not_after),"
        f" count(*) filter (where hired_at {recent}) from marts.fct_applications"
    )[0]
    (undated,) = ask_reported(f"select count(*) from marts.fct_applications where applied_at {recent}")[0]

    assert tiles["In the pipeline"] == str(pipeline)
    assert tiles["New applications, 30 days"] == str(applied)
    assert tiles["Hires, 30 days"] == str(hired)
    assert undated > applied


def test_rows_beyond_the_first_fifty_are_named_and_in_the_data(tmp_path):
    file = small_world(tmp_path / "w.duckdb", roles=30, months=1).save()
    found = ReadPage(write_report(open_warehouse(str(file)), tmp_path / "r.html").read_text())

    assert len(found.rows("time_in_step")) == ROWS
    assert "50 of 90 rows" in found.text
