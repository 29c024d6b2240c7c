"""Opens an account: client, rate gate, marks. Accounts that share a key share its rate."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from hashlib import blake2b
from typing import TYPE_CHECKING, Final

from connector.http.client import Client
from connector.http.rate_limit import RateGate
from connector.http.shared_file import share_file
from connector.reading.access import Access
from connector.reading.pages import Marker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.contract import Platform
    from connector.privacy import Policy
    from connector.reading.known import Known
    from pipelines.settings import AccountSettings
    from pipelines.tell import Tell

TYPING_VERSION: Final = "1"
"""Raised when records come to be typed in another way, so that unchanged ones are parsed once more."""


class Gates:
    """One rate gate for each key and host of this run."""

    def __init__(self) -> None:
        self._gates: dict[str, RateGate] = {}
        self._lock = threading.Lock()

    def of(self, account: AccountSettings) -> RateGate:
        """The gate of the account's key."""
        path = share_file(account.key, account.base_url)
        with self._lock:
            if path.name not in self._gates:
                self._gates[path.name] = RateGate(account.requests_per_minute, share_file=path)
            return self._gates[path.name]


@contextmanager
def access_to(
    account: AccountSettings, known: Known, policy: Policy, gates: Gates, tell: Tell, stop: threading.Event
) -> Iterator[Access]:
    """Open the account; connections and threads are closed at the end."""
    manners = account.platform.manners
    gate = gates.of(account)
    client = Client(
        account.base_url,
        account.key,
        platform=account.platform.name,
        gate=gate,
        header=manners.auth_header,
        scheme=manners.auth_scheme,
        stop=stop,
    )
    public = Client(account.base_url, None, platform=account.platform.name, gate=gate, stop=stop)
    marker = Marker(
        account.key.derive("record marks"), f"{policy.fingerprint}:{TYPING_VERSION}:{contract_digest(account)}"
    )
    access = Access(
        platform=account.platform,
        account=account.account,
        client=client,
        public_client=public,
        known=known,
        policy=policy,
        marker=marker,
        base_url=account.base_url,
        parents=account.parents,
        rename=account.rename,
        manners=account.manners,
        progress=lambda stream, done, expected: tell.progress(account.stream_name(stream), done, expected),
        stop=stop,
    )
    try:
        yield access
    finally:
        access.pool.shutdown(wait=True, cancel_futures=True)
        client.close()
        public.close()


def contract_digest(account: AccountSettings) -> str:
    """Changes when a declared column, its type, its privacy class or its API name does."""
    return blake2b(repr([_columns(account.platform), dict(account.rename)]).encode(), digest_size=8).hexdigest()


def _columns(platform: Platform) -> list[tuple[str, str, str, str, str]]:
    return [
        (table.name, column.name, column.field, column.kind, column.privacy)
        for table in platform.tables
        for column in table.columns
    ]
