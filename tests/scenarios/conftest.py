"""One server for all scenarios of a process, and one first refresh, copied for each test that begins after it."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest

from connector.http.secret import Secret
from connector.http.shared_file import share_file
from tests.scenarios.town import Switches, Town, company, copied, later, served, settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from connector.sandbox import Server


ADDRESSES = {"socket.connect": 1, "socket.getaddrinfo": 0, "socket.gethostbyname": 0, "socket.sendto": 1}
_watched: list[list[Any]] = []


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event in ADDRESSES and _watched:
        _watched[-1].append(arguments[ADDRESSES[event]])


sys.addaudithook(_watch)  # hooks cannot be taken back; while nobody watches this one does nothing


@pytest.fixture
def connections() -> Iterator[list[Any]]:
    """Every address that this process connects to, or asks for, in the test."""
    _watched.append([])
    yield _watched[-1]
    _watched.pop()


@pytest.fixture(scope="session")
def address() -> Iterator[Server]:
    with served() as server:
        yield server


@pytest.fixture(scope="session")
def first_refresh(address: Server, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse after one refresh of the company."""
    folder = tmp_path_factory.mktemp("first")
    address.show(company(), Switches())
    with mock.patch.dict(os.environ, settings(address)):
        town = Town(address, folder / "hiring.duckdb")
        assert town.run().exit_status == 0
        assert town.differences() == {}
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
    address.show(company(), Switches())
    for name, value in settings(address).items():
        monkeypatch.setenv(name, value)
    found = Town(address, copied(first_refresh, tmp_path / "warehouse"), capsys)
    later(address.company, hours=1)
    return found


@pytest.fixture
def new_town(
    address: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Town:
    """The company and no warehouse yet."""
    address.show(company(), Switches())
    for name, value in settings(address).items():
        monkeypatch.setenv(name, value)
    folder = tmp_path / "warehouse"
    folder.mkdir(mode=0o700)
    return Town(address, folder / "hiring.duckdb", capsys)
