"""Where settings and secrets come from: dlt's own configuration, so environment variables and `.dlt/*.toml` alike."""

from __future__ import annotations

import json
import os
import re
import stat
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo, available_timezones

import dlt

from connector.contract import Manners
from connector.errors import UsageError
from connector.http.hosts import allowed_base_url
from connector.http.secret import Secret
from connector.platforms import PLATFORMS
from connector.privacy import Policy, Profile

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from connector.contract import Platform, Stream

DEFAULT_ACCOUNT: Final = "default"
DEFAULT_WAREHOUSE: Final = "hiring.duckdb"
SETTING_PATTERN: Final = re.compile(r"[a-z][a-z0-9_]{0,62}")


@dataclass(frozen=True)
class AccountSettings:
    """One account of one platform: everything needed to read it. The key shows itself to nobody."""

    platform: Platform
    account: str
    base_url: str
    key: Secret
    requests_per_minute: int
    parents: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    rename: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    manners: Mapping[str, Manners] = field(default_factory=dict)
    streams: tuple[str, ...] = ()
    absence_grace_hours: float = 0.0

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
    for name in platforms:
        if name not in PLATFORMS:
            raise UsageError(
                f"There is no platform {name!r}.", f"Choose from {', '.join(PLATFORMS)}.", setting="--platform"
            )
    chosen = [platform for name, platform in PLATFORMS.items() if not platforms or name in platforms]
    found = [
        account for platform in chosen for account in _accounts(platform) if not accounts or account.account in accounts
    ]
    if need_accounts and not found:
        asked = [platform.name for platform in chosen] if platforms else list(PLATFORMS)
        settings = " or ".join(f"SOURCES__{name.upper()}__API_KEY" for name in asked)
        what = f"No account named {', '.join(accounts)} has a key." if accounts else "No platform has a key yet."
        raise UsageError(what, f"Set {settings}, or try `hiring-elt demo`, which needs none.", setting=settings)
    return Settings(
        warehouse=warehouse or _text("warehouse") or DEFAULT_WAREHOUSE,
        policy=_policy(),
        accounts=tuple(_selected(account, select) for account in found),
        report_timezone=_report_timezone(),
        warnings=tuple(_warnings()),
    )


def value(path: str) -> Any:
    """The setting at a dotted path from the environment or `.dlt/`; None when it is nowhere."""
    found = dlt.secrets.get(path)
    return found if found is not None else dlt.config.get(path)


def _text(path: str) -> str | None:
    found = value(path)
    return None if found is None else str(found).strip() or None


def _number(path: str, default: float, *, least: float = 0.0) -> float:
    found = value(path)
    if found is None or found == "":
        return default
    try:
        number = float(str(found))
    except ValueError:
        number = least - 1
    if number < least:
        raise UsageError(
            f"{env_name(path)} is not a number of at least {least:g}.", "Correct or remove it.", setting=env_name(path)
        )
    return number


def _flag(path: str) -> bool:
    return str(value(path)).lower() in {"1", "true", "yes", "on"}


def _texts(path: str) -> tuple[str, ...]:
    """A list, given as a TOML list, as a JSON list, or as words between commas."""
    found = value(path)
    if found is None:
        return ()
    if isinstance(found, str):
        found = found.strip()
        if found.startswith("["):
            try:
                found = json.loads(found.replace("'", '"'))
            except ValueError:
                raise UsageError(
                    f"{env_name(path)} is not a JSON list.", 'Write it as ["a", "b"].', setting=env_name(path)
                ) from None
        else:
            found = found.split(",")
    return tuple(dict.fromkeys(str(item).strip() for item in found if str(item).strip()))


def env_name(path: str) -> str:
    """The environment variable of a setting."""
    return path.replace(".", "__").upper()


def _accounts(platform: Platform) -> Iterable[AccountSettings]:
    section = f"sources.{platform.name}"
    if _text(f"{section}.api_key"):
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
        name.removeprefix(prefix).split("__")[0].lower() for name in os.environ if name.startswith(prefix)
    }
    section = value(f"sources.{platform.name}.accounts")
    in_files = set(section) if hasattr(section, "keys") else set()
    return sorted(in_environment | in_files)


