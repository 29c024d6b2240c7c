"""The same models on DuckDB 1.5 and on DuckDB 2.0: every mart and report has the same rows.

dbt and DuckDB 2.0 stand in an environment of their own, which is made here (pip has to reach an index). To use one that
is there already: `HIRING_ELT_DUCKDB_2=/path/to/venv pytest ...`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from importlib.metadata import version
from pathlib import Path

import duckdb
import pytest
from companies import load, readings
from oracle.calculate import KEYS
from oracle.shape import built, differences
from oracle.warehouse import PROJECT, build

pytestmark = [pytest.mark.slow, pytest.mark.server]

_EXPORT = """
import duckdb, sys
warehouse, folder = sys.argv[1:]
print(duckdb.__version__)
with duckdb.connect(warehouse, read_only=True) as database:
    database.execute("set timezone = 'UTC'")
    for schema, table in database.execute(
        "select schema_name, table_name from duckdb_tables() where schema_name in ('marts', 'reports')"
    ).fetchall():
        database.execute(f"copy (from {schema}.{table}) to '{folder}/{schema}.{table}.parquet'")
"""


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of an environment with DuckDB 2.0."""
    if told := os.environ.get("HIRING_ELT_DUCKDB_2"):
        return Path(told) / "bin"
    folder = tmp_path_factory.mktemp("duckdb-2")
    venv.create(folder, with_pip=True)
    wanted = [f"dbt-core=={version('dbt-core')}", f"dbt-duckdb=={version('dbt-duckdb')}", "duckdb>=2.0,<3"]
    command = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", *wanted]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    if made.returncode:
        pytest.skip(f"pip could not make an environment with DuckDB 2.0: {made.stderr[-300:]}")
    return folder / "bin"


def test_marts_and_reports_are_the_same_on_both(two: Path, tmp_path: Path) -> None:
    warehouse = load(readings((1, 2, 3), days=200, read_days=120, frequencies=("daily", "weekly")), tmp_path / "one.db")
    copy = shutil.copy(warehouse, tmp_path / "two.db")
    build(warehouse)
    place = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
    scratch = ["--target-path", str(tmp_path / "target"), "--log-path", str(tmp_path / "logs")]
    subprocess.run(
        [str(two / "dbt"), "--quiet", "build", *place, *scratch],
        env=os.environ | {"HIRING_ELT_WAREHOUSE": str(copy), "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"},
        check=True,
        timeout=1200,
    )
    said = subprocess.run(
        [str(two / "python"), "-c", _EXPORT, str(copy), str(tmp_path)], check=True, capture_output=True, text=True
    )

    assert said.stdout.startswith("2.")
    assert duckdb.__version__.startswith("1.5"), sys.executable
    with duckdb.connect(str(warehouse), read_only=True) as ours, duckdb.connect() as theirs:
        ours.execute("set timezone = 'UTC'")
        theirs.execute("set timezone = 'UTC'")
        for name, key in KEYS.items():
            table = f"{'reports' if name.startswith('rpt_') else 'marts'}.{name}"
            rows = built(ours, table)
            assert rows, f"{name} has nothing to compare"
            others = built(theirs, f"read_parquet('{tmp_path}/{table}.parquet')")
            assert differences(rows, others, key) == [], name
