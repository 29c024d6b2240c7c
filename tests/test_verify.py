"""Rows that contradict each other are told before readers could see them: the first look counts, the second names."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from connector.errors import ChecksFailed
from connector.platforms import PLATFORMS
from connector.reading.harvest import Harvest
from connector.stored_rows import arrow_schema, key_texts
from pipelines.duckdb_file import DuckDBFile
from pipelines.load import load_rows
from pipelines.verify import verify

TABLE = PLATFORMS["talent_ray"].table("tests")
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)
ALTER, UPDATE = "alter table raw_talent_ray.tests alter column", "update raw_talent_ray.tests set"
SYSTEM, KEYLESS = ("_row_hash", "_key"), "1 rows .* no key or hash"


@pytest.fixture
def session(tmp_path):
    tmp_path.chmod(0o700)
    with DuckDBFile(tmp_path / "hiring.duckdb").session(wait_seconds=0, stop=threading.Event()) as session:
        load(session, NOON, {"a": "first", "b": "first"})
        yield session


def load(session, at, state):
    harvest = Harvest("talent_ray", "default", started_at=at, finished_at=at)
    made = [
        dict.fromkeys(arrow_schema(TABLE).names)
        | {"id": name, "name": words, "_key": key_texts("default", [[name]])[0], "account": "default"}
        | {"_row_hash": f"{name}:{words}", "_visible": True, "_observed_at": at}
        for name, words in state.items()
    ]
    harvest.add("tests", pa.Table.from_pylist(made, arrow_schema(TABLE)))
    load_rows(session, f"refresh at {at}", [harvest])
    return harvest


def test_versions_that_follow_each_other_are_well(session):
    verify(session, [load(session, LATER, {"a": "second", "c": "first"})], models_built=False)


@pytest.mark.parametrize(
    ("slip", "words"),
    [
        ("insert into raw_talent_ray.tests select * from raw_talent_ray.tests where id = 'b'", "1 keys .* two open"),
        *((f"{ALTER} {name} drop not null; {UPDATE} {name} = null where id = 'b'", KEYLESS) for name in SYSTEM),
        (
            f"{UPDATE} _dlt_valid_from = _dlt_valid_to where name = 'first' and id = 'a'",
            "1 versions .* end before they begin",
        ),
        ("delete from raw_talent_ray.tests where name = 'second'", "1 keys .* lost their open version"),
    ],
)
def test_a_contradiction_is_told_and_counted(session, slip, words):
    harvest = load(session, LATER, {"a": "second", "c": "first"})
    session.opened().execute(slip)

    with pytest.raises(ChecksFailed, match=words):
        verify(session, [harvest], models_built=False)


def test_a_key_without_an_open_version_since_an_earlier_refresh_is_not_of_this_one(session):
    load(session, LATER, {"a": "second"})
    session.opened().execute("delete from raw_talent_ray.tests where name = 'second'")

    verify(session, [load(session, LATER + timedelta(hours=1), {"b": "second"})], models_built=False)
