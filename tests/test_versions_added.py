"""Versions that a DuckDB session adds itself are those that dlt's slowly changing dimensions would have made."""

import shutil
import tempfile
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.platforms import PLATFORMS
from connector.reading import harvest as harvesting
from connector.reading.harvest import Harvest
from connector.stored_rows import arrow_schema, key_texts
from pipelines.duckdb_file import DuckDBFile
from pipelines.load import Direct, load_rows

TABLE = PLATFORMS["talent_ray"].table("tests")
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
VERSIONS = "select * exclude (_dlt_load_id) from raw_talent_ray.tests order by all"


class ByDlt:
    """The same session for a loader that knows dlt's way only."""

    def __init__(self, session):
        self._session = session

    def __getattr__(self, name):
        if name in {"shape", "merge", "add_versions"}:
            raise AttributeError(name)
        return getattr(self._session, name)


def rows(state, at):
    """Rows of a table of which each key says its words and whether it is visible."""
    made = [
        dict.fromkeys(arrow_schema(TABLE).names)
        | {
            "id": name,
            "name": words,
            "_key": key_texts("default", [[name]])[0],
            "account": "default",
            "_row_hash": f"{name}:{words}:{visible}",
            "_visible": visible,
            "_observed_at": at,
        }
        for name, (words, visible) in state.items()
    ]
    return pa.Table.from_pylist(made, arrow_schema(TABLE))


def load(session, number, parts):
    at = NOON + timedelta(hours=number)
    harvest = Harvest("talent_ray", "default", started_at=at, finished_at=at)
    for part in parts:
        harvest.add("tests", rows(part, at))
    load_rows(session, f"refresh {number}", [harvest])


def versions(loads, seen_as):
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o700)
        with DuckDBFile(Path(folder) / "hiring.duckdb").session(wait_seconds=0, stop=threading.Event()) as session:
            for number, parts in enumerate(loads):
                load(seen_as(session), number, parts)
                shutil.rmtree(session.work / "dlt", ignore_errors=True)
            return session.query(VERSIONS).to_pylist()


def test_the_newest_boundary_of_all_tables_is_known_and_the_next_one_comes_behind_it(tmp_path):
    tmp_path.chmod(0o700)
    noted = datetime(2026, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC)
    with DuckDBFile(tmp_path / "hiring.duckdb").session(wait_seconds=0, stop=threading.Event()) as session:
        assert session.last_boundary("talent_ray") is None
        load(session, 1, [{"a": ("first", True)}])
        assert session.last_boundary("talent_ray") == NOON + timedelta(hours=1)
        session.opened().execute(
            "insert into raw_talent_ray.roles by name select 'r' as id, 'k' as _key, 'default'"
            " as account, 'h' as _row_hash, true as _visible, ? as _observed_at, ? as"
            " _dlt_valid_from, 'l' as _dlt_load_id",
            [noted, noted],
        )
        assert session.last_boundary("talent_ray") == noted
        load(session, 2, [{"a": ("second", True)}])  # by a clock that went back
        assert session.last_boundary("talent_ray") == noted + timedelta(milliseconds=1)


def test_a_row_changes_goes_comes_back_and_is_sent_as_it_is_and_each_version_ends_where_the_next_begins():
    loads = [
        [{"a": ("first", True), "b": ("first", True)}, {"c": ("first", True)}],
        [{"a": ("second", True), "b": ("first", True)}],
        [{"a": ("first", True)}, {"c": ("first", False)}],
        [],
        [{"c": ("first", True), "d": ("late", True)}],
    ]

    at_once = versions(loads, lambda session: session)

    assert not isinstance(ByDlt(None), Direct)
    hours = {
        (row["id"], row["name"], row["_visible"], *((end and (end - NOON).seconds // 3600) for end in ends(row)))
        for row in at_once
    }
    assert hours == {
        ("a", "first", True, 0, 1),
        ("a", "second", True, 1, 2),
        ("a", "first", True, 2, None),
        ("b", "first", True, 0, None),
        ("c", "first", True, 0, 2),
        ("c", "first", False, 2, 4),
        ("c", "first", True, 4, None),
        ("d", "late", True, 4, None),
    }
    assert at_once == versions(loads, ByDlt)


def ends(row):
    return row["_dlt_valid_from"] and row["_dlt_valid_from"].astimezone(UTC), row["_dlt_valid_to"]


A_ROW = st.tuples(st.sampled_from(["one", "two", "three"]), st.booleans())
STATES = st.dictionaries(st.sampled_from("abcdef"), A_ROW, max_size=6)


def in_parts(state):
    """A load in parts: a key is in one of them."""
    names = sorted(state)
    return [{name: state[name] for name in names[at::2]} for at in (0, 1) if names[at::2]]


@pytest.mark.slow
@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(STATES.map(in_parts), min_size=1, max_size=4))
def test_any_loads_make_the_versions_that_dlt_makes(loads):
    assert versions(loads, lambda session: session) == versions(loads, ByDlt)


def test_rows_are_handed_over_in_pieces_and_all_of_them(monkeypatch):
    monkeypatch.setattr(harvesting, "PIECE_ROWS", 2)
    state = {f"t{number}": ("words", True) for number in range(7)}
    harvest = Harvest("talent_ray", "default")
    harvest.add("tests", pa.concat_tables([rows({name: one}, NOON) for name, one in state.items()]))

    pieces = list(harvest.hand_over("tests"))

    assert [len(piece) for piece in pieces] == [2, 2, 2, 1]
    assert pa.concat_tables(pieces)["id"].to_pylist() == list(state)
    assert harvest.rows_of("tests") == harvest.rows_changed == 7
    assert list(harvest.hand_over("tests")) == []


def test_a_load_that_fails_leaves_the_parts_before_it_and_a_session_that_can_be_used(tmp_path):
    tmp_path.chmod(0o700)
    with DuckDBFile(tmp_path / "hiring.duckdb").session(wait_seconds=0, stop=threading.Event()) as session:
        load(session, 0, [{"a": ("first", True)}])

        def parts():
            yield rows({"a": ("second", True)}, NOON)
            raise RuntimeError

        with pytest.raises(RuntimeError):
            session.add_versions("raw_talent_ray", "tests", parts(), NOON + timedelta(hours=1), "refresh 1")
        with pytest.raises(duckdb.Error):
            session.add_versions("raw_talent_ray", "unknown", [rows({}, NOON)], NOON, "refresh 1")

        found = [(row["name"], row["_dlt_valid_to"] is None) for row in session.query(VERSIONS).to_pylist()]
        assert sorted(found) == [("first", False), ("second", True)]
