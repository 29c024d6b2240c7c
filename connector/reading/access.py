"""How one account is reached, and the rules by which what it sends is kept."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from connector.contract import Manners, Platform, Stream
from connector.http.client import Client
from connector.privacy import Policy
from connector.reading.known import Known
from connector.reading.pages import Marker

Progress = Callable[[str, int, int | None], None]
"""Told the stream, how many requests are done, and how many are expected (None when unknown)."""


def silent(stream: str, done: int, expected: int | None) -> None:
    """Tell nobody."""
    del stream, done, expected


@dataclass(frozen=True)
class Access:
    """One account of one platform: its client, its settings, what the warehouse knows of it.

    `public_client` sends no key, for endpoints that take none. `parents` holds the ids that settings list
    (`cv_screening_batch_ids`, `portal_slugs`). `rename` gives, by stream, the API's name of a field; `manners` what one
    stream does in its own way. `ahead` is how many windows of one list may be asked before the reply is in.
    """

    platform: Platform
    account: str
    client: Client
    known: Known
    policy: Policy
    marker: Marker
    base_url: str
    public_client: Client | None = None
    parents: Mapping[str, Sequence[str]] = field(default_factory=dict)
    rename: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    manners: Mapping[str, Manners] = field(default_factory=dict)
    progress: Progress = silent
    in_flight: int = 4
    ahead: int = 3
    stop: threading.Event = field(default_factory=threading.Event)
    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(4, "request"))

    def manners_of(self, stream: Stream) -> Manners:
        """How the API carries pages of this stream."""
        return self.manners.get(stream.name, self.platform.manners)

    def client_for(self, stream: Stream) -> Client:
        """The client for a stream: public endpoints get none of our key."""
        return self.public_client if stream.public and self.public_client is not None else self.client
