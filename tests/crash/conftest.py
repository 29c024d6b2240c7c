"""A company at an address, a warehouse that knows it, and a zygote whose children can be killed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from unittest import mock

import pytest

from connector.http.secret import Secret
from connector.http.shared_file import share_file
from tests.crash.zygote import OneProcess, Zygote
from tests.scenarios.town import Switches, Town, company, copied, later, served, settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from connector.sandbox import Server

SMALL = {"candidates": 15, "days": 40}


@pytest.fixture(scope="session")
def address() -> Iterator[Server]:
    with served() as server:
        yield server


@pytest.fixture(scope="session")
def zygote() -> Iterator[Zygote]:
    with Zygote() as running:
        yield running


@pytest.fixture(scope="session")
def one_process() -> Iterator[OneProcess]:
    with OneProcess() as running:
        yield running


@pytest.fixture(scope="session")
def first_refresh(address: Server, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse after one refresh of the company."""
    folder = tmp_path_factory.mktemp("first")
    address.show(company(**SMALL), Switches())
    with mock.patch.dict(os.environ, settings(address)):
        town = Town(address, folder / "hiring.duckdb")
        assert town.run().exit_status == 0
    return town.warehouse


@pytest.fixture(autouse=True)
def a_rate_limit_without_a_past(address: Server) -> None:
    """A test that made the server refuse closes the gate for those after it: they share a key, so they share a file."""
    for key in (address.talent_ray_key, address.tailed_key):
        share_file(Secret(key), address.url).unlink(missing_ok=True)


@pytest.fixture
def town(
    address: Server,
    first_refresh: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Town:
    """The company an hour after the first refresh, and the warehouse as that left it."""
    address.show(company(**SMALL), Switches())
    for name, value in settings(address).items():
        monkeypatch.setenv(name, value)
    found = Town(address, copied(first_refresh, tmp_path / "warehouse"), capsys)
    later(address.company, hours=1)
    return found
