"""A small company, and a folder that is to become a lake."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from connector.http.secret import Secret
from connector.http.shared_file import share_file
from connector.sandbox import Company, Server, Switches
from pipelines.lake import Lake
from pipelines.refresh import Options, Outcome, refresh
from pipelines.tell import Teller
from tests.scenarios.town import company, served, settings


@pytest.fixture(scope="session")
def api() -> Iterator[Server]:
    with served() as server:
        yield server


@pytest.fixture
def small(api: Server, monkeypatch: pytest.MonkeyPatch) -> Company:
    """The small company, shown by the APIs; settings point there."""
    shown = company(candidates=15, days=40)
    api.show(shown, Switches())
    for key in (api.talent_ray_key, api.tailed_key):
        share_file(Secret(key), api.url).unlink(missing_ok=True)
    for name, value in settings(api).items():
        monkeypatch.setenv(name, value)
    return shown


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the lake is."""
    place = tmp_path / "lake"
    monkeypatch.setenv("DESTINATION__FILESYSTEM__BUCKET_URL", str(place))
    return place


@pytest.fixture
def lake(folder: Path) -> Lake:
    assert not folder.exists()
    return Lake()


@pytest.fixture
def run(folder: Path, small: Company) -> Callable[..., Outcome]:
    return refreshed


def refreshed(warehouse: str = "filesystem", **options: Any) -> Outcome:
    """Refresh in this process; models are left out unless asked for, because they take long."""
    wanted = Options(**{"warehouse": warehouse, "skip_build": True} | options)
    return refresh(wanted, Teller(quiet=True), threading.Event())
