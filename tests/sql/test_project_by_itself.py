"""The dbt project without the rest of this package: in its own folder, and as a package of somebody else's project."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import company_of_cases
import duckdb
import pytest
from agreed_columns import MARTS, REPORTS

pytestmark = pytest.mark.slow

SQL = Path(__file__).parents[2] / "sql"
WELL = {"success", "pass", "warn", "no-op"}


def dbt(folder: Path, *arguments: str) -> list[dict[str, Any]]:
    """Run dbt as a person would, in that folder; hand back what became of each node."""
    profile = {"type": "duckdb", "path": str(folder.parent / "warehouse.duckdb"), "threads": 2}
    profiles = {name: {"target": "mine", "outputs": {"mine": profile}} for name in ("hiring_elt", "theirs")}
    (folder.parent / "profiles").mkdir(exist_ok=True)
    (folder.parent / "profiles" / "profiles.yml").write_text(json.dumps(profiles))
    done = subprocess.run(
        [str(Path(sys.executable).with_name("dbt")), "--no-use-colors", *arguments],
        cwd=folder,
        env=os.environ | {"DBT_PROFILES_DIR": str(folder.parent / "profiles"), "DO_NOT_TRACK": "1"},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]
    results = folder / "target" / "run_results.json"
    return json.loads(results.read_text())["results"] if results.is_file() else []


def tables(path: Path) -> dict[str, set[str]]:
    with duckdb.connect(str(path), read_only=True) as connection:
        found: dict[str, set[str]] = {}
        for schema, name in connection.execute("select schema_name, table_name from duckdb_tables()").fetchall():
            found.setdefault(schema, set()).add(name)
        return found


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    path = tmp_path / "warehouse.duckdb"
    company_of_cases.found(path)
    return path


def test_dbt_build_in_the_folder_with_a_profile_of_ones_own(tmp_path: Path, warehouse: Path) -> None:
    project = tmp_path / "sql"
    shutil.copytree(SQL, project, ignore=shutil.ignore_patterns("target", "logs", "profiles.yml"))

    results = dbt(project, "build")

    kinds = {result["unique_id"].split(".")[0] for result in results}
    assert kinds >= {"model", "seed", "test", "unit_test"}
    assert {result["status"] for result in results} <= WELL
    built = tables(warehouse)
    assert set(MARTS) <= built["marts"]
    assert set(REPORTS) <= built["reports"]


def test_descriptions_are_comments_of_the_warehouse(tmp_path: Path, warehouse: Path) -> None:
    project = tmp_path / "sql"
    shutil.copytree(SQL, project, ignore=shutil.ignore_patterns("target", "logs", "profiles.yml"))

    dbt(project, "build", "--resource-type", "model", "--resource-type", "seed")

    with duckdb.connect(str(warehouse), read_only=True) as connection:
        bare = connection.execute(
            "select schema_name, table_name, column_name from duckdb_columns()"
            " where schema_name in ('marts', 'reports') and comment is null"
        ).fetchall()
        bare += connection.execute(
            "select schema_name, table_name from duckdb_tables()"
            " where schema_name in ('marts', 'reports') and comment is null"
        ).fetchall()
    assert bare == []


def test_as_a_package_of_another_project_with_models_of_its_own(tmp_path: Path, warehouse: Path) -> None:
    theirs = tmp_path / "theirs"
    (theirs / "models").mkdir(parents=True)
    (theirs / "macros").mkdir()
    settings = {"name": "theirs", "version": "1.0.0", "profile": "theirs", "vars": {"hiring_elt": {"min_n": 1}}}
    (theirs / "dbt_project.yml").write_text(json.dumps(settings))
    (theirs / "packages.yml").write_text(json.dumps({"packages": [{"local": str(SQL)}]}))
    (theirs / "models" / "hires_by_role.sql").write_text(
        "select role_id, count(*) as count_hires from {{ ref('hiring_elt', 'fct_applications') }}"
        " where outcome = 'hired' group by role_id"
    )
    # Schemas are named by the project that is run: one line takes over the package's names.
    (theirs / "macros" / "schemas.sql").write_text(
        "{% macro generate_schema_name(name, node) %}{{ hiring_elt.generate_schema_name(name, node) }}{% endmacro %}"
    )
    dbt(theirs, "deps")

    results = dbt(theirs, "build", "--exclude-resource-type", "unit_test")

    assert {result["status"] for result in results} <= WELL
    built = tables(warehouse)
    assert set(MARTS) <= built["marts"]
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        hires = connection.execute("select sum(count_hires) from main.hires_by_role").fetchall()
        shown = connection.execute(
            "select distinct median_days_to_hire is not null from reports.rpt_time_to_hire where n_days_to_hire > 0"
        ).fetchall()
    assert hires[0][0] > 0
    assert shown == [(True,)]  # their min_n, not ours
