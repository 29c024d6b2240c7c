"""Every console block of the README files, run as a shell would run it: against the demo, or against the sandbox."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from connector.sandbox import Company, serve
from pipelines.query import run_query
from pipelines.report import MOST_BYTES
from pipelines.warehouse import open_warehouse
from tests.readme_blocks import ROOT, Block, blocks, named

pytestmark = pytest.mark.slow

ASKS_A_PLATFORM = re.compile(r"hiring-elt (?:check|plan|refresh)\b")
BEFORE = "set -euo pipefail\n"
STAND_INS = {
    "make demo": "hiring-elt demo --candidates 150",
    ". .venv/bin/activate": ":",  # the tests stand in their own
    "cd demo": ":",
}
"""What is set up differently here; everything else is typed as it stands."""
MAY_BE_EMPTY = {"roles_where_nothing_moves", "screening_misses", "leads_nobody_followed_up"}
"""Examples whose answer may be nobody, in a company of this size."""


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which `hiring-elt` and `python` are those under test."""
    folder = tmp_path_factory.mktemp("bin")
    told = {"hiring-elt": "-c 'from pipelines.cli import main; main()' ", "python": ""}
    for name, begins in told.items():
        (folder / name).write_text(f'#!/bin/sh\nexec {sys.executable} {begins}"$@"\n')
        (folder / name).chmod(0o755)
    return folder


def typed(script: str, folder: Path, programs: Path, **settings: str) -> str:
    """What a shell prints for it; a command that fails ends the test."""
    kept = {name: value for name, value in os.environ.items() if "__" not in name}
    path = f"{programs}:{os.environ['PATH']}"
    environment = kept | {"PATH": path, "PYTHONPATH": str(ROOT)} | settings
    done = subprocess.run(
        ["bash", "-c", BEFORE + script],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, f"{script}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    return done.stdout


def script(block: Block) -> str:
    lines = [line.removeprefix("$ ") for line in block.text.splitlines() if line.startswith("$ ")]
    return "\n".join(STAND_INS.get(line, line) for line in lines if not line.startswith("export SOURCES__"))


CONSOLE = blocks("console")
DEMO, *REST = CONSOLE


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, programs: Path) -> tuple[Path, str]:
    """The folder that the first command of the README leaves behind, and what it printed."""
    folder = tmp_path_factory.mktemp("sixty-seconds")
    said = typed(script(DEMO), folder, programs)
    (folder / "demo" / "sql").symlink_to(ROOT / "sql")
    return folder / "demo", said


def test_the_demo_needs_nothing_and_says_where_everything_is(demo):
    folder, said = demo

    assert "How far applications came" in said
    assert "\n  cd demo\n" in said
    for name in ("hiring.duckdb", "hiring-report.html"):
        assert str(folder / name) in said
        assert (folder / name).stat().st_size > 10_000
    assert (folder / "hiring-report.html").stat().st_size < MOST_BYTES


@pytest.mark.parametrize(
    "block",
    [block for block in REST if not ASKS_A_PLATFORM.search(block.text)],
    ids=lambda block: f"{named(block.page)}: {block.text.splitlines()[0][2:50]}",
)
def test_what_to_look_at_after_the_demo(demo, programs, block):
    assert typed(script(block), demo[0], programs).strip()


@pytest.mark.parametrize(
    "block",
    [block for block in REST if ASKS_A_PLATFORM.search(block.text)],
    ids=lambda block: f"{named(block.page)}: {block.text.splitlines()[0][2:50]}",
)
def test_what_to_do_with_an_account(tmp_path, programs, block):
    shutil.copy(ROOT / "README.md", tmp_path)
    with serve(Company(seed=5, candidates=40, days=90), requests_per_minute=None) as server:
        limits = {f"SOURCES__{name}__REQUESTS_PER_MINUTE": "60000" for name in ("TALENT_RAY", "TAILED")}
        said = typed(script(block), tmp_path, programs, **server.environment(), **limits)

    assert "hiring.duckdb" in said
    assert (tmp_path / "hiring.duckdb").exists()
    assert (tmp_path / "README.md").read_text() == (ROOT / "README.md").read_text()


def test_every_example_has_an_answer_in_the_demo(demo):
    warehouse = open_warehouse(str(demo[0] / "hiring.duckdb"))
    lines = {
        path.stem: run_query(warehouse, path.read_text(), "csv").count("\n")
        for path in sorted((ROOT / "sql" / "analyses").glob("*.sql"))
    }

    assert len(lines) >= 20
    assert {name for name, count in lines.items() if count < 2} <= MAY_BE_EMPTY


def test_views_survive_another_name(demo, tmp_path):
    copied = shutil.copy(demo[0] / "hiring.duckdb", tmp_path / "of-last-week.duckdb")
    with duckdb.connect() as elsewhere:
        elsewhere.execute(f"attach '{copied}' as weekly (read_only)")
        views = elsewhere.execute(
            "select schema_name, view_name from duckdb_views() where database_name = 'weekly' and not internal"
        ).fetchall()
        for schema, view in views:
            elsewhere.execute(f'select count(*) from weekly."{schema}"."{view}"')

    assert {"answers", "staging", "intermediate"} == {schema for schema, _ in views}
    assert ("answers", "hiring_funnel") in views
