"""The published file: readers, writers, second refreshes, rests of dead runs, other formats, file modes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time

import duckdb
import pytest

from connector.errors import CannotWrite, ChecksFailed, Locked
from pipelines.publish import WORK_PREFIX

LEADS = {"select": ("leads",), "platforms": ("talent_ray",)}
RAW = "raw_talent_ray"

WRITER = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1])
print("open", flush=True)
sys.stdin.readline()
connection.close()
"""

READER = """
import sys, duckdb
print(duckdb.connect(sys.argv[1], read_only=True).execute(sys.argv[2]).fetchone()[0])
"""
HOLDER = """
import fcntl, sys, time
file = open(sys.argv[1], "w")
fcntl.flock(file, fcntl.LOCK_EX)
print("held", flush=True)
time.sleep(60)
"""
KILLED_WRITER = """
import os, sys, duckdb
connection = duckdb.connect(sys.argv[1])
connection.execute("create table late as select 7 as n")
os._exit(9)
"""


def lead_status(town):
    return dict(town.ask(f"select id, status from {RAW}.leads where _dlt_valid_to is null"))


def change_a_lead(town, status):
    lead = town.company.truth("talent_ray", "sourcing")[0]["id"]
    town.company.update("talent_ray", "sourcing", lead, status=status)
    return lead


# T19


def test_a_reader_who_keeps_the_file_open_hinders_nobody_and_keeps_what_it_sees(town):
    count = f"select count(*), max(_dlt_valid_from) from {RAW}.leads"
    with duckdb.connect(str(town.warehouse), read_only=True) as reader:
        before = reader.execute(count).fetchall()
        for status in ("contacted", "Pool", "contacted"):
            lead = change_a_lead(town, status)
            assert town.run(**LEADS).exit_status == 0
            assert reader.execute(count).fetchall() == before
            query = f"select status from {RAW}.leads where id = '{lead}' and _dlt_valid_to is null"
            in_another_process = subprocess.run(
                [sys.executable, "-c", READER, str(town.warehouse), query], capture_output=True, text=True, check=True
            )
            assert in_another_process.stdout.strip() == status


# T20


def test_a_writer_of_another_program_is_named_and_nothing_is_published(town):
    before = town.digest()
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(town.warehouse)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout.readline() == "open\n"
        told = town.cli("refresh", "--select", "leads")
        writer.communicate("\n")

    assert told.status == 4
    assert str(writer.pid) in told.err
    assert town.digest() == before
    assert town.rests() == []


def test_tables_of_analysts_survive_refreshes(town):
    with duckdb.connect(str(town.warehouse)) as analyst:
        analyst.execute("create schema mine; create table mine.notes as select 42 as answer")
        analyst.execute(f"create view mine.seen as select id, status from {RAW}.leads")
    change_a_lead(town, "contacted")

    assert town.run(**LEADS).exit_status == 0
    assert town.ask("select answer from mine.notes") == [(42,)]
    assert town.ask("select count(*) from mine.seen where status = 'contacted'")[0][0] >= 1


def test_a_table_made_during_the_refresh_is_kept_and_nothing_is_published(town):
    change_a_lead(town, "contacted")
    newest = town.ask("select max(refresh_id) from meta.refreshes")
    written = threading.Event()

    def write_when_the_lists_are_read():
        # The refresh holds only its copy now: whoever opens the file to write can.
        while not any(path.startswith("/api/v1/sourcing") for path in town.asked()):
            time.sleep(0.005)
        with duckdb.connect(str(town.warehouse)) as analyst:
            analyst.execute("create table analyst_notes as select 42 as answer")
        written.set()

    thread = threading.Thread(target=write_when_the_lists_are_read)
    thread.start()
    with pytest.raises(Locked, match="changed by somebody else"):
        town.run(**LEADS)
    thread.join()

    assert written.is_set()
    assert town.ask("select answer from analyst_notes") == [(42,)]
    assert town.ask("select max(refresh_id) from meta.refreshes") == newest
    assert town.rests() == []
    assert town.run(**LEADS).exit_status == 0
    assert town.ask("select answer from analyst_notes") == [(42,)]


