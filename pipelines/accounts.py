"""Opens an account as the settings describe it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.reading.opening import Gates, opened

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterable
    from contextlib import AbstractContextManager

    from connector.privacy import Policy
    from connector.reading.access import Access
    from connector.reading.known import Known
    from pipelines.settings import AccountSettings
    from pipelines.tell import Tell


def access_to(
    account: AccountSettings, known: Known, policy: Policy, gates: Gates, tell: Tell, stop: threading.Event
) -> AbstractContextManager[Access]:
    """Open the account; connections and threads are closed at the end."""
    return opened(
        account.platform,
        account.account,
        base_url=account.base_url,
        key=account.key,
        requests_per_minute=account.requests_per_minute,
        known=known,
        policy=policy,
        gates=gates,
        parents=account.parents,
        rename=account.rename,
        manners=account.manners,
        progress=lambda stream, done, expected: tell.progress(account.stream_name(stream), done, expected),
        stop=stop,
        key_setting=account.key_setting,
        ca_file=account.ca_file,
        proxy=account.proxy,
    )


def gates_of(accounts: Iterable[AccountSettings]) -> Gates:
    """The gates of a run that opens these accounts."""
    return Gates((account.key, account.base_url, account.requests_per_minute) for account in accounts)


__all__ = ["Gates", "access_to", "gates_of"]
