"""A server, a database for each test, a company, and a way to refresh the one from the other."""

from __future__ import annotations

import os
import secrets
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from connector.http.secret import Secret
from connector.http.shared_file import share_file
from connector.sandbox import Company, Server, Switches
from pipelines.refresh import Options, Outcome, refresh
from pipelines.tell import Teller
from tests.postgres.cluster import Cluster, programs, running
from tests.scenarios.town import company, served, settings

SMALL = {"candidates": 15, "days": 40}
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.server)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    binaries = programs()
    if binaries is None:
        pytest.skip("no PostgreSQL server is installed (Debian: apt-get install postgresql)")
    with running(binaries) as started:
        yield started


@pytest.fixture(scope="session")
def api() -> Iterator[Server]:
    """The two APIs at one address for all tests; each shows a company of its own there."""
    with served() as server:
        yield server


@pytest.fixture(scope="session")
def loaded(cluster: Cluster, api: Server) -> str:
    """A database after one refresh of the small company, to make others of."""
    name = "loaded"
    cluster.ask("postgres", f"create database {name}")
    api.show(company(**SMALL), Switches())
    with mock.patch.dict(os.environ, settings(api)):
        assert refreshed(cluster.url(name)).exit_status == 0
    return name


@pytest.fixture
def small(api: Server, monkeypatch: pytest.MonkeyPatch) -> Company:
    """The small company, shown by the APIs; settings point there."""
    shown = company(**SMALL)
    api.show(shown, Switches())
    for key in (api.talent_ray_key, api.tailed_key):
        share_file(Secret(key), api.url).unlink(missing_ok=True)
    for name, value in settings(api).items():
        monkeypatch.setenv(name, value)
    return shown


@pytest.fixture
def empty(cluster: Cluster) -> Iterator[str]:
    """The name of an empty database."""
    yield from _database(cluster)


@pytest.fixture
def database(cluster: Cluster, loaded: str, small: Company) -> Iterator[str]:
    """The name of a database that knows the small company."""
    yield from _database(cluster, loaded)


def _database(cluster: Cluster, template: str = "template0") -> Iterator[str]:
    name = f"test_{secrets.token_hex(4)}"
    cluster.ask("postgres", f"create database {name} template {template}")
    yield name
    cluster.ask("postgres", f"drop database {name} with (force)")


@pytest.fixture
def ask(cluster: Cluster, database: str) -> Callable[..., list[tuple[Any, ...]]]:
    """The rows that answer a query on the test's database."""
    return lambda query, *values: cluster.ask(database, query, *values)


@pytest.fixture
def run(cluster: Cluster, database: str) -> Callable[..., Outcome]:
    """Refresh the test's database; models are left out unless asked for, because they take long."""
    return lambda **options: refreshed(cluster.url(database), **options)


def refreshed(warehouse: str, **options: Any) -> Outcome:
    """Refresh a warehouse in this process."""
    wanted = Options(**{"warehouse": warehouse, "skip_build": True} | options)
    return refresh(wanted, Teller(quiet=True), threading.Event())
