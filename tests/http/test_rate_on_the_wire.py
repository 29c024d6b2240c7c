"""The rate as a real server counts it, by its own clock, with real threads."""

from __future__ import annotations

import random
import threading
import time
from bisect import bisect_left
from typing import TYPE_CHECKING, Any

import pytest
from hostile_server import HostileServer, decode_page, reply

from connector.http.rate_limit import RateGate

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from connector.http.client import Client

LIST = "/api/v1/candidates"


class Counter:
    """Writes down when each request was heard, and refuses some by chance."""

    def __init__(self, refused_share: float = 0.0) -> None:
        self.heard: list[float] = []
        self.refused = 0
        self._share = refused_share
        self._chance = random.Random(7)

    def __call__(self, number: int, connection: socket.socket) -> bytes:
        self.heard.append(time.monotonic())
        if self._chance.random() < self._share:
            self.refused += 1
            return reply(b"", "429 X", Retry_After=self._chance.choice(["0", "0.1", "0.3"]))
        return reply(b'{"data":[]}')

    def most_in_a_window(self, window: float) -> int:
        heard = sorted(self.heard)
        return max(bisect_left(heard, first + window) - index for index, first in enumerate(heard))


def ask_from_threads(client: Client, requests: int, threads: int = 4) -> list[int]:
    statuses: list[int] = []

    def work() -> None:
        for _ in range(requests // threads):
            statuses.append(client.get(LIST, decode=decode_page).status)  # noqa: PERF401 - threads share the list

    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return statuses


def test_a_storm_of_refusals_is_weathered_below_the_limit(
    serve: Callable[..., HostileServer], client_of: Callable[..., Any]
) -> None:
    counter = Counter(refused_share=0.1)
    gate = RateGate(60, 1.0)

    statuses = ask_from_threads(client_of(serve(counter), gate=gate, sleep=lambda _: None), 100)

    assert statuses == [200] * 100
    assert counter.refused >= 5
    assert len(counter.heard) == 100 + counter.refused
    assert counter.most_in_a_window(1.0) <= 60


@pytest.mark.slow
def test_a_thousand_pages_at_600_a_minute_take_about_61_seconds_on_the_wire(
    serve: Callable[..., HostileServer], client_of: Callable[..., Any]
) -> None:
    counter = Counter()
    began = time.monotonic()

    ask_from_threads(client_of(serve(counter), gate=RateGate(600)), 1_000)

    assert counter.most_in_a_window(60.0) == 600
    assert 60.0 < time.monotonic() - began < 63.0
