"""The command line as schedulers run it: the program of the environment that the tests run in."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from connector.sandbox import Company

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def program() -> Path:
    """`hiring-elt` beside the Python that runs the tests."""
    found = Path(sys.executable).with_name("hiring-elt")
    assert found.is_file(), "Run `make setup` first."
    return found


@pytest.fixture
def company() -> Company:
    """A company of today: the schedulers ask `status` how old things are."""
    return Company(seed=11, candidates=40, days=90)


@pytest.fixture
def environment(server) -> dict[str, str]:
    """The settings that lead to the sandbox, and this tree as the one to run; nothing else of ours."""
    return server.environment() | {
        "PYTHONPATH": str(ROOT),
        "SOURCES__TALENT_RAY__REQUESTS_PER_MINUTE": "60000",
        "SOURCES__TAILED__REQUESTS_PER_MINUTE": "60000",
    }
