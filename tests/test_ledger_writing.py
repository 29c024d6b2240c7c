"""The ledger of a DuckDB file: a row of the same key replaces the one before, and older tables get new columns."""

import threading
from datetime import UTC, datetime

from connector.reading.harvest import Harvest
from pipelines.duckdb_file import DuckDBFile
from pipelines.load import write_ledger

NOTES = "select refresh_id, account, requests from meta.refreshes order by refresh_id, account"


def harvest(requests, marks):
    at = datetime(2026, 5, 1, tzinfo=UTC)
    return Harvest(
        "talent_ray",
        "default",
        requests=requests,
        started_at=at,
        finished_at=at,
        mark_key_id="k",
        marks={"roles": marks},
    )


def test_a_row_of_the_same_key_replaces_the_one_before_and_an_older_table_gets_its_column(tmp_path):
    with DuckDBFile(tmp_path / "hiring.duckdb").session(wait_seconds=0, stop=threading.Event()) as session:
        write_ledger(session, "first", [harvest(3, {"a": 1, "b": 2})], policy="minimal")
        write_ledger(session, "second", [harvest(4, {"b": 5, "c": 6})], policy="minimal")
        write_ledger(session, "second", [harvest(7, {"c": 6})], policy="minimal")
        by_hand = session.query(NOTES).to_pylist()
        marks = session.query("select record_id, mark from meta.record_marks order by record_id").to_pylist()

        session.query("alter table meta.refreshes drop column requests")  # as an older version made it, which knew less
        write_ledger(session, "third", [harvest(8, {})], policy="minimal")
        mended = session.query(NOTES).to_pylist()

    assert by_hand == [
        {"refresh_id": "first", "account": "default", "requests": 3},
        {"refresh_id": "second", "account": "default", "requests": 7},
    ]
    assert marks == [{"record_id": "a", "mark": 1}, {"record_id": "b", "mark": 5}, {"record_id": "c", "mark": 6}]
    assert [(row["refresh_id"], row["requests"]) for row in mended] == [("first", None), ("second", None), ("third", 8)]
