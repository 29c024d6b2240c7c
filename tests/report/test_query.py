"""One question, asked of a file that cannot be changed by it; answers that are safe to show and to open."""

from __future__ import annotations

import csv
import hashlib
import io
import json

import duckdb
import pytest

from connector.errors import UsageError
from pipelines.query import run_query
from pipelines.warehouse import open_warehouse


@pytest.fixture
def ask(reported):
    warehouse = open_warehouse(str(reported))

    def once(sql: str, form: str = "csv") -> str:
        return run_query(warehouse, sql, form)

    return once


FORMULAS = ("=1+1", "+1", "-1", "@sum(a1)", "\t=1", "\r=1", "  =1", "\u00a0=1", "\n=1", "＝1＋1", "=cmd|' /C calc'!A0")  # noqa: RUF001


@pytest.mark.parametrize("text", FORMULAS)
def test_no_text_in_a_csv_cell_starts_a_formula(ask, text):
    quoted = text.replace("'", "''")
    ((cell, number),) = list(csv.reader(io.StringIO(ask(f"select '{quoted}' as text, -1.5 as number"))))[1:]

    assert cell == f"'{text}".replace("\r", "\n")
    assert number == "-1.5"


def test_a_column_name_is_a_cell_too(ask):
    assert ask('select 1 as "=1+1"').splitlines()[0] == "'=1+1"


def test_numbers_texts_and_nothing_are_told_apart(ask):
    sql = (
        "select -3 as n, 2.50::decimal(6, 2) as d, 1e300 as f, null as nothing, '' as empty, true as yes,"
        " date '2026-03-01' as day, timestamptz '2026-03-01 12:00:00+03' as at, [1, 2] as list, 'a,b\"c' as text"
    )

    assert ask(sql).splitlines()[1] == '-3,2.5,1e+300,,,true,2026-03-01,2026-03-01T09:00:00+00:00,"[1, 2]","a,b""c"'
    assert json.loads(ask(sql, "json")) == [
        {"n": -3, "d": 2.5, "f": 1e300, "nothing": None, "empty": "", "yes": True, "day": "2026-03-01"}
        | {"at": "2026-03-01T09:00:00+00:00", "list": [1, 2], "text": 'a,b"c'}
    ]


def test_two_columns_of_one_name_both_come_through(ask):
    assert json.loads(ask("select 1 as a, 2 as a", "json")) == [{"a": 1, "a_2": 2}]


def test_a_terminal_gets_no_control_and_no_direction_signs(ask):
    table = ask("select 'a' || chr(27) || '[31mred' || chr(7) || chr(8238) || 'gnp' || chr(10) || 'b' as text", "table")

    assert table.splitlines()[2] == "a [31mred gnp b"
    assert not {"\x1b", "\x07", "\u202e"} & set(table)


def test_a_table_stands_in_columns_and_says_how_many_rows(ask):
    sql = "select * from (values ('a', 1), ('bcd', 22)) as found(word, number)"

    assert ask(sql, "table") == "word  number\n----  ------\na          1\nbcd       22\n(2 rows)\n"
    assert ask("select range from range(1500)", "table").endswith("(1,000 of 1,500 rows; all with --format csv)\n")
    assert len(ask("select range from range(1500)").splitlines()) == 1501


@pytest.mark.parametrize(
    "sql",
    [
        "drop table reports.rpt_freshness",
        "delete from marts.dim_roles",
        "create temp table mine as select 1",
        "select 1; drop table reports.rpt_freshness",
        "copy (select 1) to 'out.csv'",
        "select * from read_text('/etc/hostname')",
        "select * from '/etc/hostname'",
        "select * from glob('/*')",
        "attach 'other.duckdb'",
        "install httpfs",
        "set enable_external_access = true",
        "pragma enable_profiling",
        "checkpoint",
        "selec",
        "",
        "select nothing from nowhere",
    ],
)
def test_what_is_no_reading_of_this_file_is_refused_and_changes_nothing(ask, reported, tmp_path, sql):
    before = hashlib.sha256(reported.read_bytes()).hexdigest()
    with pytest.raises(UsageError):
        ask(sql)

    assert hashlib.sha256(reported.read_bytes()).hexdigest() == before
    assert list(tmp_path.iterdir()) == []


def test_the_kinds_of_reading_are_answered(ask):
    assert "resource" in ask("describe reports.rpt_freshness")
    assert ask("with a as (select 1 as b) from a").splitlines() == ["b", "1"]
    assert "rpt_freshness" in ask("show all tables")
    assert "SEQ_SCAN" in ask("explain select * from reports.rpt_freshness", "table").upper().replace(" ", "_")


def test_others_may_hold_the_file_open_while_a_question_is_asked(ask, reported):
    with duckdb.connect(str(reported), read_only=True, config={"enable_external_access": "false"}) as other:
        other.execute("select 1")
    assert ask("select 1 as one").splitlines() == ["one", "1"]


def test_an_unknown_format_is_named(ask):
    with pytest.raises(UsageError, match="xlsx"):
        ask("select 1", "xlsx")
