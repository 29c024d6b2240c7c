"""Which accounts and streams a command is about: `--platform`, `--account`, `--select`, refused where they fit none."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from connector.errors import UsageError
from connector.platforms import PLATFORMS
from pipelines.overrides import short_name
from pipelines.setting_values import env_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from connector.contract import Platform, Stream
    from pipelines.settings import AccountSettings


def chosen_platforms(names: Sequence[str]) -> list[Platform]:
    """The platforms of these names, all without any; raises UsageError for a name that is none."""
    for name in names:
        if name not in PLATFORMS:
            raise UsageError(
                f"There is no platform {name!r}.", f"Choose from {', '.join(PLATFORMS)}.", setting="--platform"
            )
    return [platform for name, platform in PLATFORMS.items() if not names or name in names]


def chosen_accounts(found: Sequence[AccountSettings], names: Sequence[str]) -> list[AccountSettings]:
    """The accounts of these names (`acme`, or as in output: `tailed.acme`); raises UsageError for a name of none."""
    for name in names:
        if found and not any(name in (one.account, one.name) for one in found):
            listed = ", ".join(f"{one.account} (of {one.platform.title})" for one in found)
            raise UsageError(f"There is no account {name!r}.", f"Choose from {listed}.", setting="--account")
    return [one for one in found if not names or one.account in names or one.name in names]


def with_selected(found: Sequence[AccountSettings], names: Sequence[str]) -> list[AccountSettings]:
    """The accounts with the streams that `--select` names, as `roles`, `talent_ray.roles` or `talent_ray.acme.roles`.

    A table stands for the stream that fills it. Accounts of which nothing is selected are left out. Raises UsageError
    for a name that fits nothing, and for a stream that is off everywhere.
    """
    if not names:
        return list(found)
    wanted: dict[str, set[str]] = {one.name: set() for one in found}
    for name in names:
        *whose, last = name.split(".")
        of = [one for one in found if _is_whose(one, whose)]
        fitting = {one.name: stream for one in of if (stream := _by_name(one.platform).get(last)) is not None}
        if not fitting:
            _refuse_name(name, of or found)
        if all(stream.name not in one.streams for one in of if (stream := fitting.get(one.name)) is not None):
            _refuse_off(next(one for one in of if one.name in fitting), next(iter(fitting.values())))
        for account, stream in fitting.items():
            wanted[account].add(stream.name)
    selected = [replace(one, streams=tuple(s for s in one.streams if s in wanted[one.name])) for one in found]
    return [one for one in selected if one.streams]


def _is_whose(account: AccountSettings, whose: Sequence[str]) -> bool:
    platform = account.platform.name
    return not whose or ".".join(whose) in (platform, f"{platform}.{account.account}", account.account)


def _by_name(platform: Platform) -> Mapping[str, Stream]:
    """The streams by every name that stands for them."""
    tables = {table.name: table.stream for table in platform.tables}
    return {**tables, **{short_name(stream): stream for stream in platform.streams}}


def _refuse_name(name: str, accounts: Sequence[AccountSettings]) -> None:
    streams = dict.fromkeys(stream.name for one in accounts for stream in one.platform.streams)
    of = ", ".join(dict.fromkeys(one.platform.title for one in accounts))
    raise UsageError(
        f"There is no stream {name!r} in {of}.", f"Choose from {', '.join(sorted(streams))}.", setting="--select"
    )


def _refuse_off(account: AccountSettings, stream: Stream) -> None:
    section = f"sources.{account.platform.name}"
    section = section if account.name == account.platform.name else f"{section}.accounts.{account.account}"
    if stream.parent_setting:
        next_step = f"Name what to read in {env_name(f'{section}.{stream.parent_setting}')}."
    elif not stream.on_by_default:
        next_step = f"Set {env_name(f'{section}.api_key_audit')} to true; it takes an administrator's key."
    else:
        next_step = f"{env_name(f'{section}.streams')} leaves it out: add it there."
    raise UsageError(f"The stream {stream.name!r} of {account.name} is off.", next_step, setting="--select")
