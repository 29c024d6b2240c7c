from __future__ import annotations

import os
import threading
from pathlib import Path

import duckdb
import pytest

from connector.errors import Locked, UsageError
from pipelines.duckdb_file import DuckDBFile
from pipelines.lock import locked
from pipelines.rollback import forget_kept, keep_published, kept, kept_wanted, rollback


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    return tmp_path / "hiring [1].duckdb"


def publish(warehouse: Path, number: int, *, keep: int) -> None:
    """What a refresh does at its end: another content, the one before kept."""
    with DuckDBFile(warehouse).session(wait_seconds=0, stop=threading.Event()) as session:
        session.query(f"create or replace table refresh as select {number} as number")
        keep_published(session.copy.live, keep)
        session.publish()


def number_in(path: Path) -> int:
    with duckdb.connect(str(path), read_only=True) as connection:
        row = connection.execute("select number from refresh").fetchone()
    return -1 if row is None else int(row[0])


def test_going_back_twice_goes_back_two(warehouse: Path) -> None:
    for number in range(4):
        publish(warehouse, number, keep=2)
    assert [number_in(path) for path in kept(warehouse)] == [2, 1]

    rollback(warehouse)
    assert number_in(warehouse) == 2
    rollback(warehouse)
    assert number_in(warehouse) == 1

    with pytest.raises(UsageError, match="KEEP_PUBLISHED"):
        rollback(warehouse)
    assert number_in(warehouse) == 1


def test_nothing_is_kept_unless_asked_for(warehouse: Path) -> None:
    publish(warehouse, 0, keep=0)
    publish(warehouse, 1, keep=0)

    assert kept(warehouse) == []


def test_fewer_kept_means_the_oldest_go(warehouse: Path) -> None:
    for number in range(4):
        publish(warehouse, number, keep=3)
    publish(warehouse, 4, keep=1)

    assert [number_in(path) for path in kept(warehouse)] == [3]


def test_keeping_copies_nothing(warehouse: Path) -> None:
    publish(warehouse, 0, keep=1)
    before = warehouse.stat().st_ino
    publish(warehouse, 1, keep=1)

    assert [path.stat().st_ino for path in kept(warehouse)] == [before]


def test_a_run_that_kept_and_then_did_not_publish_leaves_nothing_to_go_back_to(warehouse: Path) -> None:
    publish(warehouse, 0, keep=2)
    keep_published(warehouse, 2)
    keep_published(warehouse, 2)
    assert kept(warehouse) == []

    publish(warehouse, 1, keep=2)
    assert [number_in(path) for path in kept(warehouse)] == [0]


def test_kept_files_are_the_owners_alone_whatever_the_umask(warehouse: Path) -> None:
    before = os.umask(0)
    try:
        publish(warehouse, 0, keep=1)
        warehouse.chmod(0o644)
        publish(warehouse, 1, keep=1)
        rollback(warehouse)
        publish(warehouse, 2, keep=1)
    finally:
        os.umask(before)

    modes = {path.name: oct(path.stat().st_mode & 0o777) for path in warehouse.parent.iterdir() if path.is_file()}
    assert set(modes.values()) == {"0o600"}
    assert len(modes) == 3


def test_readers_of_the_newer_file_read_on(warehouse: Path) -> None:
    publish(warehouse, 0, keep=1)
    publish(warehouse, 1, keep=1)

    with duckdb.connect(str(warehouse), read_only=True) as reader:
        rollback(warehouse)
        assert reader.execute("select number from refresh").fetchone() == (1,)
    assert number_in(warehouse) == 0


def test_a_refresh_that_runs_is_not_rolled_back_under(warehouse: Path) -> None:
    publish(warehouse, 0, keep=1)
    publish(warehouse, 1, keep=1)

    with locked(warehouse.with_name(f".{warehouse.name}.lock")), pytest.raises(Locked):
        rollback(warehouse)
    assert number_in(warehouse) == 1


def test_the_audit_knows(warehouse: Path) -> None:
    publish(warehouse, 0, keep=1)
    publish(warehouse, 1, keep=1)
    rollback(warehouse)

    with duckdb.connect(str(warehouse), read_only=True) as connection:
        assert connection.execute("select command, counts from meta.audit").fetchall() == [("rollback", '{"kept": 1}')]


def test_forgetting_the_kept_removes_them_all(warehouse: Path) -> None:
    for number in range(3):
        publish(warehouse, number, keep=2)

    assert forget_kept(warehouse) == 2
    assert kept(warehouse) == []
    assert number_in(warehouse) == 2


@pytest.mark.parametrize(("given", "wanted"), [("", 0), ("3", 3)])
def test_how_many_is_a_setting(monkeypatch: pytest.MonkeyPatch, given: str, wanted: int) -> None:
    monkeypatch.setenv("KEEP_PUBLISHED", given)

    assert kept_wanted() == wanted


@pytest.mark.parametrize("given", ["-1", "1.5", "some"])
def test_how_many_is_a_whole_number(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("KEEP_PUBLISHED", given)

    with pytest.raises(UsageError, match="KEEP_PUBLISHED"):
        kept_wanted()