def _account(platform: Platform, name: str, section: str) -> AccountSettings:
    title, setting = platform.title, env_name(f"{section}.api_key")
    key = _text(f"{section}.api_key")
    if key is None:
        raise UsageError(f"The {title} account {name!r} has no key.", f"Set {setting}.", setting=setting)
    if not re.fullmatch(platform.key_pattern, key) or not key.isascii() or not key.isprintable():
        hint = f" ({platform.key_hint})" if platform.key_hint else ""
        raise UsageError(
            f"The {title} key in {setting} is malformed{hint}; nothing was asked.",
            "Copy it again, whole.",
            setting=setting,
        )
    base_url = _text(f"{section}.base_url") or platform.base_url
    base_url = allowed_base_url(
        base_url, platform.hosts, own_hosts=_texts(f"{section}.allowed_hosts"), setting=env_name(f"{section}.base_url")
    )
    rate = int(_number(f"{section}.requests_per_minute", platform.requests_per_minute, least=1))
    with_settings = with_overrides(platform, section)
    parents = {s.parent_setting: _texts(f"{section}.{s.parent_setting}") for s in platform.streams if s.parent_setting}
    streams = {s.name for s in platform.streams if _is_on(s, section, parents)}
    wanted = _texts(f"{section}.streams")
    return AccountSettings(
        platform=with_settings,
        account=name,
        base_url=base_url,
        key=Secret(key),
        requests_per_minute=rate,
        parents={setting: ids for setting, ids in parents.items() if setting},
        rename=_renames(with_settings, section),
        manners=_own_manners(with_settings, section),
        streams=tuple(s.name for s in platform.streams if s.name in streams and (not wanted or s.name in wanted)),
        absence_grace_hours=_number(f"{section}.absence_grace_hours", 0.0),
    )


def _is_on(stream: Stream, section: str, parents: Mapping[str | None, tuple[str, ...]]) -> bool:
    if stream.parent_setting:
        return bool(parents[stream.parent_setting])
    return stream.on_by_default or _flag(f"{section}.api_key_audit")


MANNERS_SETTINGS: Final = {
    "envelope.data": "data",
    "envelope.page": "page",
    "envelope.page_size": "page_size",
    "envelope.total_count": "total_count",
    "envelope.total_pages": "total_pages",
    "page.first": "first_page",
    "page.param": "page_param",
    "page.size_param": "size_param",
    "page.max_size": "max_size",
    "auth.header": "auth_header",
    "auth.scheme": "auth_scheme",
    "fields.id": "id_field",
}


def with_overrides(platform: Platform, section: str) -> Platform:
    """The platform with its manners, paths and time fields as the settings give them."""
    manners = _manners(platform.manners, section)
    streams = []
    for stream in platform.streams:
        path = _text(f"{section}.paths.{stream.name}") or _text(f"{section}.paths.{_short(stream)}")
        created = _time_field(section, stream, "created_at", stream.created_at)
        updated = _time_field(section, stream, "updated_at", stream.updated_at)
        by_id = _text(f"{section}.paths_by_id.{stream.name}") or stream.by_id
        streams.append(replace(stream, path=path or stream.path, created_at=created, updated_at=updated, by_id=by_id))
    return replace(platform, manners=manners, streams=tuple(streams))


def _short(stream: Stream) -> str:
    return stream.name.removeprefix("analytics_")


def _manners(manners: Manners, section: str) -> Manners:
    changes: dict[str, Any] = {}
    for setting, name in MANNERS_SETTINGS.items():
        found = value(f"{section}.{setting}")
        if found is None:
            continue
        wants_number = isinstance(getattr(manners, name), int)
        changes[name] = int(_number(f"{section}.{setting}", 0)) if wants_number else str(found)
    return replace(manners, **changes)


