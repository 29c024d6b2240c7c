"""A slip in the models is noticed: each of these, made on purpose, sets a table apart from the oracle."""

from __future__ import annotations

import shutil
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


@pytest.fixture(scope="module")
def read() -> list[Reading]:
    return readings((2, 4), candidates=50, days=150, read_days=75, frequencies=("daily",))


def differences_of(project: Path, read: list[Reading], folder: Path) -> dict[str, list[str]]:
    warehouse = load(read, folder / "companies.duckdb")
    names = sorted({slip.table for slip in SLIPS.values()})
    build(warehouse, select=[f"+{name}" for name in names], project=project)
    return compared(calculated(read), warehouse, names)


@pytest.mark.slow
@pytest.mark.parametrize("claim", SLIPS)
def test_a_slip_in_the_models_sets_them_apart_from_the_oracle(claim: str, read: list[Reading], tmp_path: Path) -> None:
    slip = SLIPS[claim]
    project = tmp_path / "sql"
    shutil.copytree(PROJECT, project, ignore=shutil.ignore_patterns("target", "logs"))
    file = project / slip.file
    text = file.read_text()
    assert slip.right in text
    file.write_text(text.replace(slip.right, slip.wrong))

    assert slip.table in differences_of(project, read, tmp_path)


@pytest.mark.slow
def test_the_models_as_they_are_do_not_differ(read: list[Reading], tmp_path: Path) -> None:
    assert differences_of(PROJECT, read, tmp_path) == {}
