"""Talent-Ray behind a transport that answers as a test says; nothing waits, nothing is known."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx

from connector.http.secret import Secret
from connector.platforms.talent_ray import TALENT_RAY
from connector.privacy import Policy, Profile
from connector.reading.known import NothingKnown
from connector.reading.opening import opened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from connector.reading.access import Access


@contextmanager
def answering(handler: Callable[[httpx.Request], httpx.Response]) -> Iterator[Access]:
    """An access whose requests the handler answers."""
    options: dict[str, Any] = {"transport": httpx.MockTransport(handler), "sleep": lambda _: None}
    with opened(
        TALENT_RAY,
        "default",
        base_url="http://127.0.0.1:9",
        key=Secret("tr_" + "0" * 64),
        requests_per_minute=10**6,
        known=NothingKnown(),
        policy=Policy(Profile.FULL),
        **options,
    ) as access:
        yield access
