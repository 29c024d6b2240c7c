"""Destinations that dlt knows by name: DuckDB as such, and SQLite through SQLAlchemy, without any network."""

from __future__ import annotations

import importlib.util
import os
import threading

import pytest

from connector.errors import UsageError
from connector.platforms import PLATFORMS
from connector.sandbox import Switches
from pipelines.anywhere.warehouse import KNOWN_BY_NAME, NOT_FIT
from pipelines.refresh import Options, refresh
from pipelines.tell import Teller
from pipelines.warehouse import open_warehouse
from tests.scenarios.town import company, later, served, settings
from tests.truth import true_tables

SQLITE = importlib.util.find_spec("sqlalchemy") is not None
NAMES = ["duckdb", pytest.param("sqlalchemy", marks=pytest.mark.skipif(not SQLITE, reason="needs dlt[sqlalchemy]"))]


@pytest.fixture(scope="module")
def api():
    with served() as server:
        yield server


@pytest.fixture
def small(api, monkeypatch):
    shown = company(candidates=15, days=40)
    api.show(shown, Switches())
    for name, value in settings(api).items():
        monkeypatch.setenv(name, value)
    return shown


@pytest.fixture(params=NAMES)
def destination(request, tmp_path, monkeypatch):
    """The name of a destination, with its settings in the environment."""
    place = {"duckdb": f"{tmp_path}/any.duckdb", "sqlalchemy": f"sqlite:///{tmp_path}/any.sqlite"}[request.param]
    monkeypatch.setenv(f"DESTINATION__{request.param.upper()}__CREDENTIALS", place)
    return request.param


def refreshed(warehouse, **options):
    wanted = Options(**{"warehouse": warehouse, "skip_build": True} | options)
    return refresh(wanted, Teller(quiet=True), threading.Event())


def current(name, company):
    """Which raw tables differ from the truth: current visible rows, value for value."""
    from pipelines.anywhere.tables import Tables
    from pipelines.work_folder import work_folder

    different = {}
    with work_folder() as work:
        tables = Tables(name, work)
        for platform in PLATFORMS:
            for table, expected in true_tables(platform, company).items():
                columns = [column.name for column in PLATFORMS[platform].table(table).columns]
                found = tables.rows(f"raw_{platform}", table, [*columns, "_visible"], where="_dlt_valid_to is null")
                rows = [tuple(row[column] for column in columns) for row in found.to_pylist() if row["_visible"]]
                if sorted(rows, key=repr) != sorted(expected, key=repr):
                    different[table] = (len(rows), len(expected))
    return different


@pytest.mark.slow
def test_rows_are_the_truth_and_only_what_changed_is_sent(destination, small):
    assert refreshed(destination).exit_status == 0
    assert current(destination, small) == {}
    warehouse = open_warehouse(destination)
    counted = "select sum(rows_new) as new, sum(rows_changed) as changed from meta.sweeps where refresh_id ="
    last = "(select max(refresh_id) from meta.sweeps)"
    later(small, hours=1)
    assert refreshed(destination).exit_status == 0
    assert {value or 0 for value in warehouse.query(f"{counted} {last}").to_pylist()[0].values()} == {0}

    small.edit_some("talent_ray", "candidates", 0.3)
    small.advance(hours=6)
    assert refreshed(destination, full=True).exit_status == 0
    assert current(destination, small) == {}
    with warehouse.session(wait_seconds=0, stop=threading.Event()) as session:
        session.try_rights()
    assert warehouse.query("select count(*) as n from meta.refreshes").to_pylist()[0]["n"] == 6


@pytest.mark.slow
def test_models_are_built_where_dbt_has_an_adapter(api, small, tmp_path, monkeypatch):
    """The same models on the destination as in the file of the same engine."""
    monkeypatch.setenv("DESTINATION__DUCKDB__CREDENTIALS", f"{tmp_path}/any.duckdb")
    assert refreshed("duckdb", skip_build=False).built.models > 50
    warehouse = open_warehouse("duckdb")
    assert warehouse.query("select count(*) as n from reports.rpt_hiring_funnel")["n"][0].as_py() > 0


@pytest.mark.skipif(not SQLITE, reason="needs dlt[sqlalchemy]")
def test_where_dbt_has_none_the_rest_is_done_and_the_reason_is_told(small, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("DESTINATION__SQLALCHEMY__CREDENTIALS", f"sqlite:///{tmp_path}/any.sqlite")
    with Teller() as tell:
        outcome = refresh(Options(warehouse="sqlalchemy"), tell, threading.Event())
    assert outcome.exit_status == 0
    assert outcome.built is None
    assert "models are not built" in capsys.readouterr().err


def test_a_destination_without_settings_says_what_is_missing():
    with pytest.raises(UsageError, match="DESTINATION__SNOWFLAKE") as raised:
        open_warehouse("snowflake").query("select 1")
    assert raised.value.exit_status == 2


@pytest.mark.parametrize("name", sorted(NOT_FIT))
def test_a_destination_that_cannot_hold_history_is_refused_with_the_reason(name):
    with pytest.raises(UsageError, match="not supported"):
        open_warehouse(name)


def test_every_name_is_one_of_dlt_and_a_file_of_that_name_stays_a_file(tmp_path):
    import dlt

    assert all(hasattr(dlt.destinations, name) for name in (*KNOWN_BY_NAME, *NOT_FIT))
    assert os.path.realpath(".") == str(tmp_path.resolve())
    (tmp_path / "duckdb").write_bytes(b"")
    assert type(open_warehouse("duckdb")).__name__ == "DuckDBFile"
