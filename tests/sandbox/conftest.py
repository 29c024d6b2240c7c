"""A company that stands still, and a way to ask its server."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from sandbox_asking import END, Asking

from connector.sandbox import Company, Server, Switches, serve


@pytest.fixture
def company() -> Company:
    return Company(seed=7, candidates=120, days=100, end=END)


@pytest.fixture(scope="session")
def address() -> Iterator[Server]:
    """One server for all tests: to start and stop one takes longer than most of them."""
    with serve(Company.light(candidates=1), requests_per_minute=None, clock="frozen") as running:
        yield running


@pytest.fixture
def server(address: Server, company: Company) -> Server:
    address.show(company)
    address.service.requests_per_minute = address.service.tailed_requests_per_minute = None
    return address


@pytest.fixture(scope="session")
def wire() -> Iterator[httpx.Client]:
    """One client for all tests: making one costs more than most tests do."""
    with httpx.Client(timeout=10, verify=False) as client:
        yield client


@pytest.fixture
def ask(server: Server, wire: httpx.Client) -> Asking:
    """Send a request with the default key of the platform, or another `key`; the answer as httpx has it."""

    def send(path: str, method: str = "GET", *, key: str | None = "", **more: Any) -> httpx.Response:
        if key == "":
            key = server.talent_ray_key if path.startswith("/api") else server.tailed_key
        headers = {"Authorization": f"Bearer {key}"} if key is not None else {}
        return wire.request(method, server.url + path, headers=headers | more.pop("headers", {}), **more)

    return send


@pytest.fixture
def switches(server: Server) -> Switches:
    return server.switches
