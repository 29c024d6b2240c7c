"""Servers and clients for the tests of the HTTP room."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hostile_server import CANARY_KEY, DreamClock, HostileServer

from connector.http.client import Client
from connector.http.rate_limit import RateGate
from connector.http.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def serve() -> Iterator[Callable[..., HostileServer]]:
    """Starts servers; they end with the test."""
    servers: list[HostileServer] = []

    def start(script: Any, **more: Any) -> HostileServer:
        servers.append(HostileServer(script if callable(script) else lambda number, connection: script, **more))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def client_of() -> Iterator[Callable[..., Client]]:
    """Makes clients that sleep between tries only in their dreams; `naps` holds the seconds."""
    clients: list[Client] = []

    def make(target: HostileServer | str, **more: Any) -> Client:
        naps: list[float] = []
        clock = DreamClock()
        options: dict[str, Any] = {
            "platform": "talent_ray",
            "gate": RateGate(10_000, clock=clock, sleep=clock.sleep),
            "deadline_seconds": 5.0,
            "sleep": naps.append,
        }
        url = target if isinstance(target, str) else target.url
        client = Client(url, Secret(CANARY_KEY), **{**options, **more})
        client.naps = naps
        clients.append(client)
        return client

    yield make
    for client in clients:
        client.close()
