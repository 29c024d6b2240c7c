"""Models, tests and reports on PostgreSQL: every figure is the one that DuckDB calculates."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from decimal import Decimal

import duckdb
import pytest

from connector.sandbox import Switches
from pipelines.explain import _MEMBERS, explain
from pipelines.report import report_text
from pipelines.warehouse import open_warehouse
from tests.postgres.conftest import refreshed
from tests.scenarios.town import company

CLOSE = 1e-9
TODAY = datetime(2026, 7, 1, tzinfo=UTC)
# These are about the run, not about the rows: its name, and how long it took.
OF_THE_RUN = {"refresh_id", "last_refresh_id", "seconds"}


@pytest.fixture
def both(api, small, cluster, empty, tmp_path):
    """The same company, read three times while it moves, in a DuckDB file and in a database."""
    shown = company(candidates=80, days=120)
    api.show(shown, Switches())
    file, url = str(tmp_path / "hiring.duckdb"), cluster.url(empty)
    for last in (False, False, True):
        for place in (file, url):
            outcome = refreshed(place, full=True, skip_build=not last)
            assert outcome.exit_status in {0, 5}
        if not last:
            shown.advance(days=5)
    return file, url


def rows_of(warehouse, table, columns):
    names = ", ".join(f'"{name}"' for name in columns)
    return sorted(
        (tuple(map(plain, row.values())) for row in warehouse.query(f"select {names} from {table}").to_pylist()),
        key=lambda row: [rounded(value) for value in row],
    )


def plain(value):
    return float(value) if isinstance(value, Decimal) else value


def rounded(value):
    """An order that does not depend on the last bits of a number."""
    return f"{value:.6g}" if isinstance(value, float) else repr(value)


def same(ours, theirs):
    if isinstance(ours, float) and isinstance(theirs, float):
        return math.isclose(ours, theirs, rel_tol=CLOSE, abs_tol=CLOSE)
    return ours == theirs


@pytest.mark.slow
def test_every_row_of_every_mart_and_report_is_that_of_duckdb(both):
    file, url = both
    with duckdb.connect(file, read_only=True) as connection:
        tables = connection.execute(
            "select table_schema || '.' || table_name, list(column_name order by ordinal_position)"
            " from information_schema.columns where table_schema in ('marts', 'reports', 'seeds') group by 1 order by 1"
        ).fetchall()
    ours, theirs = open_warehouse(url), open_warehouse(file)
    different = {}
    for table, names in tables:
        columns = [name for name in names if name not in OF_THE_RUN]
        here, there = rows_of(ours, table, columns), rows_of(theirs, table, columns)
        pairs = list(zip(here, there, strict=False))
        wrong = {
            column: (a[at], b[at]) for a, b in pairs for at, column in enumerate(columns) if not same(a[at], b[at])
        }
        if len(here) != len(there) or wrong:
            different[table] = (len(here), len(there), wrong)
    assert different == {}
    assert len(tables) > 25

    # What is made of them: the page, and what stands behind its numbers.
    pages = [report_text(warehouse, today=TODAY) for warehouse in (ours, theirs)]
    assert abs(len(pages[0]) - len(pages[1])) < 100
    for report in _MEMBERS:
        here, there = (sorted(explain(warehouse, report, {}), key=repr) for warehouse in (ours, theirs))
        assert [list(row) for row in here] == [list(row) for row in there]
        assert all(same(mine[name], its[name]) for mine, its in zip(here, there, strict=True) for name in mine)
