"""A bound on DuckDB's memory holds in every step of a refresh, and what spills lies in the private folder alone."""

import threading
from pathlib import Path

import dlt
import pytest

from connector.errors import UsageError
from pipelines.duckdb_file import DuckDBFile

SETTING = "DUCKDB_MEMORY_LIMIT"
IN_FORCE = "select current_setting('memory_limit') as memory_limit"
LARGER_THAN_MEMORY = """
    select count(*) as far from (
        select number, lag(number) over (order by number) as before
        from (select hash(range) as number from range(3_000_000))
    ) where number - before > 1_000_000_000_000_000
"""


def session_of(path):
    return DuckDBFile(path).session(wait_seconds=0, stop=threading.Event())


def test_the_limit_holds_where_rows_are_compared_loaded_and_built(tmp_path, monkeypatch):
    monkeypatch.setenv(SETTING, "512MiB")

    with session_of(tmp_path / "hiring.duckdb") as session:
        compared = session.query(IN_FORCE).to_pylist()
        loading = dlt.pipeline("memory", pipelines_dir=str(tmp_path / "dlt"), destination=session.destination())
        with loading.sql_client() as client, client.execute_query(IN_FORCE) as cursor:
            loaded = cursor.fetchall()
        built = session.dbt_output()["settings"]

    assert compared == [{"memory_limit": "512.0 MiB"}]
    assert loaded == [("512.0 MiB",)]
    assert built["memory_limit"] == "512MiB"


def test_what_does_not_fit_into_memory_spills_into_the_private_folder_which_is_removed(tmp_path, monkeypatch):
    monkeypatch.setenv(SETTING, "40MB")

    with session_of(tmp_path / "hiring.duckdb") as session:
        spill = Path(session.query("select current_setting('temp_directory') as place").to_pylist()[0]["place"])
        mode = session.work.stat().st_mode & 0o777
        session.query(LARGER_THAN_MEMORY)

    assert spill.parent == session.work
    assert mode == 0o700
    assert not session.work.exists()
    assert list(tmp_path.glob("**/*.tmp")) == []


@pytest.mark.parametrize("wrong", ["much", "80%", "2", "-1GB"])
def test_a_limit_that_is_no_amount_is_refused_by_the_name_of_its_setting(tmp_path, monkeypatch, wrong):
    monkeypatch.setenv(SETTING, wrong)

    with pytest.raises(UsageError) as refused, session_of(tmp_path / "hiring.duckdb"):
        pass

    assert refused.value.setting == SETTING
