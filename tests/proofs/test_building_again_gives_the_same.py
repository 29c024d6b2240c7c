"""Built again, built on what was there, or built as of an earlier day: every mart and report has the same rows."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
from companies import END
from oracle import warehouse
from oracle.calculate import KEYS
from oracle.observed import Manner, Observed, every, observe
from oracle.shape import built, differences
from oracle.warehouse import build

from connector.sandbox import Company

if TYPE_CHECKING:
    from pathlib import Path

Tables = dict[str, list[dict[str, Any]]]
DAYS, DAYS_READ_AT_FIRST = 60, 40
# The ledger keeps only the last reading of each parent, so how many were stale on an earlier day cannot be told.
NOT_REBUILT = {"rpt_freshness": {"count_stale_parents"}}


def tables(path: Path) -> Tables:
    with duckdb.connect(str(path), read_only=True) as database:
        database.execute("set timezone = 'UTC'")
        return {name: built(database, f"{'reports' if name.startswith('rpt_') else 'marts'}.{name}") for name in KEYS}


def apart(ours: Tables, theirs: Tables, left_out: dict[str, set[str]] | None = None) -> dict[str, list[str]]:
    """Table -> how it differs; nothing for those that are equal."""

    def kept(name: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        out = (left_out or {}).get(name, set())
        return [{column: value for column, value in row.items() if column not in out} for row in rows]

    found = {name: differences(kept(name, ours[name]), kept(name, theirs[name]), KEYS[name]) for name in KEYS}
    return {name: lines[:5] for name, lines in found.items() if lines}


def fill(seen: Observed, path: Path) -> Path:
    """Put what was observed into a warehouse, in place of what its raw tables held."""
    if path.exists():
        with duckdb.connect(str(path)) as database:
            for schema, table in database.execute(
                "select schema_name, table_name from duckdb_tables()"
                " where schema_name in ('raw_talent_ray', 'raw_tailed', 'meta')"
            ).fetchall():
                database.execute(f'delete from {schema}."{table}"')
    return warehouse.write(seen, path)


@pytest.fixture(scope="module")
def first_and_whole() -> tuple[Observed, Observed]:
    """A company read each day for some weeks, and the same for some more."""
    log = Company(seed=41, candidates=60, days=120, end=END).log
    instants = every(END - timedelta(days=DAYS), END, days=1)
    manner = {"privacy": "full", "seed": 41, "unproven_share": 0.05}
    return observe(log, instants[:DAYS_READ_AT_FIRST], Manner(**manner)), observe(log, instants, Manner(**manner))


def test_incremental_equals_full_and_as_of_equals_the_build_of_that_day(
    first_and_whole: tuple[Observed, Observed], tmp_path: Path
) -> None:
    first, whole = first_and_whole
    path = fill(first, tmp_path / "daily.duckdb")
    build(path)
    then = tables(path)
    assert all(rows for rows in then.values())

    fill(whole, path)
    build(path)
    grown = tables(path)
    build(path)
    assert apart(grown, tables(path)) == {}

    fresh = fill(whole, tmp_path / "fresh.duckdb")
    build(fresh)
    assert apart(tables(fresh), grown) == {}

    build(fresh, variables={"as_of": first.as_of_at("talent_ray").isoformat()}, full_refresh=True)
    assert apart(then, tables(fresh), NOT_REBUILT) == {}
