"""A slip in the models is noticed: each of these, made on purpose, sets a table apart from the oracle."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest
from companies import Reading, calculated, compared, load, readings
from oracle.warehouse import PROJECT, build


@dataclass(frozen=True)
class Slip:
    """A text of one file replaced by another, and a table in which that must show."""

    file: str
    right: str
    wrong: str
    table: str


SLIPS = {
    "a change is bounded by when the earlier version was read, not by when the list was read": Slip(
        "macros/bounded_history.sql",
        "{%- set known = ['_not_before', 'lag(_observed_at) over versions_of_key'] -%}",
        "{%- set known = ['lag(_observed_at) over versions_of_key'] -%}",
        "fct_application_changes",
    ),
    "a version still counts at the instant at which the next one was read": Slip(
        "models/intermediate/int_application_outcomes__observed.sql",
        "and instants.observed_at < record_versions.current_until",
        "and instants.observed_at <= record_versions.current_until",
        "fct_applications",
    ),
    "a score of -1 is a score": Slip(
        "models/staging/talent_ray/stg_talent_ray__candidate_roles_history.sql",
        "nullif({{ as_double('overall_fit_score') }}, -1) as overall_fit_score",
        "{{ as_double('overall_fit_score') }} as overall_fit_score",
        "fct_applications",
    ),
    "an application on a role that is not visible is dropped": Slip(
        "models/marts/fct_applications.sql",
        "    left join roles\n        on applications.role_id = roles.role_id",
        "    inner join roles\n        on applications.role_id = roles.role_id and roles.is_visible",
        "fct_applications",
    ),
    "a step passed over has no duration": Slip(
        "models/marts/fct_application_steps.sql",
        "when is_skipped then 0.0",
        "when is_skipped then null",
        "fct_application_steps",
    ),
}

LEAVES = {
    "those who stayed count as passed on": Slip(
        "models/reports/rpt_hiring_funnel.sql",
        "sum(case when furthest_stage_rank > stage_rank then n_closed else 0 end)",
        "sum(case when furthest_stage_rank >= stage_rank then n_closed else 0 end)",
        "rpt_hiring_funnel",
    ),
    "an event without a date counts in the week it was seen": Slip(
        "models/reports/rpt_stage_activity.sql",
        "        and is_exit_datable\n",
        "",
        "rpt_stage_activity",
    ),
    "a rejection is no end but a case lost from sight": Slip(
        "macros/reports/survival_median.sql",
        "case when is_closed then 1 else 0 end as count_closed",
        "case when is_hired then 1 else 0 end as count_closed",
        "rpt_time_to_hire",
    ),
    "a step passed over counts as one of no length": Slip(
        "models/reports/rpt_time_in_step.sql",
        "is_in_window and not is_skipped as is_ended,",
        "is_in_window as is_ended,",
        "rpt_time_in_step",
    ),
    "the first hire fills a role of three": Slip(
        "models/reports/rpt_time_to_fill.sql",
        "hires.hire_number = greatest(1, coalesce(roles.target_hire_count, 1))",
        "hires.hire_number = 1",
        "rpt_time_to_fill",
    ),
    "an offer counts in the month of its answer": Slip(
        "models/reports/rpt_offer_outcomes.sql",
        "local_period('month', 'offer_at')",
        "local_period('month', 'coalesce(offer_answered_at, offer_at)')",
        "rpt_offer_outcomes",
    ),
    "a reason's share is of all endings of the role": Slip(
        "models/reports/rpt_rejection_reasons.sql",
        "over (partition by platform, account, closed_month, role_id, outcome)",
        "over (partition by platform, account, role_id)",
        "rpt_rejection_reasons",
    ),
    "a week opens with the sum of its mornings": Slip(
        "models/reports/rpt_pipeline_trend.sql",
        "sum(case when date_day = week_start then count_opening else 0 end)",
        "sum(count_opening)",
        "rpt_pipeline_trend",
    ),
    "equal scores have the rank of the first of them": Slip(
        "models/reports/rpt_score_calibration.sql",
        "(count(*) over (partition by platform, account, score_kind, score) - 1) / 2.0",
        "0.0",
        "rpt_score_calibration",
    ),
    "a change lies after the end of the earlier reading": Slip(
        "models/reports/rpt_freshness.sql",
        "lag(started_at) over (partition by platform, account, resource order by ended_at, refresh_id)",
        "lag(ended_at) over (partition by platform, account, resource order by ended_at, refresh_id)",
        "rpt_freshness",
    ),
}
"""Slips in reports, on which no other table rests: all are made at once, and each must show in its own table."""


@pytest.fixture(scope="module")
def read() -> list[Reading]:
    return readings((2, 4), candidates=50, days=150, read_days=75, frequencies=("daily",))


def differences_of(project: Path, read: list[Reading], folder: Path, names: Iterable[str]) -> dict[str, list[str]]:
    warehouse = load(read, folder / "companies.duckdb")
    build(warehouse, select=[f"+{name}" for name in names], project=project)
    return compared(calculated(read), warehouse, names)


def slipped(slips: Iterable[Slip], folder: Path) -> Path:
    """A copy of the project with these slips."""
    project = folder / "sql"
    shutil.copytree(PROJECT, project, ignore=shutil.ignore_patterns("target", "logs"))
    for slip in slips:
        file = project / slip.file
        text = file.read_text()
        assert slip.right in text
        file.write_text(text.replace(slip.right, slip.wrong))
    return project


@pytest.mark.parametrize("claim", SLIPS)
def test_a_slip_in_the_models_sets_them_apart_from_the_oracle(claim: str, read: list[Reading], tmp_path: Path) -> None:
    slip = SLIPS[claim]

    assert slip.table in differences_of(slipped([slip], tmp_path), read, tmp_path, [slip.table])


@pytest.fixture(scope="module")
def apart(read: list[Reading], tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    folder = tmp_path_factory.mktemp("slipped")
    tables = [slip.table for slip in LEAVES.values()]
    return differences_of(slipped(LEAVES.values(), folder), read, folder, tables)


@pytest.mark.parametrize("claim", LEAVES)
def test_a_slip_in_a_report_sets_it_apart_from_the_oracle(claim: str, apart: dict[str, list[str]]) -> None:
    assert LEAVES[claim].table in apart


def test_the_models_as_they_are_do_not_differ(read: list[Reading], tmp_path: Path) -> None:
    tables = sorted({slip.table for slip in (*SLIPS.values(), *LEAVES.values())})

    assert differences_of(PROJECT, read, tmp_path, tables) == {}
