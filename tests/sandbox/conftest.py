"""A company that stands still, and a way to ask its server."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from sandbox_asking import END, Asking

from connector.sandbox import Company, Server, Switches, serve


@pytest.fixture
def company() -> Company:
    return Company(seed=7, candidates=120, days=120, end=END)


@pytest.fixture
def server(company: Company) -> Iterator[Server]:
    with serve(company, requests_per_minute=None, tailed_requests_per_minute=None, clock="frozen") as running:
        yield running


@pytest.fixture
def ask(server: Server) -> Iterator[Asking]:
    """Send a request with the default key of the platform, or another `key`; the answer as httpx has it."""
    with httpx.Client(base_url=server.url, timeout=10) as client:

        def send(path: str, method: str = "GET", *, key: str | None = "", **more: Any) -> httpx.Response:
            if key == "":
                key = server.talent_ray_key if path.startswith("/api") else server.tailed_key
            headers = {"Authorization": f"Bearer {key}"} if key is not None else {}
            return client.request(method, path, headers=headers | more.pop("headers", {}), **more)

        yield send


@pytest.fixture
def switches(server: Server) -> Switches:
    return server.switches
