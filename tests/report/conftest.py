"""A small warehouse of reports, and the page made of it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import pytest

from pipelines.report import write_report
from pipelines.warehouse import open_warehouse
from tests.report.made_up_rows import small_world
from tests.report.page_reading import ReadPage

TODAY = dt.datetime(2026, 5, 21, 8, 0, tzinfo=dt.UTC)


@pytest.fixture(scope="session")
def reported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with two sources, hostile names, undated rows and small numbers."""
    return small_world(tmp_path_factory.mktemp("reported") / "hiring.duckdb").save()


@pytest.fixture(scope="session")
def page_file(reported: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_report(open_warehouse(str(reported)), tmp_path_factory.mktemp("page") / "report.html", today=TODAY)


@pytest.fixture(scope="session")
def page(page_file: Path) -> ReadPage:
    return ReadPage(page_file.read_text(encoding="utf-8"))


@pytest.fixture
def ask_reported(reported: Path):
    """Asks the file directly, past all of our own code."""

    def ask(sql: str) -> list[tuple]:
        with duckdb.connect(str(reported), read_only=True) as database:
            database.execute("set timezone = 'UTC'")
            return database.execute(sql).fetchall()

    return ask
