"""The main job into a real PostgreSQL server."""

from __future__ import annotations

import datetime as dt
import threading
import time

import pyarrow as pa
import pytest

from connector.errors import CannotWrite, Locked, UsageError
from connector.platforms import PLATFORMS
from connector.stored_rows import arrow_schema
from pipelines.known import KnownInDuckDB
from pipelines.postgres import PostgresServer
from pipelines.postgres.session import LOCK
from pipelines.sending import send_merged
from pipelines.status import status_of
from pipelines.warehouse import open_warehouse
from tests.postgres.conftest import refreshed
from tests.postgres.postgres_truth import differences
from tests.scenarios.town import later


def versions(ask):
    return {
        (name, table.name): ask(f'select count(*) from raw_{name}."{table.name}"')[0][0]
        for name, platform in PLATFORMS.items()
        for table in platform.tables
    }


def test_the_first_refresh_equals_the_truth_value_for_value(cluster, database, small):
    assert differences(cluster, database, small) == {}


def test_a_refresh_of_a_quiet_company_adds_no_version(run, ask, small):
    before = versions(ask)
    later(small, hours=1)

    assert run().exit_status == 0
    assert versions(ask) == before


def test_what_changes_and_goes_is_followed_and_history_stays(run, ask, cluster, database, small):
    before = versions(ask)
    small.edit_some("talent_ray", "candidates", 0.3)
    small.edit_some("talent_ray", "sourcing", 0.3)
    small.advance(hours=6)

    assert run(full=True).exit_status == 0
    assert differences(cluster, database, small) == {}
    after = versions(ask)
    assert all(after[name] >= before[name] for name in before)
    assert after["talent_ray", "candidates"] > before["talent_ray", "candidates"]


HARD = [
    None,
    *("", " ", "\\N", "\\.", "a\n\\.\nb", "tab\there", "quote \" and ' and ,", "\r\n", "NULL", "\\", "{}", "%s"),
    "\u0130stanbul \U0001f469\u200d\U0001f680 \u202e",
]


def test_values_arrive_as_they_were_to_the_last_sign(cluster, database, ask):
    """COPY has signs of its own, and dlt's CSV job would take an empty text for NULL."""
    rows = pa.table(
        {
            "number": range(len(HARD)),
            "text": pa.array(HARD, pa.string()),
            "score": pa.array([None, 0.1, 1 / 3, 1e300, -0.0, 5e-324, *[1.0] * (len(HARD) - 6)], pa.float64()),
            "at": pa.array([None, *[dt.datetime(1969, 12, 31, 23, 59, 59, 999999, dt.UTC)] * (len(HARD) - 1)]),
            "day": pa.array([None, *[dt.date(2026, 3, 29)] * (len(HARD) - 1)], pa.date32()),
            "flag": pa.array([None, True, False, *[True] * (len(HARD) - 3)]),
        }
    )
    server = PostgresServer(cluster.url(database))
    with server.session(wait_seconds=0, stop=threading.Event()) as session:
        send_merged(session, "hard", {"hard": (rows, ["number"])})
        stored = session.query("select number, text, score, at, day, flag from hard.hard order by number")

    assert stored.to_pylist() == rows.to_pylist()
    assert ask("select text from hard.hard order by number") == [(text,) for text in HARD]


