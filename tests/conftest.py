"""A company to read, and a way to run the main job against it in this process."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import settings

import pipelines  # noqa: F401 - switches telemetry off before dlt is imported
from connector.sandbox import Company, Server, serve
from pipelines.refresh import Options, Outcome, refresh
from pipelines.tell import Teller

Refresh = Callable[..., Outcome]
settings.register_profile("no clock", deadline=None)  # a busy machine is not a failure
settings.load_profile("no clock")
END = datetime(2026, 3, 4, 9, tzinfo=UTC)
"""The day on which companies of tests stand: what happens to them does not hang on the day of the test."""
PROOFS = ("proofs", "scenarios", "crash", "mutants")
"""Folders of tests that refresh whole warehouses many times: minutes each, so they are slow by where they are."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the proofs as slow."""
    for item in items:
        if item.path.parent.name in PROOFS:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(autouse=True)
def no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Tests see no settings but their own, and write into a folder of their own."""
    for name in list(os.environ):
        if name.startswith(("SOURCES__", "PRIVACY__", "WAREHOUSE", "REPORT_TIMEZONE")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def company() -> Company:
    """A small company with some months behind it."""
    return Company(seed=11, candidates=40, days=90, end=END)


@pytest.fixture
def server(company: Company, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """The company's two APIs on loopback, and the settings that point there."""
    with serve(company, requests_per_minute=None, tailed_requests_per_minute=None, clock="frozen") as running:
        for name, value in running.environment().items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("SOURCES__TALENT_RAY__REQUESTS_PER_MINUTE", "60000")
        monkeypatch.setenv("SOURCES__TAILED__REQUESTS_PER_MINUTE", "60000")
        yield running


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    """Where the tests' warehouse is."""
    return tmp_path / "hiring.duckdb"


@pytest.fixture
def run(server: Server, warehouse: Path) -> Refresh:
    """Refresh the warehouse from the company; models are left out unless asked for, because they take long."""

    def once(**options: Any) -> Outcome:
        wanted = Options(**{"warehouse": str(warehouse), "skip_build": True} | options)
        return refresh(wanted, Teller(quiet=True), threading.Event())

    return once


@pytest.fixture
def ask(warehouse: Path) -> Callable[[str], list[tuple[Any, ...]]]:
    """The rows that answer a query on the published warehouse."""

    def rows(query: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(warehouse), read_only=True) as connection:
            connection.execute("set timezone = 'UTC'")
            return connection.execute(query).fetchall()

    return rows


@pytest.fixture
def dlt_folder(tmp_path: Path) -> Iterator[Path]:
    """A `.dlt` folder where the tests run, and a way for dlt to see it: it looks for its files once."""
    from dlt.common.configuration.container import Container
    from dlt.common.configuration.specs.pluggable_run_context import PluggableRunContext

    context = Container()[PluggableRunContext]
    folder = tmp_path / ".dlt"
    folder.mkdir()
    yield folder
    context.reload(str(Path(__file__).parents[1]))
