"""For analysts: frames for notebooks, and the example queries, which must run as they stand."""

from __future__ import annotations

import datetime as dt
import os
import re
from pathlib import Path

import duckdb
import pandas as pd
import pytest
import yaml

from connector.errors import UsageError
from pipelines.frames import ask, frame, reports
from pipelines.query import run_query
from pipelines.warehouse import open_warehouse

EXAMPLES = sorted((Path(__file__).parents[2] / "sql" / "analyses").glob("*.sql"))


def test_there_are_twenty_examples_or_more_and_each_asks_a_question():
    assert len(EXAMPLES) >= 20
    for path in EXAMPLES:
        first, rest = path.read_text().split("\n", 1)
        assert re.fullmatch(r"-- [A-Z].*\?.*", first), path.name
        assert len(first) <= 120
        assert re.search(r"\b(answers|marts)\.", rest), path.name
        assert "{" not in rest


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_runs(reported, path):
    assert run_query(open_warehouse(str(reported)), path.read_text(), "csv").count("\n") >= 1


def test_the_trend_example_balances(reported):
    sql = (Path(EXAMPLES[0]).parent / "pipeline_last_weeks.sql").read_text()
    with duckdb.connect(str(reported), read_only=True) as database:
        columns = [name for name, *_ in database.execute(sql).description]

    assert columns == ["week_start", "at_the_start", "came_in", "went_out", "were_hired", "at_the_end", "is_not_over"]


def test_a_frame_holds_the_report_with_whole_numbers_that_may_be_missing(reported):
    found = frame("hiring_funnel", warehouse=reported)

    with duckdb.connect(str(reported), read_only=True) as database:
        (rows,) = database.execute("select count(*) from reports.rpt_hiring_funnel").fetchone()
    assert len(found) == rows
    assert found["count_passed_closed"].dtype == pd.Int64Dtype()
    assert found["count_passed_closed"].isna().sum() == (found["stage"] == "hired").sum()
    assert found["cohort_month"].min() == pd.Timestamp("2025-12-01")


def test_instants_of_a_frame_are_in_utc(reported):
    found = frame("rpt_freshness", warehouse=str(reported))

    assert found["last_refresh_at"].iloc[0] == pd.Timestamp(dt.datetime(2026, 5, 20, 6, 30, tzinfo=dt.UTC))
    assert str(found["last_refresh_at"].dt.tz) == "UTC"


def test_a_mart_is_a_frame_too_and_the_place_comes_from_the_environment(reported, monkeypatch):
    monkeypatch.setenv("WAREHOUSE", os.fspath(reported))

    assert "hired_at" in frame("fct_applications").columns


def test_a_view_with_a_plain_name_is_a_frame_as_well(reported):
    applications = frame("applications", warehouse=reported)

    assert {"role_name", "department", "outcome", "days_to_hire"} <= set(applications.columns)
    assert frame("rpt_open_roles", warehouse=reported).equals(frame("open_roles", warehouse=reported))


def test_a_question_is_answered_as_a_frame_and_may_change_nothing(reported):
    found = ask("select count(*) as roles, null::bigint as none_known from marts.dim_roles", warehouse=reported)

    assert found["roles"].iloc[0] > 0
    assert found["none_known"].dtype == pd.Int64Dtype()
    with pytest.raises(UsageError, match="reads"):
        ask("drop table marts.dim_roles", warehouse=reported)


def test_views_with_plain_names_have_no_personal_column(reported):
    personal = {
        column["name"]
        for path in sorted((Path(__file__).parents[2] / "sql" / "models" / "marts").glob("*.yml"))
        for model in yaml.safe_load(path.read_text()).get("models") or ()
        for column in model.get("columns") or ()
        if "pii" in str(column.get("config", {}))
    }
    with duckdb.connect(str(reported), read_only=True) as database:
        shown = database.execute("select column_name from duckdb_columns() where schema_name = 'answers'").fetchall()

    assert {"full_name", "email", "phone"} <= personal
    assert {name for (name,) in shown} & personal == set()
    assert len(shown) > 200


def test_the_list_of_reports_says_what_each_answers():
    found = reports()

    assert {"rpt_hiring_funnel", "rpt_freshness", "fct_applications", "dim_roles", "applications"} <= set(found["name"])
    assert (found["answers"].str.len() > 20).all()


def test_a_name_that_is_none_is_told(reported):
    for name in ("nothing_like_it", 'x"; select 1', ""):
        with pytest.raises(UsageError, match="reports\\(\\)"):
            frame(name, warehouse=reported)
