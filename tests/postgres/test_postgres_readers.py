"""Readers and crashes: whoever reads sees one refresh or the one before, whatever happens to the one that runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from contextlib import closing, contextmanager

import psycopg2
import pytest

from pipelines.postgres import PostgresServer
from pipelines.postgres.swap import NEXT
from tests.crash.zygote import ROOT, Ended
from tests.postgres.conftest import refreshed
from tests.postgres.postgres_truth import differences
from tests.scenarios.town import later

GENERATIONS = """
    select
        (select string_agg(distinct generation::text, ',') from marts.large),
        (select string_agg(distinct generation::text, ',') from reports.small),
        (select max(generation) from meta.ledger_of_test),
        (select count(*) from marts.large), (select count(*) from reports.small)
"""
STATE = """
    select
        (select string_agg(distinct refresh_id, ',' order by refresh_id) from meta.refreshes),
        (select count(*) || ':' || sum(requests) from meta.sweeps),
        (select count(*) || ':' || sum(mark) from meta.record_marks),
        (select max(last_refresh_at) from reports.rpt_freshness),
        (select md5(string_agg(rows::text, '' order by rows::text)) from marts.fct_applications as rows),
        (select md5(string_agg(rows::text, '' order by rows::text)) from reports.rpt_hiring_funnel as rows)
