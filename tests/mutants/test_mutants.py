"""Every slip of the table is noticed by a test that is named beside it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.mutants.mutants import ABSENCE, CHANGES, FAN_OUT, HOSTILE, MUTANTS, PUBLISH, RECORDS, SLIPS, SWEEP

ROOT = Path(__file__).parents[2]
PARTS = ("connector", "pipelines", "sql", "tests", "pyproject.toml")
PATIENCE_SECONDS = 600
PURE = (SWEEP, HOSTILE, SLIPS, ABSENCE, FAN_OUT, CHANGES, RECORDS)


@pytest.fixture(scope="session")
def tree(tmp_path_factory):
    """A copy of the program and its tests, to spoil."""
    folder = tmp_path_factory.mktemp("mutants")
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, folder / part, ignore=shutil.ignore_patterns("__pycache__", "target", "logs"))
        else:
            shutil.copy(source, folder / part)
    return folder


def quickly(tests):
    """The options that spare the fixtures of the main job, where the tests need none: importing dlt takes seconds."""
    rooms = {str(Path(test.split("::")[0]).parent) for test in tests.split()}
    if all(test.startswith((*PURE, PUBLISH)) for test in tests.split()):
        return ["--noconftest", "-m", "not slow"]
    return ["--confcutdir=tests/http", "-m", "not slow"] if rooms == {"tests/http"} else []


def run_in(tree, tests, patience_seconds=PATIENCE_SECONDS):
    """Run the named tests in the tree; the first failure ends it."""
    environment = os.environ | {"PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    words = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *quickly(tests), *tests.split()]
    return subprocess.run(
        words, cwd=tree, env=environment, capture_output=True, text=True, timeout=patience_seconds, check=False
    )


def test_the_named_tests_pass_where_nothing_is_spoilt(tree):
    by_option = {}
    for mutant in MUTANTS:
        by_option.setdefault(tuple(quickly(mutant.tests)), set()).update(mutant.tests.split())
    for tests in by_option.values():
        run = run_in(tree, " ".join(sorted(tests)))

        assert run.returncode == 0, run.stdout[-3000:]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_slip_is_noticed(tree, mutant, capsys):
    path = tree / mutant.file
    text = path.read_text()
    assert text.count(mutant.old) == 1
    path.write_text(text.replace(mutant.old, mutant.new))
    try:
        run = run_in(tree, mutant.tests)
    finally:
        path.write_text(text)

    killers = re.findall(r"^(?:FAILED|ERROR) \S*?::(\w+)", run.stdout, re.MULTILINE)
    with capsys.disabled():
        print(f"\n{mutant.name}: {killers[0] if killers else 'NOT NOTICED'}")
    assert run.returncode == 1, run.stdout[-2000:]
    assert killers
