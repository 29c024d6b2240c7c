"""The dlt sources `talent_ray()` and `tailed()`; this package is the only one here that knows dlt.

```python
import dlt
from connector import talent_ray

pipeline = dlt.pipeline("hiring", destination="duckdb", dataset_name="talent_ray")
pipeline.run(talent_ray(), loader_file_format="parquet")
```

Settings come from dlt's configuration (`SOURCES__TALENT_RAY__API_KEY`) or as arguments. A source fills one table for
each raw table, and tables named `meta_...` by which the next run knows what this one read.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import dlt

from connector import ledger
from connector.http.hosts import allowed_base_url
from connector.http.secret import Secret
from connector.platforms import TAILED, TALENT_RAY
from connector.privacy import Policy, Profile
from connector.reading.account import Wishes, read_account
from connector.reading.opening import opened
from connector.sources.known import KnownInDataset
from connector.sources.loading import configure_dlt, merged_resource, raw_resource

if TYPE_CHECKING:
    from dlt.extract import DltResource

    from connector.contract import Platform
    from connector.reading.harvest import Harvest

LEDGER_PREFIX = "meta_"


@dlt.source(name="talent_ray", section="talent_ray", max_table_nesting=0)
def talent_ray(
    api_key: str = dlt.secrets.value,
    base_url: str = TALENT_RAY.base_url,
    requests_per_minute: int = TALENT_RAY.requests_per_minute,
    cv_screening_batch_ids: Sequence[str] = (),
    portal_slugs: Sequence[str] = (),
    streams: Sequence[str] = (),
    account: str = "default",
    profile: str = Profile.MINIMAL,
    pseudonym_key: str | None = None,
) -> list[Any]:
    """Talent-Ray as a dlt source: all versions of all rows, only what changed is sent.

    `streams` names the streams to read (all, when empty); the other arguments are the settings of the same names.
    Raises the errors of `connector.errors`; what concerns one stream alone is told in `meta_sweeps`.
    """
    parents = {"cv_screening_batch_ids": tuple(cv_screening_batch_ids), "portal_slugs": tuple(portal_slugs)}
    policy = _policy(profile, pseudonym_key)
    reading = _Reading(TALENT_RAY, account, api_key, base_url, requests_per_minute, parents, streams, policy)
    return reading.resources()


@dlt.source(name="tailed", section="tailed", max_table_nesting=0)
def tailed(
    api_key: str = dlt.secrets.value,
    base_url: str = TAILED.base_url,
    requests_per_minute: int = TAILED.requests_per_minute,
    streams: Sequence[str] = (),
    account: str = "default",
    profile: str = Profile.MINIMAL,
    pseudonym_key: str | None = None,
) -> list[Any]:
    """Tailed as a dlt source; arguments and errors as those of `talent_ray`."""
    policy = _policy(profile, pseudonym_key)
    reading = _Reading(TAILED, account, api_key, base_url, requests_per_minute, {}, streams, policy)
    return reading.resources()


def _policy(profile: str, pseudonym_key: str | None) -> Policy:
    return Policy(Profile(profile), None if pseudonym_key is None else pseudonym_key.encode())


class _Reading:
    """One reading, begun when dlt asks for the first row, shared by all tables of the source."""

    def __init__(
        self,
        platform: Platform,
        account: str,
        api_key: str,
        base_url: str,
        requests_per_minute: int,
        parents: dict[str, tuple[str, ...]],
        streams: Sequence[str],
        policy: Policy,
    ) -> None:
        self.platform = platform
        self.account = account
        self.key = Secret(api_key)
        self.base_url = allowed_base_url(base_url, platform.hosts)
        self.requests_per_minute = requests_per_minute
        self.parents = parents
        self.streams = tuple(streams) or tuple(
            stream.name
            for stream in platform.streams
            if (parents.get(stream.parent_setting) if stream.parent_setting else stream.on_by_default)
        )
        self.policy = policy
        self._lock = threading.Lock()
        self._harvest: Harvest | None = None
        self._ledger: dict[str, Any] = {}

    def resources(self) -> list[DltResource]:
        """A resource for each raw table and each table of the ledger."""
        configure_dlt()
        raw = [raw_resource(table, self._rows(table.name)) for table in self.platform.tables]
        notes = [
            merged_resource(f"{LEDGER_PREFIX}{name}", self._notes(name), key) for name, (_, key) in _ledger_tables()
        ]
        return [*raw, *notes]

    def _rows(self, table: str) -> Iterator[Any]:
        yield from self._read().tables.get(table, [])

    def _notes(self, table: str) -> Iterator[Any]:
        self._read()
        yield self._ledger[table]

    def _read(self) -> Harvest:
        with self._lock:
            if self._harvest is None:
                pipeline = dlt.current.pipeline()
                known = KnownInDataset(pipeline, self.platform.name, self.account, ledger_prefix=LEDGER_PREFIX)
                with opened(
                    self.platform,
                    self.account,
                    base_url=self.base_url,
                    key=self.key,
                    requests_per_minute=self.requests_per_minute,
                    known=known,
                    policy=self.policy,
                    parents=self.parents,
                ) as access:
                    self._harvest = read_account(access, self.streams, Wishes())
                refresh_id = secrets.token_hex(8)
                self._ledger = ledger.entries(refresh_id, [self._harvest], policy=self.policy.fingerprint)
            return self._harvest


def _ledger_tables() -> list[tuple[str, tuple[dict[str, Any], tuple[str, ...]]]]:
    return [(name, table) for name, table in ledger.TABLES.items() if name not in {"erasures", "formats"}]


__all__ = ["tailed", "talent_ray"]
