"""The quick way to versions (log and instants) gives the raw tables that the real refreshes wrote."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from companies import END
from oracle.journal import observe_journal
from oracle.observed import PLATFORM_SCHEMA, Observed
from oracle.shape import same

from connector.sandbox import Company, Server
from tests.sql.raw_world import SCHEMAS

Row = dict[str, Any]


@pytest.fixture
def company() -> Company:
    return Company(seed=11, candidates=40, days=90, end=END)


@pytest.fixture
def days_read(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture
def seen(
    run: Callable[..., Any], server: Server, company: Company, monkeypatch: pytest.MonkeyPatch, days_read: int
) -> Observed:
    """One real refresh a day, with the models left out, and what the replies of each told."""
    monkeypatch.setenv("PRIVACY__PROFILE", "full")
    replies = []
    for _ in range(days_read):
        company.advance(hours=23, seconds=1700)
        begin = len(server.journal)
        outcome = run()
        incomplete = [
            (sweep.resource, sweep.verdict, sweep.reason)
            for harvest in outcome.harvests
            for sweep in harvest.sweeps.values()
            if sweep.verdict not in ("proven", "count_complete")
        ]
        assert (outcome.exit_status, incomplete) == (0, [])
        replies.append(server.journal[begin:])
    return observe_journal(company.log, replies, privacy="full")


def unlike(seen: Observed, warehouse: Path) -> list[str]:
    """The versions of the warehouse that are not the expected ones, table by table."""
    found = []
    with duckdb.connect(str(warehouse), read_only=True) as database:
        database.execute("set timezone = 'UTC'")
        for (platform, table), records in seen.versions.items():
            schema = PLATFORM_SCHEMA[platform]
            relation = database.sql(f'select * from {schema}."{table}" order by _key, _observed_at, _dlt_valid_from')
            written: dict[str, list[Row]] = {}
            for values in relation.fetchall():
                row = dict(zip(relation.columns, values, strict=True))
                written.setdefault(row["_key"], []).append(row)
            expected = {
                json.dumps([seen.account, *key], separators=(",", ":"), ensure_ascii=False): key for key in records
            }
            found += [f"{table}: {key} is not expected" for key in written if key not in expected]
            for text, key in expected.items():
                found += _versions(table, schema, text, records[key], written.get(text, []))
    return found


def _versions(table: str, schema: str, key: str, expected: list[Any], written: list[Row]) -> list[str]:
    if len(expected) != len(written):
        return [f"{table} {key}: {len(expected)} versions expected, {len(written)} written"]
    found = []
    system = {"_visible", "_observed_at", "_not_before"}
    for number, (version, row) in enumerate(zip(expected, written, strict=True), start=1):
        wanted = {
            name: version.values.get(name) for name in SCHEMAS[schema][table] if name != "account" and name[0] != "_"
        }
        wanted |= {"_visible": version.visible, "_observed_at": version.observed_at, "_not_before": version.not_before}
        for name, value in wanted.items():
            given = row[name]
            if not same(_plain(value, given), given):
                label = "system" if name in system else "business"
                found.append(f"{table} {key} version {number} {label} {name}: expected {value!s}, written {given!s}")
    return found


def _plain(value: Any, like: Any) -> Any:
    """A value of the log as the warehouse types it: lists are JSON text, days are dates."""
    if isinstance(like, date) and not isinstance(like, datetime) and isinstance(value, str):
        return date.fromisoformat(value)
    if isinstance(value, str) and isinstance(like, str) and value[:1] == "[":
        return like if json.loads(value) == json.loads(like) else value
    return value


@pytest.mark.parametrize("days_read", [3], indirect=True)
def test_three_refreshes_wrote_the_versions_that_the_journal_tells(seen: Observed, warehouse: Path) -> None:
    assert unlike(seen, warehouse) == []


@pytest.mark.slow
@pytest.mark.parametrize("days_read", [18], indirect=True)
def test_eighteen_refreshes_wrote_the_versions_that_the_journal_tells(seen: Observed, warehouse: Path) -> None:
    assert unlike(seen, warehouse) == []
