"""A published file that cannot be opened, or must not be worked on: who is told what, and that it stays as it is."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from connector.errors import CannotWrite, HiringEltError, Locked, UsageError
from pipelines import cli
from pipelines.duckdb_file import DuckDBFile
from pipelines.warehouse_format import FORMAT, stored_format

VERSION_AT = 12
WRITING = (("build",), ("privacy", "export", "--id", "cand_1"), ("privacy", "erase", "--yes", "--id", "cand_1"))
COMMANDS = (
    ("status",),
    ("query", "select 1"),
    ("privacy", "inventory"),
    ("privacy", "erase", "--id", "cand_1"),
    ("report", "--output", "report.html"),
    ("rollback",),
    *WRITING,
)
HOLDER = "import sys, duckdb; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.readline()"


@pytest.fixture
def live(tmp_path: Path) -> Path:
    path = tmp_path / "place" / "hiring.duckdb"
    path.parent.mkdir(mode=0o700)
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema meta; create table meta.refreshes as select 'r1' as refresh_id")
    path.chmod(0o600)
    return path


def work_on(path: Path) -> None:
    with DuckDBFile(path).session(wait_seconds=0, stop=threading.Event()) as session:
        session.publish()


def of_version(path: Path, version: int) -> None:
    """Write another storage version into the file's head, with the checksum that belongs to it."""
    content = bytearray(path.read_bytes())
    content[VERSION_AT : VERSION_AT + 8] = version.to_bytes(8, "little")
    path.write_bytes(content)
    with pytest.raises(duckdb.IOException) as refused:
        duckdb.connect(str(path), read_only=True)
    checksum = re.search(r"computed checksum (\d+)", str(refused.value))
    assert checksum is not None
    content[:8] = int(checksum.group(1)).to_bytes(8, "little")
    path.write_bytes(content)


def of_newer_format(path: Path) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"create table meta.formats as select {FORMAT + 1} as format, '9.1' as program")


def refused(path: Path, kind: type[HiringEltError], words: str) -> None:
    before = path.read_bytes()
    with pytest.raises(kind, match=words):
        work_on(path)
    assert path.read_bytes() == before
    assert sorted(one.name for one in path.parent.iterdir()) == [f".{path.name}.lock", path.name]


def test_a_warehouse_of_a_newer_format_is_refused_and_both_versions_are_named(live: Path) -> None:
    of_newer_format(live)

    refused(live, UsageError, rf"hiring-elt 9\.1 in format {FORMAT + 1}.*up to {FORMAT}.*Install hiring-elt 9\.1")


def test_a_warehouse_without_a_note_is_of_the_first_format_and_is_worked_on(live: Path) -> None:
    work_on(live)

    with duckdb.connect(str(live)) as connection:
        assert stored_format(lambda sql: connection.execute(sql).to_arrow_table(), "meta") == (0, "")


def test_a_file_of_a_newer_duckdb_is_refused_as_such(live: Path) -> None:
    of_version(live, 99)

    refused(live, UsageError, f"newer DuckDB than the {duckdb.__version__}")


@pytest.mark.parametrize("harm", [b"these are my notes, not a database" * 300, b"", b"DUCK"])
def test_a_file_that_is_no_warehouse_is_refused_and_kept(live: Path, harm: bytes) -> None:
    if harm == b"":
        harm = live.read_bytes()[:4096] + bytes(4096)  # cut and overwritten: its checksums are wrong
    live.write_bytes(harm)

    refused(live, CannotWrite, "no DuckDB file .*damaged")


def test_a_writer_of_another_program_is_named(live: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(live)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        refused(live, Locked, f"open for writing .*{holder.pid}")
        holder.communicate("\n")
    work_on(live)


@pytest.fixture
def held(live: Path) -> Iterator[Path]:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(live)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        yield live
        holder.communicate("\n")


def ended_with(status: int, live: Path, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    before = live.read_bytes()
    ended = cli.guarded(lambda: cli.app([*words, "--warehouse", str(live)], standalone_mode=False))

    said = capsys.readouterr().err
    assert ended == status, said
    assert "hiring.duckdb" in said
    assert "bug" not in said
    assert live.read_bytes() == before


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_tells_of_a_newer_duckdb(
    live: Path, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    of_version(live, 99)
    ended_with(2, live, words, capsys)


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_tells_of_a_damaged_file(
    live: Path, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    live.write_bytes(b"these are my notes, not a database" * 300)
    ended_with(7, live, words, capsys)


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_tells_who_holds_the_file(
    held: Path, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    ended_with(4, held, words, capsys)


@pytest.mark.parametrize("words", WRITING, ids=" ".join)
def test_every_command_that_writes_refuses_a_newer_format(
    live: Path, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    of_newer_format(live)
    ended_with(2, live, words, capsys)


def test_who_came_to_write_while_we_worked_is_named_and_nothing_is_published(live: Path) -> None:
    before = live.read_bytes()
    session = DuckDBFile(live).session(wait_seconds=0, stop=threading.Event())
    words = [sys.executable, "-c", HOLDER, str(live)]
    with session as copy, subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        with pytest.raises(Locked, match=str(holder.pid)):
            copy.publish()
        holder.communicate("\n")

    assert live.read_bytes() == before