def _own_manners(platform: Platform, section: str) -> dict[str, Manners]:
    own = {stream.name: _manners(platform.manners, f"{section}.{stream.name}") for stream in platform.streams}
    return {name: manners for name, manners in own.items() if manners != platform.manners}


def _time_field(section: str, stream: Stream, setting: str, default: str) -> str:
    own = _text(f"{section}.{stream.name}.fields.{setting}")
    general = _text(f"{section}.fields.{setting}") if default in {"createdAt", "updatedAt"} else None
    return own or general or default


def _renames(platform: Platform, section: str) -> dict[str, dict[str, str]]:
    """API names of fields, by stream: the general renames, then the stream's own."""
    general = _pairs(value(f"{section}.fields.rename"), f"{section}.fields.rename")
    renames: dict[str, dict[str, str]] = {}
    for stream in platform.streams:
        own = general | _pairs(
            value(f"{section}.{stream.name}.fields.rename"), f"{section}.{stream.name}.fields.rename"
        )
        original = PLATFORMS[platform.name].stream(stream.name)
        moved = {
            "id": platform.manners.id_field,
            original.created_at: stream.created_at,
            original.updated_at: stream.updated_at,
            "deletedAt": _text(f"{section}.fields.deleted_at") or "deletedAt",
        }
        own |= {assumed: given for assumed, given in moved.items() if assumed != given}
        if own:
            renames[stream.name] = own
    return renames


def _pairs(found: Any, path: str) -> dict[str, str]:
    if found is None:
        return {}
    if isinstance(found, str):
        try:
            found = json.loads(found)
        except ValueError:
            found = None
    if not hasattr(found, "items"):
        raise UsageError(
            f"{env_name(path)} is not a table of names.", 'Write it as {"assumed": "given"}.', setting=env_name(path)
        )
    return {str(assumed): str(given) for assumed, given in found.items()}


def _selected(account: AccountSettings, select: Sequence[str]) -> AccountSettings:
    """The account with the streams that `--select` names, and those they need."""
    if not select:
        return account
    by_name = {stream.name: stream for stream in account.platform.streams}
    tables = {table.name: table.stream.name for table in account.platform.tables}
    unknown = [name for name in select if _without_platform(name) not in tables]
    if unknown and all(
        _without_platform(name) not in {t.name for p in PLATFORMS.values() for t in p.tables} for name in unknown
    ):
        raise UsageError(
            f"There is no stream {unknown[0]!r}.", f"Choose from {', '.join(sorted(by_name))}.", setting="--select"
        )
    wanted = {tables[_without_platform(name)] for name in select if _without_platform(name) in tables}
    return replace(account, streams=tuple(name for name in account.streams if name in wanted))


def _without_platform(name: str) -> str:
    return name.rsplit(".", 1)[-1]


def _policy() -> Policy:
    pseudonym_key = _text("privacy.pseudonym_key")
    name = _text("privacy.profile") or (Profile.PSEUDONYMOUS if pseudonym_key else Profile.MINIMAL)
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
    if pseudonym_key is not None and len(pseudonym_key) < 16:
        raise UsageError(
            "The pseudonym key is too short to keep guesses out.",
            "Set PRIVACY__PSEUDONYM_KEY to 32 or more random characters.",
            setting="PRIVACY__PSEUDONYM_KEY",
        )
    return Policy(profile, None if pseudonym_key is None else pseudonym_key.encode())


def _report_timezone() -> str:
    name = _text("report_timezone") or "UTC"
    try:
        ZoneInfo(name)
    except (ValueError, OSError):
        name = ""
    if not name or (name != "UTC" and name not in available_timezones()):
        raise UsageError(
            "REPORT_TIMEZONE names no time zone.", "Use a name such as Europe/Istanbul.", setting="REPORT_TIMEZONE"
        )
    return name


def _warnings() -> Iterable[str]:
    """What is not wrong and yet worth a line before the work begins."""
    secrets = Path(".dlt/secrets.toml")
    if secrets.is_file() and secrets.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield f"Others on this machine can read {secrets}. Run: chmod 600 {secrets}"