def test_known_answers_are_those_of_the_duckdb_file(cluster, database, tmp_path):
    """The same rows in both; each question of the protocol gets the same answer."""
    import duckdb

    server = PostgresServer(cluster.url(database))
    copy = duckdb.connect(str(tmp_path / "copy.duckdb"))
    copy.execute("set timezone = 'UTC'")
    for schema, tables in {
        "raw_talent_ray": [table.name for table in PLATFORMS["talent_ray"].tables],
        "meta": ["sweeps", "child_reads", "record_marks"],
    }.items():
        copy.execute(f"create schema {schema}")
        for table in tables:
            rows = server.query(f'select * from {schema}."{table}"')
            copy.register("rows", rows)
            copy.execute(f'create table {schema}."{table}" as select * from rows')
    theirs = KnownInDuckDB(copy, "talent_ray", "default")
    platform = PLATFORMS["talent_ray"]

    def rows_of(table):
        return sorted(map(repr, table.to_pylist()))

    with server.reading("talent_ray", "default") as ours:
        for table in platform.tables:
            assert ours.count_visible(table) == theirs.count_visible(table)
            names = arrow_schema(table).names
            assert ours.visible(table, names).schema == theirs.visible(table, names).schema
            assert rows_of(ours.visible(table, names)) == rows_of(theirs.visible(table, names))
            keys = pa.chunked_array([[*ours.visible(table, ["_key"])["_key"].to_pylist()[:20], "[no such key]"]])
            assert rows_of(ours.versions(table, keys)) == rows_of(theirs.versions(table, keys))
            assert rows_of(ours.rows(table, keys)) == rows_of(theirs.rows(table, keys))
            if table.parent is not None:
                some = ours.visible(table, table.parent_columns).slice(0, 15)
                assert rows_of(ours.children(table, some)) == rows_of(theirs.children(table, some))
        for stream in platform.streams:
            assert ours.history(stream.name).rows == theirs.history(stream.name).rows
            assert ours.child_reads(stream.name) == theirs.child_reads(stream.name)
            key_ids = server.query("select distinct mark_key_id from meta.record_marks")["mark_key_id"].to_pylist()
            for key_id in key_ids:
                found = [sorted(zip(*batch, strict=True)) for batch in ours.marks(stream.name, key_id)]
                assert found == [sorted(zip(*batch, strict=True)) for batch in theirs.marks(stream.name, key_id)]
    copy.close()


def test_a_second_refresh_ends_at_once_and_names_the_holder(cluster, database, run):
    server = PostgresServer(cluster.url(database))
    with server.session(wait_seconds=0, stop=threading.Event()):
        began = time.monotonic()
        with pytest.raises(Locked, match=r"hiring-elt, process \d+ on .+ since 20"):
            run()
        assert time.monotonic() - began < 1


def test_a_second_refresh_can_wait(cluster, database, small):
    server = PostgresServer(cluster.url(database))
    inside, results = threading.Event(), []

    def wait() -> None:
        inside.wait(10)
        with server.session(wait_seconds=20, stop=threading.Event()):
            results.append("had it")

    waiting = threading.Thread(target=wait)
    waiting.start()
    with server.session(wait_seconds=0, stop=threading.Event()):
        inside.set()
        time.sleep(0.5)
        assert results == []
    waiting.join(20)
    assert results == ["had it"]


def test_the_lock_dies_with_its_connection_and_nothing_is_published_without_it(cluster, database, ask):
    server = PostgresServer(cluster.url(database))
    before = ask("select count(*) from meta.refreshes")
    with server.session(wait_seconds=0, stop=threading.Event()) as session:
        ask("select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and classid = %s", LOCK[0])
        with pytest.raises(CannotWrite):
            session.publish()
    assert ask("select count(*) from meta.refreshes") == before
    with server.session(wait_seconds=0, stop=threading.Event()):
        pass


def test_what_a_broken_run_left_in_the_raw_tables_is_taken_back(cluster, database, ask):
    before = versions(ask)
    ask("update raw_talent_ray.leads set _dlt_valid_to = now() + interval '1 day' where _dlt_valid_to is null")
    ask(
        "create table scratch as select * from raw_talent_ray.leads limit 3;"
        " update scratch set _dlt_valid_from = now() + interval '1 day', _dlt_valid_to = null;"
        " insert into raw_talent_ray.leads select * from scratch; drop table scratch"
    )
    with PostgresServer(cluster.url(database)).session(wait_seconds=0, stop=threading.Event()):
        assert versions(ask) == before
        open_ones = ask("select count(*) from raw_talent_ray.leads where _dlt_valid_to is null")
    assert open_ones == ask("select count(distinct _key) from raw_talent_ray.leads")


