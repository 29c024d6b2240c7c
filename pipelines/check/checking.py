"""All checks, account by account, then the warehouse."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from connector.platforms.assumed import AssumedManners
from connector.reading.known import NothingKnown
from connector.reading.opening import opened
from pipelines.accounts import gates_of
from pipelines.check.assumed import check_assumptions
from pipelines.check.documented import check_documented
from pipelines.check.place import check_warehouse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from connector.reading.access import Access
    from connector.reading.assumption import Finding
    from connector.reading.opening import Gates
    from pipelines.settings import AccountSettings, Settings

FAILURE_SECONDS = 60.0
"""What failures may cost before a check gives up on a platform; a refresh has more patience."""


def check(settings: Settings, stop: threading.Event | None = None) -> list[Finding]:
    """Look at everything a refresh relies on; asks a few small requests of each list and changes nothing."""
    gates, found = gates_of(settings.accounts), []
    for account in settings.accounts:
        found += [replace(finding, account=account.name) for finding in _check_account(account, settings, gates, stop)]
    return [*found, *check_warehouse(settings.warehouse)]


def _check_account(
    account: AccountSettings, settings: Settings, gates: Gates, stop: threading.Event | None
) -> Iterator[Finding]:
    assumed = isinstance(account.platform.manners, AssumedManners)
    checks: Callable[[AccountSettings, Access], Iterable[Finding]] = check_assumptions if assumed else check_documented
    with opened(
        account.platform,
        account.account,
        base_url=account.base_url,
        key=account.key,
        requests_per_minute=account.requests_per_minute,
        known=NothingKnown(),
        policy=settings.policy,
        gates=gates,
        parents=account.parents,
        rename=account.rename,
        manners=account.manners,
        stop=stop,
        key_setting=account.key_setting,
        ca_file=account.ca_file,
        proxy=account.proxy,
        budget_seconds=FAILURE_SECONDS,
    ) as access:
        yield from checks(account, access)
