"""Opens an account: client, rate gate, marks. Accounts that share a key share its rate."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final

from connector.http.client import Client
from connector.http.rate_limit import RateGate
from connector.http.shared_file import share_file
from connector.http.too_many import TooMany
from connector.platforms.assumed import AssumedManners
from connector.reading.access import Access, Progress, silent
from connector.reading.pages import Marker

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from connector.contract import Manners, Platform
    from connector.http.secret import Secret
    from connector.privacy import Policy
    from connector.reading.known import Known

LOOK_UP_SECONDS: Final = 0.25
TYPING_VERSION: Final = "1"
"""Raised when records come to be typed in another way, so that unchanged ones are parsed once more."""


class LinkedStop(threading.Event):
    """An account's own stop, which is also set when the run's is: one account that fails does not stop the others."""

    def __init__(self, run: threading.Event) -> None:
        super().__init__()
        self._run = run

    def is_set(self) -> bool:
        """Whether this account or the whole run is to stop."""
        return super().is_set() or self._run.is_set()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is set, looking up now and then for the run's own."""
        ends = None if timeout is None else time.monotonic() + timeout
        while not self.is_set():
            left = LOOK_UP_SECONDS if ends is None else min(LOOK_UP_SECONDS, ends - time.monotonic())
            if left <= 0:
                break
            super().wait(left)
        return self.is_set()


class Gates:
    """One rate gate for each key and host of this run; other processes share it through a file.

    `limits` tells the rates of accounts that will be opened, so that of two with one key the lower rate holds.
    """

    def __init__(self, limits: Iterable[tuple[Secret, str, int]] = ()) -> None:
        self._gates: dict[str, RateGate] = {}
        self._lock = threading.Lock()
        self._lowest: dict[str, int] = {}
        for key, base_url, limit in limits:
            name = share_file(key, base_url).name
            self._lowest[name] = min(limit, self._lowest.get(name, limit))

    def of(self, key: Secret, base_url: str, requests_per_minute: int) -> RateGate:
        """The gate of a key."""
        path = share_file(key, base_url)
        with self._lock:
            if path.name not in self._gates:
                limit = min(requests_per_minute, self._lowest.get(path.name, requests_per_minute))
                self._gates[path.name] = RateGate(limit, share_file=path)
            return self._gates[path.name]


@contextmanager
def opened(
    platform: Platform,
    account: str,
    *,
    base_url: str,
    key: Secret,
    requests_per_minute: int,
    known: Known,
    policy: Policy,
    gates: Gates | None = None,
    parents: Mapping[str, Sequence[str]] | None = None,
    rename: Mapping[str, Mapping[str, str]] | None = None,
    manners: Mapping[str, Manners] | None = None,
    progress: Progress = silent,
    stop: threading.Event | None = None,
    **client_options: Any,
) -> Iterator[Access]:
    """Open the account; connections and threads are closed at the end."""
    stop = LinkedStop(stop or threading.Event())
    gate = (gates or Gates()).of(key, base_url, requests_per_minute)
    options: dict[str, Any] = {"platform": platform.name, "gate": gate, "stop": stop} | client_options
    manner = platform.manners
    if isinstance(manner, AssumedManners):
        options["too_many"] = TooMany(manner.rate_status, manner.rate_header, assumed=True)
    client = Client(base_url, key, header=manner.auth_header, scheme=manner.auth_scheme, **options)
    public = Client(base_url, None, **options)
    digest = contract_digest(platform, rename or {})
    marker = Marker(key.derive("record marks"), f"{policy.fingerprint}:{TYPING_VERSION}:{digest}")
    access = Access(
        platform=platform,
        account=account,
        client=client,
        public_client=public,
        known=known,
        policy=policy,
        marker=marker,
        base_url=base_url,
        parents=parents or {},
        rename=rename or {},
        manners=manners or {},
        progress=progress,
        stop=stop,
    )
    try:
        yield access
    finally:
        access.pool.shutdown(wait=True, cancel_futures=True)
        client.close()
        public.close()


def contract_digest(platform: Platform, rename: Mapping[str, Mapping[str, str]]) -> str:
    """Changes when a declared column, its type, its privacy class, its API name or the mark of deletion does."""
    columns = [
        (table.name, column.name, column.field, column.kind, column.privacy)
        for table in platform.tables
        for column in table.columns
    ]
    marks = [(stream.name, stream.deleted_at) for stream in platform.streams]
    return blake2b(repr([columns, marks, sorted(rename.items(), key=str)]).encode(), digest_size=8).hexdigest()