# T21


def at_once(town, count):
    """So many refreshes started together; how each ended, with the seconds that the refused ones took."""
    ended = []
    begin = threading.Barrier(count)

    def one():
        begin.wait()
        began = time.monotonic()
        try:
            status = town.run(**LEADS).exit_status
        except Locked as error:
            holder_is_named = f"process {os.getpid()}" in str(error)
            ended.append((4 if holder_is_named else 1, time.monotonic() - began))
        else:
            ended.append((status, 0.0))

    threads = [threading.Thread(target=one) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ended


@pytest.mark.parametrize("count", [2, 20])
def test_of_several_refreshes_at_once_one_runs(town, count):
    ended = at_once(town, count)

    statuses = sorted(status for status, _ in ended)
    # One that begins after the first has ended may run as well; two never run side by side.
    assert statuses.count(0) >= 1
    assert set(statuses) <= {0, 4}
    assert statuses.count(4) >= count // 2
    assert town.rests() == []


def test_a_refresh_waits_for_the_lock_as_long_as_it_was_told(town):
    lock = town.warehouse.with_name(f".{town.warehouse.name}.lock")
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(lock)], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout.readline() == "held\n"
        began = time.monotonic()
        with pytest.raises(Locked, match="Another refresh"):
            town.run(**LEADS)
        assert time.monotonic() - began < 1
        threading.Timer(0.5, holder.kill).start()  # the lock dies with its process
        assert town.run(wait_seconds=30, **LEADS).exit_status == 0


# T24


def test_rests_of_dead_runs_are_removed_and_a_stale_lock_file_is_ignored(town):
    stale = town.warehouse.parent / f".{town.warehouse.name}{WORK_PREFIX}dead"
    (stale / "dlt").mkdir(parents=True)
    (stale / town.warehouse.name).write_bytes(b"half a file")
    town.warehouse.with_name(f".{town.warehouse.name}.lock").write_text('{"host": "gone", "process": 1, "since": "x"}')

    assert town.run(**LEADS).exit_status == 0
    assert town.rests() == []


def test_a_log_that_a_killed_writer_left_is_folded_in(town):
    subprocess.run([sys.executable, "-c", KILLED_WRITER, str(town.warehouse)], check=False)
    assert town.warehouse.with_name(f"{town.warehouse.name}.wal").exists()

    assert town.run(**LEADS).exit_status == 0
    assert town.ask("select n from late") == [(7,)]
    assert town.rests() == []


# T26


def test_a_warehouse_of_an_older_format_gets_its_new_tables_and_columns(town):
    with duckdb.connect(str(town.warehouse)) as older:
        older.execute(f"drop table {RAW}.portal_roles; drop table meta.drift; drop table meta.record_marks")
        older.execute("alter table meta.sweeps drop column audit_share")
        # Columns that came later: two with values, and one of a table that is not read this time.
        for table, column in (
            (f"{RAW}.leads", "status"),
            (f"{RAW}.tests", "language"),
            ("raw_tailed.jobs", "closed_at"),
        ):
            older.execute(f"alter table {table} drop column {column}; update {table} set _row_hash = md5(_row_hash)")
    outcome = town.run(platforms=("talent_ray",))

    assert outcome.exit_status == 0
    assert town.differences("talent_ray") == {}


def test_damaged_notes_cost_knowledge_and_no_row(town):
    before = town.versions()
    with duckdb.connect(str(town.warehouse)) as broken:
        broken.execute("drop schema meta cascade")
    lead = town.company.truth("talent_ray", "sourcing")[0]["id"]
    town.company.hide("talent_ray", "sourcing", lead)
    outcome = town.run()

    assert outcome.exit_status == 5
    assert town.versions() == before
    assert "no earlier reading" in town.sweeps()["talent_ray.leads"]["reason"]
    assert town.run().exit_status == 0
    assert town.differences() == {}


