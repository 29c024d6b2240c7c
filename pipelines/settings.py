"""Where settings and secrets come from: dlt's own configuration, so environment variables and `.dlt/*.toml` alike."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo, available_timezones

from connector.errors import UsageError
from connector.http.hosts import allowed_base_url
from connector.http.secret import Secret
from connector.privacy import Policy, Profile
from pipelines.overrides import overridden, short_name
from pipelines.selection import chosen_accounts, chosen_platforms, with_selected
from pipelines.setting_values import credentials, env_name, flag, number, place, text, texts, value, whole_number

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from connector.contract import Manners, Platform, Stream

DEFAULT_ACCOUNT: Final = "default"
DEFAULT_WAREHOUSE: Final = "hiring.duckdb"
SETTING_PATTERN: Final = re.compile(r"[a-z][a-z0-9_]{0,62}")
SHORTEST_PSEUDONYM_KEY: Final = 16
PROXY_PATTERN: Final = re.compile(r"(?:https?|socks5h?)://[^\s/?#]+/?")


@dataclass(frozen=True)
class AccountSettings:
    """One account of one platform: everything needed to read it. The key shows itself to nobody."""

    platform: Platform
    account: str
    base_url: str
    key: Secret
    requests_per_minute: int
    key_setting: str = ""
    parents: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    rename: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    manners: Mapping[str, Manners] = field(default_factory=dict)
    streams: tuple[str, ...] = ()
    absence_grace_hours: float = 0.0
    ca_file: Path | None = None
    proxy: str | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        """How the account is named in output: the platform, and the account unless it is the default."""
        return self.platform.name if self.account == DEFAULT_ACCOUNT else f"{self.platform.name}.{self.account}"

    def stream_name(self, resource: str) -> str:
        """How one of its streams is named in output."""
        return f"{self.name}.{resource}"


@dataclass(frozen=True)
class Settings:
    """All settings of a run."""

    warehouse: str
    policy: Policy
    accounts: tuple[AccountSettings, ...]
    report_timezone: str
    warnings: tuple[str, ...] = ()


def load(
    *,
    warehouse: str | None = None,
    platforms: Sequence[str] = (),
    accounts: Sequence[str] = (),
    select: Sequence[str] = (),
    need_accounts: bool = True,
) -> Settings:
    """Read and check all settings; raises UsageError that names the setting to mend."""
    chosen = chosen_platforms(platforms)
    configured = [account for platform in chosen for account in _accounts(platform)]
    found = chosen_accounts(configured, accounts)
    without = [one for one in chosen if all(account.platform.name != one.name for account in configured)]
    if need_accounts and (not found or (platforms and without)):
        settings = " or ".join(f"SOURCES__{one.name.upper()}__API_KEY" for one in without)
        named = " and ".join(one.title for one in without)
        raise UsageError(
            f"{named} has no key yet." if platforms else "No platform has a key yet.",
            f"Set {settings}, or try `hiring-elt demo`, which needs none.",
            setting=settings,
        )
    return Settings(
        warehouse=warehouse or text("warehouse") or DEFAULT_WAREHOUSE,
        policy=_policy(),
        accounts=tuple(with_selected(found, select)) if found else (),
        report_timezone=_report_timezone(),
        warnings=tuple(_warnings(found)),
    )


def _accounts(platform: Platform) -> Iterable[AccountSettings]:
    section = f"sources.{platform.name}"
    if text(f"{section}.api_key"):
        yield _account(platform, DEFAULT_ACCOUNT, section)
    for name in _account_names(platform):
        if not SETTING_PATTERN.fullmatch(name) or name == DEFAULT_ACCOUNT:
            raise UsageError(
                f"{name!r} cannot name an account.",
                "Use small letters, digits and underscores, beginning with a letter, and not `default`.",
                setting=f"{section}.accounts",
            )
        yield _account(platform, name, f"{section}.accounts.{name}")


def _account_names(platform: Platform) -> list[str]:
    prefix = f"SOURCES__{platform.name.upper()}__ACCOUNTS__"
    in_environment = {
        name.removeprefix(prefix).split("__")[0].lower()
        for name in (*os.environ, *credentials())
        if name.startswith(prefix)
    }
    section = value(f"sources.{platform.name}.accounts")
    in_files = set(section) if hasattr(section, "keys") else set()
    return sorted(in_environment | in_files)


def _account(platform: Platform, name: str, section: str) -> AccountSettings:
    title, setting = platform.title, env_name(f"{section}.api_key")
    key = text(f"{section}.api_key")
    if key is None:
        raise UsageError(f"The {title} account {name!r} has no key.", f"Set {setting}.", setting=setting)
    if not re.fullmatch(r"[!-~]+", key):
        hint = f" ({platform.key_hint})" if platform.key_hint else ""
        raise UsageError(
            f"The {title} key in {setting} is malformed{hint}; nothing was asked.",
            "Copy it again, whole.",
            setting=setting,
        )
    # What describes the API holds for all accounts of a platform; key, host and rate are each account's own.
    sections = tuple(dict.fromkeys((section, f"sources.{platform.name}")))
    words = overridden(platform, sections)
    hosts = place(sections, "allowed_hosts")
    base_url = allowed_base_url(
        text(f"{section}.base_url") or platform.base_url,
        platform.hosts,
        own_hosts=texts(hosts) if hosts else (),
        setting=env_name(f"{section}.base_url"),
    )
    rate = place([section], "requests_per_minute") or f"{section}.rate.per_minute"
    parents = {s.parent_setting: texts(f"{section}.{s.parent_setting}") for s in platform.streams if s.parent_setting}
    return AccountSettings(
        platform=words.platform,
        account=name,
        base_url=base_url,
        key=Secret(key),
        requests_per_minute=whole_number(rate, platform.requests_per_minute, least=1),
        key_setting=setting,
        parents=parents,
        rename=words.rename,
        manners=words.manners,
        streams=_streams(platform, section, parents),
        absence_grace_hours=number(f"{section}.absence_grace_hours", 0.0),
        ca_file=_ca_file(sections),
        proxy=_proxy(sections),
    )


def _streams(platform: Platform, section: str, parents: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The streams to read: all that are on, or those of them that the setting `streams` names."""
    by_name = {name: stream.name for stream in platform.streams for name in (stream.name, short_name(stream))}
    wanted = texts(f"{section}.streams")
    unknown = [name for name in wanted if name not in by_name]
    if unknown:
        setting = env_name(f"{section}.streams")
        raise UsageError(
            f"{setting} names {unknown[0]!r}, which is no stream of {platform.title}.",
            f"Choose from {', '.join(stream.name for stream in platform.streams)}.",
            setting=setting,
        )
    chosen = {by_name[name] for name in wanted} or set(by_name.values())
    return tuple(s.name for s in platform.streams if s.name in chosen and _is_on(s, section, parents))


