"""One refresh at a time: who is second hears it at once."""

from __future__ import annotations

import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from connector.errors import Locked
from pipelines.lock import lock_of, locked, refuse_when_held

ASK = """
import sys
from pipelines import cli
status = cli.guarded(lambda: cli.app(["refresh", "--warehouse", sys.argv[1]], standalone_mode=False))
print(status, "dlt" in sys.modules)
"""


def test_a_second_refresh_is_refused_before_dlt_is_imported_and_leaves_nothing(tmp_path: Path) -> None:
    warehouse = tmp_path / "hiring.duckdb"
    with locked(lock_of(warehouse)):
        told = subprocess.run(
            [sys.executable, "-c", ASK, str(warehouse)],
            cwd=Path(__file__).parents[1],
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )

    assert told.stdout == "4 False\n"
    assert "Another refresh holds the warehouse: process" in told.stderr
    assert [path.name for path in tmp_path.iterdir()] == [".hiring.duckdb.lock"]


def test_asking_for_a_free_lock_takes_nothing(tmp_path: Path) -> None:
    warehouse = tmp_path / "hiring.duckdb"
    refuse_when_held(warehouse)
    with locked(lock_of(warehouse)):
        pass
    refuse_when_held(warehouse)

    assert [path.name for path in tmp_path.iterdir()] == [".hiring.duckdb.lock"]


def test_those_who_merely_ask_do_not_keep_a_refresh_from_its_lock(tmp_path: Path) -> None:
    warehouse, enough = tmp_path / "hiring.duckdb", threading.Event()
    lock_of(warehouse).touch()

    def ask() -> None:
        while not enough.wait(0.002):
            with suppress(Locked):
                refuse_when_held(warehouse)

    askers = [threading.Thread(target=ask) for _ in range(20)]
    for asker in askers:
        asker.start()
    try:
        for _ in range(20):
            with locked(lock_of(warehouse)):
                pass
    except Locked:
        pytest.fail("an asker kept a refresh from its lock")
    finally:
        enough.set()
        for asker in askers:
            asker.join()
