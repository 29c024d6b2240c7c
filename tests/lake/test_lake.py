"""A lake of parquet files: what is in it is what a DuckDB file would hold, whatever happens on the way."""

from __future__ import annotations

import importlib.util
import json
import threading
from datetime import timedelta

import duckdb
import pyarrow.parquet as pq
import pytest

from connector.errors import Locked, UsageError
from connector.platforms import PLATFORMS
from pipelines import query as asking
from pipelines.lake import Lake
from pipelines.status import status_of
from pipelines.warehouse import open_warehouse
from tests.lake.conftest import refreshed
from tests.scenarios.town import later
from tests.truth import true_tables


def differences(lake, company):
    """What differs between the current visible rows and the truth, by table."""
    found = {}
    for platform in PLATFORMS:
        for table, expected in true_tables(platform, company).items():
            names = ", ".join(f'"{column.name}"' for column in PLATFORMS[platform].table(table).columns)
            rows = lake.query(
                f'select {names} from raw_{platform}."{table}" where _dlt_valid_to is null and _visible'
            ).to_pylist()
            actual = sorted((tuple(row.values()) for row in rows), key=repr)
            if actual != sorted(expected, key=repr):
                found[f"{platform}.{table}"] = (len(actual), len(expected))
    return found


def versions(lake):
    counts = " union all ".join(
        f"select '{platform.name}.{table.name}' as name, count(*) as n from raw_{platform.name}.\"{table.name}\""
        for platform in PLATFORMS.values()
        for table in platform.tables
    )
    return {row["name"]: row["n"] for row in lake.query(counts).to_pylist()}


@pytest.mark.slow
def test_what_changes_is_followed_and_history_is_that_of_a_duckdb_file(lake, run, small, tmp_path):
    """Five states of the company: rows edited, steps taken, rows gone; read into both warehouses at the same time."""
    file = str(tmp_path / "hiring.duckdb")
    for round_number in range(3):
        for place in ("filesystem", file):
            assert refreshed(place, full=True).exit_status == 0
        assert differences(lake, small) == {}
        small.edit_some("talent_ray", "candidates", 0.3)
        if round_number % 2:
            small.advance(hours=8)
        else:
            later(small, hours=1)

    of_file = open_warehouse(file)
    history = 'select _key, _row_hash, _visible, _dlt_valid_to is null as is_open from raw_{}."{}" order by all'
    for platform in PLATFORMS.values():
        for table in platform.tables:
            ours = lake.query(history.format(platform.name, table.name)).to_pylist()
            assert ours == of_file.query(history.format(platform.name, table.name)).to_pylist(), table.name
    assert versions(lake) == versions(of_file)
    assert sum(versions(lake).values()) > lake.query("select sum(rows_new) as n from meta.sweeps")["n"][0].as_py()


@pytest.mark.slow
def test_files_are_only_added_and_a_quiet_refresh_adds_no_version(lake, run, small, folder):
    run()
    before = {path: path.read_bytes() for path in folder.glob("raw_*/*/*.parquet")}
    counted = versions(lake)
    later(small, hours=1)
    run()
    assert versions(lake) == counted
    assert {path: path.read_bytes() for path in folder.glob("raw_*/*/*.parquet")} == before
    small.edit_some("talent_ray", "candidates", 0.5)
    later(small, hours=1)
    run()
    after = {path: path.read_bytes() for path in folder.glob("raw_*/*/*.parquet")}
    assert before.items() < after.items()
    assert pq.read_schema(next(path for path in after if path.parent.name == "candidates")).field("_key")


@pytest.mark.slow
def test_a_run_that_stops_before_the_manifest_changes_nothing_and_leaves_nothing(lake, run, small, folder, monkeypatch):
    run()
    before, counted = Lake().bucket.published(), versions(lake)
    small.edit_some("talent_ray", "candidates", 0.5)
    later(small, hours=1)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("pipelines.lake.bucket.Bucket.publish", killed)
        with pytest.raises(KeyboardInterrupt):
            run()
    assert (lake.bucket.published(), versions(lake)) == (before, counted)
    left = set(folder.glob("raw_*/*/*.parquet"))
    assert len(left) > sum(len(of) for name, of in before.files.items() if name.startswith("raw_"))

    run()
    assert differences(lake, small) == {}
    assert not left <= set(folder.glob("raw_*/*/*.parquet"))


@pytest.mark.slow
def test_many_small_files_become_one(lake, run, small, monkeypatch):
    from pipelines.lake import session

    monkeypatch.setattr(session, "MOST_FILES", 2)
    for _ in range(3):
        run()
        assert differences(lake, small) == {}
        small.edit_some("talent_ray", "candidates", 0.5)
        later(small, hours=1)
    run()
    assert differences(lake, small) == {}
    assert max(map(len, lake.bucket.published().files.values())) <= 3


def test_a_second_refresh_of_a_folder_is_refused(lake, run):
    with lake.session(wait_seconds=0, stop=threading.Event()), pytest.raises(Locked):
        run()


@pytest.mark.slow
def test_a_lake_that_another_machine_published_is_not_published_over(lake, run):
    run()
    with lake.session(wait_seconds=0, stop=threading.Event()) as session:
        lake.bucket.publish(lake.bucket.published().__class__({}, {}))
        with pytest.raises(Locked, match="somebody else"):
            session.publish()


@pytest.mark.slow
def test_a_query_reads_the_lake_and_nothing_else(lake, run, tmp_path):
    with pytest.raises(UsageError, match="refresh"):
        lake.query("select 1")
    run()
    assert json.loads(asking.run_query(lake, "select count(*) as n from meta.refreshes", "json")) == [{"n": 2}]
    (tmp_path / "other.csv").write_text("a\n1\n")
    for forbidden in (
        f"from read_csv('{tmp_path}/other.csv')",
        f"copy (select 1) to '{lake.place}/x.parquet'",
        "drop view meta.sweeps",
        "select 1; select 2",
        "selec",
    ):
        with pytest.raises(UsageError):
            lake.query(forbidden)
    assert status_of(lake, max_age=timedelta(days=10_000)).stale == []


def test_the_settings_of_the_lake_are_asked_for():
    with pytest.raises(UsageError, match="bucket_url"):
        open_warehouse("filesystem")


@pytest.mark.skipif(importlib.util.find_spec("deltalake") is not None, reason="deltalake is installed")
def test_delta_tables_without_their_package_are_refused_before_anything_is_read(lake, run, api, monkeypatch):
    asked = len(api.journal)
    monkeypatch.setenv("LAKE__DELTA", "true")
    with pytest.raises(UsageError, match=r"hiring-elt\[delta\]"):
        run()
    assert (len(api.journal), lake.bucket.published()) == (asked, None)


def test_any_reader_of_parquet_finds_current_rows_with_the_published_list(lake, run, folder, small):
    """No program of ours: the manifest, then the files that it names."""
    run()
    named = json.loads((folder / "published.json").read_text())["files"]["raw_talent_ray.candidates"]
    files = [str(folder / name) for name in named]
    newest = "row_number() over (partition by _key order by _dlt_valid_from desc) = 1"
    found = duckdb.sql(f"select id from read_parquet({files}) qualify {newest}").fetchall()
    assert len(found) == len(true_tables("talent_ray", small)["candidates"])