def _is_on(stream: Stream, section: str, parents: Mapping[str, tuple[str, ...]]) -> bool:
    if stream.parent_setting:
        return bool(parents[stream.parent_setting])
    return stream.on_by_default or flag(f"{section}.api_key_audit")


def _ca_file(sections: Sequence[str]) -> Path | None:
    """A file of further certificate authorities, for a proxy or gateway that signs with its own."""
    path = place(sections, "ca_file")
    if path is None or text(path) is None:
        return None
    found = Path(str(text(path))).expanduser()
    if not found.is_file():
        raise UsageError(
            f"{env_name(path)} names no file.", "Give the path of a PEM file, or remove it.", setting=env_name(path)
        )
    return found


def _proxy(sections: Sequence[str]) -> str | None:
    """The proxy asked for: a URL, or `environment` for the one in HTTPS_PROXY; none by default, whatever is there."""
    path = place(sections, "proxy")
    found = None if path is None else text(path)
    if path is None or found is None:
        return None
    if found == "environment":
        found = os.environ.get("HTTPS_PROXY") or os.environ.get("https_proxy") or ""
    if not PROXY_PATTERN.fullmatch(found):
        raise UsageError(
            f"{env_name(path)} leads to no proxy.",
            "Give its URL (http://host:port), or `environment` with HTTPS_PROXY set.",
            setting=env_name(path),
        )
    return found


def _policy() -> Policy:
    pseudonym_key = text("privacy.pseudonym_key")
    name = text("privacy.profile") or (Profile.PSEUDONYMOUS if pseudonym_key else Profile.MINIMAL)
    try:
        profile = Profile(str(name))
    except ValueError:
        choices = ", ".join(Profile)
        raise UsageError(
            "PRIVACY__PROFILE names no profile.", f"Choose from {choices}.", setting="PRIVACY__PROFILE"
        ) from None
    if profile is Profile.PSEUDONYMOUS and not pseudonym_key:
        raise UsageError(
            "The profile pseudonymous makes tokens with a key, and there is none.",
            "Set PRIVACY__PSEUDONYM_KEY to 32 or more random characters.",
            setting="PRIVACY__PSEUDONYM_KEY",
        )
    if pseudonym_key is not None and len(pseudonym_key) < SHORTEST_PSEUDONYM_KEY:
        raise UsageError(
            "The pseudonym key is too short to keep guesses out.",
            "Set PRIVACY__PSEUDONYM_KEY to 32 or more random characters.",
            setting="PRIVACY__PSEUDONYM_KEY",
        )
    return Policy(profile, None if pseudonym_key is None else pseudonym_key.encode())


def _report_timezone() -> str:
    name = text("report_timezone") or "UTC"
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        name = ""
    if not name or (name != "UTC" and name not in available_timezones()):
        raise UsageError(
            "REPORT_TIMEZONE names no time zone.", "Use a name such as Europe/Istanbul.", setting="REPORT_TIMEZONE"
        )
    return name


def _warnings(accounts: Sequence[AccountSettings]) -> Iterable[str]:
    """What is not wrong and yet worth a line before the work begins."""
    for account in accounts:
        # The platform has the last word on its keys: their form is known by example only.
        if not account.key.matches(account.platform.key_pattern):
            yield f"The key of {account.name} has an unusual form: {account.platform.key_hint}."
    secrets = Path(".dlt/secrets.toml")
    if secrets.is_file() and secrets.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield f"Others on this machine can read {secrets}. Run: chmod 600 {secrets}"