def test_a_file_that_is_no_warehouse_is_refused_and_kept(town):
    town.warehouse.write_bytes(b"these are my notes, not a database" * 300)
    before = town.digest()
    with pytest.raises(CannotWrite, match="no DuckDB file"):
        town.run(**LEADS)

    assert town.digest() == before


@pytest.mark.parametrize(
    "harm",
    [
        f"insert into {RAW}.leads select * from {RAW}.leads limit 1",
        f"update {RAW}.leads set _dlt_valid_to = _dlt_valid_from - interval 1 day where rowid = 0",
        f"update {RAW}.leads set _visible = false",
    ],
    ids=["doubled", "backwards", "children without parents"],
)
def test_rows_that_contradict_each_other_are_not_published(town, harm):
    with duckdb.connect(str(town.warehouse)) as connection:
        connection.execute(harm)
    before = town.digest()
    # The steps alone are read, so what is wrong with the leads is nobody's doing in this refresh.
    with pytest.raises(ChecksFailed, match="contradicts itself"):
        town.run(select=("tests",), platforms=("talent_ray",))

    assert town.digest() == before
    assert town.rests() == []


def test_a_key_that_lost_its_open_version_in_the_load_is_not_published(town):
    with duckdb.connect(str(town.warehouse)) as connection:
        connection.execute(f"update {RAW}.leads set _dlt_valid_to = now() where rowid = 0")
    before = town.digest()
    with pytest.raises(ChecksFailed, match="lost"):
        town.run(select=("tests",), platforms=("talent_ray",))

    assert town.digest() == before
    # Read again, the row is unknown to the comparison, so it is sent again.
    with duckdb.connect(str(town.warehouse)) as connection:
        connection.execute("delete from meta.record_marks")
    assert town.run(**LEADS).exit_status == 0
    assert town.differences() == {}


# T48


@pytest.fixture
def open_umask():
    before = os.umask(0)
    yield
    os.umask(before)


def test_every_file_is_private_whatever_the_umask(new_town, open_umask):
    modes = {}
    finished = threading.Event()

    def look():
        while not finished.is_set():
            for folder, folders, files in os.walk(new_town.warehouse.parent):
                for name in (*folders, *files):
                    path = os.path.join(folder, name)  # noqa: PTH118 - os.walk gives texts
                    try:
                        status = os.lstat(path)
                    except FileNotFoundError:
                        continue
                    modes[os.path.relpath(path, new_town.warehouse.parent)] = status.st_mode & 0o7777
            time.sleep(0.002)

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        assert new_town.run(select=("tests",), platforms=("talent_ray",)).exit_status == 0
    finally:
        finished.set()
        watcher.join()

    inside = {name: mode for name, mode in modes.items() if WORK_PREFIX in name.split("/")[0] and "/" in name}
    outside = {name: mode for name, mode in modes.items() if name not in inside}
    assert inside
    assert {mode for name, mode in outside.items() if WORK_PREFIX in name} == {0o700}
    assert {mode for name, mode in outside.items() if WORK_PREFIX not in name} == {0o600}


def test_a_folder_that_everyone_may_write_to_is_refused(new_town):
    new_town.warehouse.parent.chmod(0o777)
    with pytest.raises(CannotWrite, match="chmod o-w"):
        new_town.run(**LEADS)

    assert list(new_town.warehouse.parent.iterdir()) == []


def test_a_symbolic_link_is_followed_and_stays_one(town):
    shelf = town.warehouse.parent.parent / "shelf"
    shelf.mkdir(mode=0o700)
    real = shelf / "hiring.duckdb"
    shutil.move(town.warehouse, real)
    town.warehouse.symlink_to(real)
    lead = change_a_lead(town, "contacted")

    assert town.run(**LEADS).exit_status == 0
    assert town.warehouse.is_symlink()
    assert lead_status(town)[lead] == "contacted"
    assert sorted(path.name for path in shelf.iterdir()) == [".hiring.duckdb.lock", "hiring.duckdb"]
