"""The same models on a Spark cluster, from the files of a lake: every row of every mart and report is DuckDB's."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import threading
from decimal import Decimal
from pathlib import Path

import pytest

import pipelines
from connector.errors import CannotWrite
from connector.sandbox import Switches
from pipelines.lake.cluster import Cluster
from pipelines.refresh import rebuild
from pipelines.tell import Teller
from tests.lake import spark_cluster
from tests.lake.conftest import refreshed
from tests.scenarios.town import company

CLOSE = 1e-9
pytestmark = [pytest.mark.server, pytest.mark.slow, pytest.mark.usefixtures("spark")]


@pytest.fixture
def spark():
    spark_cluster.needed()


@pytest.fixture
def master(tmp_path):
    with spark_cluster.running(tmp_path) as address:
        yield address


def built(lake):
    """All rows of marts, reports and current rows, by table, in an order that no last bit of a number changes."""
    found = {}
    for name in lake.bucket.published().models:
        if name.startswith(("marts.", "reports.", "staging.", "seeds.")):
            table = lake.query(f"select * from {name}")
            columns = sorted(table.column_names)
            rows = [tuple(plain(row[column]) for column in columns) for row in table.to_pylist()]
            found[name] = (columns, sorted(rows, key=lambda row: [rounded(value) for value in row]))
    return found


def by_the_program(*words):
    """The last line that the program prints, run as its users run it: it keeps libraries out that Spark asks for."""
    ran = subprocess.run(
        [sys.executable, "-c", "from pipelines.cli import main; main()", *words],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": str(Path(pipelines.__file__).parents[1])},
    )
    assert ran.returncode == 0, ran.stderr[-2_000:]
    return json.loads(ran.stdout.splitlines()[-1])


def plain(value):
    return float(value) if isinstance(value, Decimal) else value


def rounded(value):
    return f"{value:.6g}" if isinstance(value, float) else repr(value)


def same(ours, theirs):
    if isinstance(ours, float) and isinstance(theirs, float):
        return math.isclose(ours, theirs, rel_tol=CLOSE, abs_tol=CLOSE)
    return ours == theirs


def test_every_row_of_every_mart_and_report_is_that_of_duckdb(master, lake, api, small, monkeypatch, capsys):
    """Three states of a company in a lake; the models are built by DuckDB, then by a master and two workers."""
    shown = company(candidates=60, days=120)
    api.show(shown, Switches())
    for days in (5, 5, 0):
        assert refreshed(full=True).exit_status in {0, 5}
        shown.advance(days=days) if days else None
    stop = threading.Event()
    by_duckdb = rebuild("filesystem", Teller(quiet=True), stop)
    theirs = built(lake)

    monkeypatch.setenv("SPARK__MASTER", master)
    monkeypatch.setenv("SPARK__OPTIONS", json.dumps(spark_cluster.SMALL))
    by_spark = by_the_program("build", "--warehouse", "filesystem", "--json")
    ours = built(lake)

    assert (by_spark["models"], by_spark["tests"]) == (by_duckdb.models, by_duckdb.tests)
    assert ours.keys() == theirs.keys()
    different = {}
    for name, (columns, rows) in ours.items():
        assert columns == theirs[name][0]
        wrong = {
            column: (mine[at], its[at])
            for mine, its in zip(rows, theirs[name][1], strict=False)
            for at, column in enumerate(columns)
            if not same(mine[at], its[at])
        }
        if wrong or len(rows) != len(theirs[name][1]):
            different[name] = (len(rows), len(theirs[name][1]), wrong)
    with capsys.disabled():
        print(
            f"\n{len(ours)} tables, {sum(len(rows) for _, rows in ours.values())} rows, {by_spark['tests']} dbt tests"
        )
    assert different == {}
    assert sum(name.startswith("reports.") for name in ours) > 15


def test_a_cluster_that_does_not_answer_leaves_everything_as_it_was(lake, small, monkeypatch, tmp_path):
    refreshed()
    before = lake.bucket.published()
    nowhere = Cluster(f"spark://127.0.0.1:{spark_cluster.free_port()}", spark_cluster.SMALL)
    with pytest.raises(CannotWrite, match="does not answer"):
        nowhere.begin(lake.bucket, before.files, "models/none", tmp_path)
    assert lake.bucket.published() == before
