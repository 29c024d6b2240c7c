"""The swap itself, with small files: its steps in order, and all that it refuses."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import threading

import duckdb
import pytest

from connector.errors import CannotWrite, Locked, Stopped
from pipelines import publish
from pipelines.publish import working_copy

WRITE = "import sys, os, duckdb; c = duckdb.connect(sys.argv[1]); c.execute(sys.argv[2]); os._exit(9)"


@pytest.fixture
def live(tmp_path):
    folder = tmp_path / "place"
    folder.mkdir(mode=0o700)
    path = folder / "hiring.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create table numbers as select 1 as n")
    path.chmod(0o600)
    return path


def write(path, sql):
    with duckdb.connect(str(path)) as connection:
        connection.execute(sql)


def numbers(path):
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute("select n from numbers order by n").fetchall()


def beside(path):
    return sorted(one.name for one in path.parent.iterdir())


def test_the_copy_is_synced_then_renamed_then_its_folder_is_synced(live):
    steps = []

    def note(frame, kind, called):
        name = getattr(called, "__name__", "")
        if kind == "c_return" and name in {"fsync", "replace"} and getattr(called, "__module__", "") == "posix":
            steps.append(name)

    with working_copy(live) as copy:
        write(copy.path, "insert into numbers values (2)")
        sys.setprofile(note)
        try:
            copy.publish()
        finally:
            sys.setprofile(None)

    assert steps == ["fsync", "replace", "fsync"]
    assert numbers(live) == [(1,), (2,)]


def test_after_a_publish_nothing_but_the_file_and_the_lock_is_left(live):
    with working_copy(live) as copy:
        (copy.folder / "dlt").mkdir()
        copy.publish()

    assert beside(live) == [".hiring.duckdb.lock", "hiring.duckdb"]
    assert live.stat().st_mode & 0o777 == 0o600


def test_after_a_failure_nothing_is_left_and_the_file_is_as_it_was(live):
    before = live.read_bytes()
    with pytest.raises(duckdb.CatalogException), working_copy(live) as copy:
        write(copy.path, "insert into numbers values (2); select * from nowhere")

    assert beside(live) == [".hiring.duckdb.lock", "hiring.duckdb"]
    assert live.read_bytes() == before


def test_what_a_dead_run_left_is_removed_also_when_the_name_holds_signs_of_patterns(live):
    odd = live.with_name("hiring[1]*.duckdb")
    live.rename(odd)
    rest = odd.parent / f".{odd.name}{publish.WORK_PREFIX}dead"
    rest.mkdir()
    of_others = odd.parent / f".hiring1.duckdb{publish.WORK_PREFIX}alive"
    of_others.mkdir()
    with working_copy(odd):
        assert not rest.exists()

    assert of_others.exists()


def test_only_one_holds_the_lock_and_the_other_is_told_who(live):
    with working_copy(live):
        with pytest.raises(Locked, match=f"process {os.getpid()} on "), working_copy(live):
            pytest.fail("two at once")
        assert len([name for name in beside(live) if publish.WORK_PREFIX in name]) == 1


def test_a_lock_file_whose_process_is_gone_holds_nobody_up(live):
    lock = live.with_name(".hiring.duckdb.lock")
    lock.write_text(f'{{"host": "here", "process": {os.getpid()}, "since": "now"}}')
    with working_copy(live) as copy:
        copy.publish()


def test_who_waits_for_the_lock_hears_the_wish_to_stop(live):
    stop = threading.Event()
    with live.with_name(".hiring.duckdb.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        threading.Timer(0.3, stop.set).start()
        with pytest.raises(Stopped), working_copy(live, wait_seconds=30, stop=stop):
            pytest.fail("the lock was held")


def test_a_change_by_somebody_else_is_kept_and_nothing_is_published(live):
    with working_copy(live) as copy:
        write(copy.path, "insert into numbers values (2)")
        write(live, "insert into numbers values (3)")
        with pytest.raises(Locked, match="changed by somebody else"):
            copy.publish()

    assert numbers(live) == [(1,), (3,)]


def test_a_file_that_appeared_meanwhile_is_kept(live):
    new = live.with_name("new.duckdb")
    with working_copy(new) as copy:
        write(copy.path, "create table numbers as select 2 as n")
        write(new, "create table numbers as select 7 as n")
        with pytest.raises(Locked, match="changed by somebody else"):
            copy.publish()

    assert numbers(new) == [(7,)]


def test_a_log_that_a_killed_writer_left_is_folded_in_before_the_copy(live):
    subprocess.run([sys.executable, "-c", WRITE, str(live), "insert into numbers values (9)"], check=False)
    assert live.with_name("hiring.duckdb.wal").exists()
    with working_copy(live) as copy:
        copy.publish()

    assert numbers(live) == [(1,), (9,)]
    assert not live.with_name("hiring.duckdb.wal").exists()


def test_a_reader_keeps_the_old_file_and_the_next_one_sees_the_new(live):
    with duckdb.connect(str(live), read_only=True) as reader:
        with working_copy(live) as copy:
            write(copy.path, "insert into numbers values (2)")
            copy.publish()
        assert reader.execute("select count(*) from numbers").fetchone() == (1,)
    assert numbers(live) == [(1,), (2,)]


def test_a_folder_that_everyone_may_write_to_is_refused(live):
    live.parent.chmod(0o777)
    with pytest.raises(CannotWrite, match="chmod o-w"), working_copy(live):
        pytest.fail("refused")


def test_the_copy_and_its_folder_are_private_whatever_the_umask(live):
    before = os.umask(0)
    try:
        with working_copy(live) as copy:
            assert copy.folder.stat().st_mode & 0o777 == 0o700
            assert copy.path.stat().st_mode & 0o777 == 0o600
            copy.publish()
    finally:
        os.umask(before)
    assert live.stat().st_mode & 0o777 == 0o600