def test_a_refresh_that_is_not_published_leaves_every_table_as_it_was(cluster, database, ask, small, monkeypatch):
    """The checks fail: raw tables, ledger and models are those of the refresh before."""
    from connector.errors import ChecksFailed
    from pipelines import refresh as job

    def state():
        tables = ask(
            "select schemaname, tablename from pg_tables where schemaname in ('raw_talent_ray', 'raw_tailed', 'meta')"
            " and tablename not like '\\_dlt%%' order by 1, 2"
        )
        return {
            name: ask(
                f'select md5(string_agg(rows::text, chr(10) order by rows::text)) from {name[0]}."{name[1]}" as rows'
            )
            for name in tables
        }

    def refuse(*_: object, **__: object) -> None:
        raise ChecksFailed("No.")

    before = state()
    small.edit_some("talent_ray", "candidates", 0.5)
    small.advance(hours=3)
    monkeypatch.setattr(job, "verify", refuse)
    with pytest.raises(ChecksFailed):
        refreshed(cluster.url(database))
    assert state() == before
    assert ask("select nspname from pg_namespace where nspname like 'hiring_elt_next%%'") == []


def test_a_statement_of_a_dead_run_cannot_finish_after_it(cluster, database, ask):
    """A killed client's statement runs on in the server; the next run ends it before it looks at the tables."""
    import psycopg2

    left = psycopg2.connect(cluster.url(database), application_name="hiring-elt load")
    with left.cursor() as cursor:
        cursor.execute("update raw_talent_ray.leads set _dlt_valid_to = now()")
    server = PostgresServer(cluster.url(database))
    with server.session(wait_seconds=0, stop=threading.Event()), pytest.raises(psycopg2.Error):
        left.commit()
    left.close()
    assert ask("select count(*) from raw_talent_ray.leads where _dlt_valid_to is null")[0][0] > 0


def test_queries_only_read(cluster, database):
    server = PostgresServer(cluster.url(database))

    assert server.query("select 1 as one, 'a' as two, null as three").to_pylist() == [
        {"one": 1, "two": "a", "three": None}
    ]
    for query in (
        "delete from meta.refreshes returning 1",
        "select 1; drop table meta.refreshes",
        "with gone as (delete from meta.refreshes returning 1) select * from gone",
        "select setval('nothing', 1)",
        "selec",
    ):
        with pytest.raises(UsageError, match=r"was refused|does not exist"):
            server.query(query)
    assert server.query("select count(*) as n from meta.refreshes")["n"][0].as_py() > 0


def test_an_empty_database_says_what_to_do(cluster, empty):
    with pytest.raises(UsageError, match="Run `hiring-elt refresh`"):
        open_warehouse(cluster.url(empty)).query("select 1")


def test_status_tells_of_each_stream(cluster, database):
    from datetime import timedelta

    found = status_of(open_warehouse(cluster.url(database)), max_age=timedelta(days=10_000))
    assert found.exit_status == 0
    assert "talent_ray.candidates" in {row["stream"] for row in found.streams}


def test_no_text_holds_the_password(cluster, database, capsys, tmp_path, monkeypatch):
    from connector.http.secret import mask

    url = cluster.url(database)
    warehouse = open_warehouse(url)
    wrong = open_warehouse(url.replace(cluster.password, "wrong-password-1"))
    nowhere = open_warehouse(url.replace(database, "nowhere"))

    assert cluster.password not in warehouse.place + repr(warehouse) + repr(vars(warehouse))
    assert cluster.password not in mask(f"could not open {url}")
    for place, error, said in ((wrong, UsageError, "authentication"), (nowhere, UsageError, "does not exist")):
        with pytest.raises(error, match=said) as raised:
            place.query("select 1")
        assert cluster.password not in str(raised.value)
        assert "wrong-password-1" not in str(raised.value)


def test_a_server_that_does_not_answer_is_no_bug(monkeypatch):
    with pytest.raises(CannotWrite, match="does not answer"):
        open_warehouse("postgresql://someone:secret-one@127.0.0.1:1/hiring").query("select 1")


def test_an_address_that_cannot_be_read_is_not_repeated():
    with pytest.raises(UsageError) as raised:
        open_warehouse("postgresql://user:top-secret@[::1/hiring")
    assert "top-secret" not in str(raised.value)