"""


@contextmanager
def reader(url, question):
    """A reader that asks until the end of the block; what it saw is in the list then."""
    words = [sys.executable, "-m", "tests.postgres.reader", url, question]
    process = subprocess.Popen(words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    saw = []
    try:
        assert process.stdout.readline() == "ready\n"
        yield saw
    finally:
        out, _ = process.communicate(timeout=60)
        saw.append(json.loads(out))


def test_a_reader_in_a_loop_sees_20_publications_whole_and_never_waits(cluster, database, ask, capsys):
    """Rows are exchanged, not names: a long transaction of a reader stays in its own time, and holds nobody up."""
    url = cluster.url(database)
    for name in ("marts.large", "reports.small", "meta.ledger_of_test"):
        ask(f"create schema if not exists {name.split('.')[0]}")
        ask(f"create table {name} (id bigint, generation bigint, unchanged boolean)")
    ask("create view reports.of_an_analyst as select count(*) as n from marts.large")
    ask("create table marts.of_an_analyst as select 1 as mine")

    def publish(generation):
        with PostgresServer(url).session(wait_seconds=0, stop=threading.Event()) as session:
            for name, rows in (("marts.large", 20_000), ("reports.small", 50), ("meta.ledger_of_test", 1)):
                schema, table = name.split(".")
                ask(f"drop table if exists {NEXT}{schema}.{table}")
                ask(
                    f"create table {NEXT}{schema}.{table} as"
                    f" select id, {generation}::bigint as generation, true as unchanged"
                    f" from generate_series(1, {rows}::bigint + {generation}) as id"
                )
            session.publish()

    publish(0)
    with reader(url, GENERATIONS) as saw:
        for generation in range(1, 21):
            publish(generation)
    found = saw[0]

    with capsys.disabled():
        print(f"\n{found['reads']} reads during 20 publications: longest {found['longest']:.2f} s")
    assert found["errors"] == []
    assert found["moved"] == 0
    assert all(len({large, small, ledger}) == 1 for large, small, ledger, _, _ in found["seen"])
    assert all(int(rows) == 20_000 + int(of) for of, _, _, rows, _ in found["seen"])
    assert len(found["seen"]) > 2
    assert ask("select n from reports.of_an_analyst") == [(20_020,)]
    assert ask("select mine from marts.of_an_analyst") == [(1,)]


def test_only_rows_that_differ_are_written(cluster, database, ask):
    url = cluster.url(database)

    def publish(rows):
        with PostgresServer(url).session(wait_seconds=0, stop=threading.Event()) as session:
            ask(f"create table {NEXT}marts.t as select * from (values {rows}) as rows (id, value)")
            session.publish()
        return dict(ask("select id, xmin::text from marts.t"))

    first = publish("(1, 'a'), (2, 'b'), (3, null)")
    second = publish("(1, 'a'), (2, 'c'), (3, null), (4, 'd')")
    assert {key for key in first if first[key] == second[key]} == {1, 3}
    assert ask("select id, value from marts.t order by 1") == [(1, "a"), (2, "c"), (3, None), (4, "d")]
    # Rows alike in all values, and a column more: both are followed.
    publish("(1, 'a'), (1, 'a')")
    assert ask("select id, value from marts.t") == [(1, "a"), (1, "a")]
    with PostgresServer(url).session(wait_seconds=0, stop=threading.Event()) as session:
        ask(f"create table {NEXT}marts.t as select 1 as id, 'a' as value, now() as added")
        session.publish()
    assert ask("select id, value, added is not null from marts.t") == [(1, "a", True)]


class Killable:
    """A process that is ready to run the program in children, and to kill them at a statement."""

    def __init__(self) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SOURCES__")}
        words = [sys.executable, "-m", "tests.postgres.killable"]
        self.process = subprocess.Popen(
            words, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout.readline() == "ready\n"

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()

    def refresh(self, url, folder, *words, **order) -> Ended:
        order |= {"arguments": ["refresh", "--warehouse", url, *words], "environment": dict(os.environ)}
        order |= {"folder": str(folder), "output": str(folder / "output.txt")}
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return Ended(**json.loads(self.process.stdout.readline()))


@pytest.fixture
def killable():
    with closing(Killable()) as running:
        yield running


LEADS = ("--skip-build", "--platform", "talent_ray", "--select", "leads")
WATCHED = "select (select count(*) from meta.sweeps), (select max(refresh_id) from meta.refreshes)"


def kill_and_recover(killable, url, cluster, database, small, folder, points, words=LEADS, watched=WATCHED):
    """Kill refreshes at these statements; each time readers see old or new, and one more run is right."""
    seen = {"old": 0, "new": 0}
    for point in points:
        small.edit_some("talent_ray", "sourcing", 0.5)
        later(small, minutes=5)
        before = cluster.ask(database, watched)
        ended = killable.refresh(url, folder, *words, kill_at=point)
        assert ended.status in {-9, 0}, ended
        after = cluster.ask(database, watched)
        seen["old" if after == before else "new"] += 1
        if after != before:
            assert differences(cluster, database, small, ["talent_ray"]) == {}, ended
        again = killable.refresh(url, folder, *words, watched=False)
        assert again.status == 0, (folder / "output.txt").read_text()[-800:]
        assert differences(cluster, database, small, ["talent_ray"]) == {}, ended
        doubled = "select count(*) - count(distinct _key) from raw_talent_ray.leads where _dlt_valid_to is null"
        assert cluster.ask(database, doubled) == [(0,)]
    return seen


def statements_of(killable, url, small, folder, words=LEADS):
    small.edit_some("talent_ray", "sourcing", 0.5)
    later(small, minutes=5)
    ended = killable.refresh(url, folder, *words)
    assert ended.status == 0, (folder / "output.txt").read_text()[-800:]
    return ended.events


@pytest.mark.slow
def test_a_kill_at_a_statement_leaves_old_or_new_and_one_run_heals(
    killable, cluster, database, small, tmp_path, capsys
):
    url = cluster.url(database)
    assert killable.refresh(url, tmp_path, "--skip-build", "--full", watched=False).status == 0
    count = statements_of(killable, url, small, tmp_path)
    points = [count // 4, count // 2, count * 3 // 4, count - 20, count - 4, count - 1]
    seen = kill_and_recover(killable, url, cluster, database, small, tmp_path, points)

    with capsys.disabled():
        print(f"\n{len(points)} of {count} statements: {seen['old']} old, {seen['new']} new, 0 wedged")
    assert seen["old"]
    assert seen["new"]


@pytest.mark.slow
def test_a_kill_at_every_fortieth_statement_leaves_old_or_new(killable, cluster, database, small, tmp_path, capsys):
    url = cluster.url(database)
    assert killable.refresh(url, tmp_path, "--skip-build", "--full", watched=False).status == 0
    count = statements_of(killable, url, small, tmp_path)
    seen = kill_and_recover(killable, url, cluster, database, small, tmp_path, range(1, count + 1, 40))

    with capsys.disabled():
        print(f"\nevery 40th of {count} statements: {seen['old']} old, {seen['new']} new, 0 wedged")
    assert seen["old"]


@pytest.mark.slow
def test_readers_of_models_see_whole_refreshes_while_some_are_killed(
    killable, cluster, database, small, tmp_path, ask, capsys
):
    """Three refreshes with models and two that are killed, while a reader compares ledger, marts and reports."""
    url = cluster.url(database)
    assert killable.refresh(url, tmp_path, "--full", watched=False).status == 0
    states, took = [tuple(map(str, ask(STATE)[0]))], 0.0
    with reader(url, STATE) as saw:
        for after in (None, 0.55, 0.9):
            small.edit_some("talent_ray", "sourcing", 0.5)
            small.advance(hours=2)
            if after is not None:
                killable.refresh(url, tmp_path, watched=False, kill_after=after * took)
                states.append(tuple(map(str, ask(STATE)[0])))
            ended = killable.refresh(url, tmp_path, watched=False)
            took = ended.seconds
            assert ended.status == 0, (tmp_path / "output.txt").read_text()[-800:]
            states.append(tuple(map(str, ask(STATE)[0])))
    found = saw[0]

    with capsys.disabled():
        print(f"\n{found['reads']} reads, {len(found['seen'])} states, longest {found['longest']:.2f} s")
    assert found["errors"] == []
    assert found["moved"] == 0
    assert {tuple(state) for state in found["seen"]} <= set(states)


@pytest.mark.slow
def test_a_reader_of_a_report_in_a_loop_sees_20_refreshes_whole(cluster, database, small, ask, capsys):
    """Each state that was read, of ledger, mart and report together, is one that a refresh left behind."""
    url = cluster.url(database)
    assert refreshed(url, full=True, skip_build=False).exit_status in {0, 5}
    states = [tuple(map(str, ask(STATE)[0]))]
    with reader(url, STATE) as saw:
        for _ in range(20):
            small.edit_some("talent_ray", "sourcing", 0.5)
            small.advance(hours=2)
            assert refreshed(url, skip_build=False).exit_status in {0, 5}
            states.append(tuple(map(str, ask(STATE)[0])))
    found = saw[0]

    with capsys.disabled():
        print(f"\n{found['reads']} reads, {len(found['seen'])} states, longest {found['longest']:.2f} s")
    assert len(set(states)) == 21
    assert found["errors"] == []
    assert found["moved"] == 0
    assert {tuple(state) for state in found["seen"]} <= set(states)
    assert len(found["seen"]) > 10


def test_reading_needs_no_more_than_select(cluster, database):
    cluster.ask(database, "drop role if exists analyst")
    cluster.ask(database, "create role analyst login password 'reads-only'")
    cluster.ask(database, "grant usage on schema meta to analyst; grant select on all tables in schema meta to analyst")
    try:
        reading = PostgresServer(cluster.url(database, "analyst", "reads-only"))
        assert reading.query("select count(*) as n from meta.refreshes")["n"][0].as_py() > 0
    finally:
        cluster.ask(database, "drop owned by analyst; drop role analyst")


def test_loading_needs_no_more_than_to_create_in_its_database(cluster, empty, small):
    """The role of the README: it owns nothing, and may create schemas in one database."""
    cluster.ask("postgres", "drop role if exists loader")
    cluster.ask("postgres", "create role loader login password 'loads-only'")
    cluster.ask(
        "postgres",
        f"revoke all on database {empty} from public; grant connect, create, temporary on database {empty} to loader",
    )
    cluster.ask(empty, "revoke all on schema public from public")
    try:
        url = cluster.url(empty, "loader", "loads-only")
        assert refreshed(url).exit_status == 0
        assert refreshed(url).exit_status == 0
        with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
            cursor.execute("select rolsuper or rolcreatedb or rolcreaterole from pg_roles where rolname = 'loader'")
            assert cursor.fetchone() == (False,)
    finally:
        cluster.ask(empty, "drop owned by loader")
        cluster.ask("postgres", "drop owned by loader; drop role loader")
