"""The first settings of a folder: `.dlt/config.toml`, `.dlt/secrets.toml`, and what git is to leave alone."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from connector.errors import CannotWrite, UsageError
from connector.platforms import PLATFORMS
from connector.privacy import Profile
from pipelines.whole_file import put

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

CONFIG: Final = Path(".dlt/config.toml")
SECRETS: Final = Path(".dlt/secrets.toml")
PRIVATE_FOLDER: Final = 0o700
PRIVATE_FILE: Final = 0o600


@dataclass(frozen=True)
class Answers:
    """What somebody wants; `keys` are those given so far, by platform."""

    platforms: tuple[str, ...]
    warehouse: str
    profile: Profile
    timezone: str
    keys: Mapping[str, str] = field(default_factory=dict, repr=False)


def refuse_to_overwrite(folder: Path) -> None:
    """Raise UsageError when the folder has settings already."""
    for file in (CONFIG, SECRETS):
        if (folder / file).exists():
            raise UsageError(f"{file} exists already.", "Edit it, or add --force to replace both files.")


def write(folder: Path, answers: Answers) -> list[str]:
    """Write both files for their owner alone, and tell git to leave them out; returns the files written or changed."""
    try:
        home = folder / CONFIG.parent
        home.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
        home.chmod(PRIVATE_FOLDER)
        put(folder / CONFIG, config_text(answers), PRIVATE_FILE)
        put(folder / SECRETS, secrets_text(answers), PRIVATE_FILE)
        ignored = _ignore(folder, answers)
    except OSError as error:
        raise CannotWrite(f"{error.filename}: {error.strerror}.", "Run it in a folder of your own.") from None
    return [str(CONFIG), str(SECRETS), *ignored]


def config_text(answers: Answers) -> str:
    """The settings that are no secret, each with what it means."""
    lines = [
        "# Settings of hiring-elt. `hiring-elt check` tells whether they work.",
        "# An environment variable goes before its line here: WAREHOUSE, SOURCES__TALENT_RAY__BASE_URL, ...",
        "",
    ]
    if "://" not in answers.warehouse:
        lines += [
            "# The DuckDB file to publish, or postgresql://... (then in secrets.toml, for it may hold a password).",
            _line("warehouse", answers.warehouse),
        ]
    lines += [
        "# The time zone in which reports count days and months.",
        _line("report_timezone", answers.timezone),
        "# How many published warehouses to keep for `hiring-elt rollback`.",
        "# keep_published = 0",
        "",
        "[privacy]",
        "# minimal: ids and facts. pseudonymous: also keyed tokens of names and addresses. full: everything.",
        _line("profile", answers.profile.value),
    ]
    for name in answers.platforms:
        lines += ["", *_of_platform(name)]
    return "\n".join(lines) + "\n"


def _of_platform(name: str) -> Iterable[str]:
    platform = PLATFORMS[name]
    yield f"[sources.{name}]"
    yield f'# base_url = "{platform.base_url}"'
    yield f"# requests_per_minute = {platform.requests_per_minute}"
    yield "# Read these streams only (all, when there is no such line):"
    yield f"# streams = {json.dumps([stream.name for stream in platform.streams if stream.on_by_default])}"
    for stream in platform.streams:
        if stream.parent_setting:
            yield f"# Ids of which {stream.name} are read (none, when there is no such line):"
            yield f'# {stream.parent_setting} = ["..."]'


def secrets_text(answers: Answers) -> str:
    """The keys, or a place for each."""
    lines = ["# Keys of hiring-elt, for the owner of this file alone (mode 0600). Never commit or mail it."]
    if "://" in answers.warehouse:
        lines += ["", _line("warehouse", answers.warehouse)]
    if answers.profile is Profile.PSEUDONYMOUS:
        lines += [
            "",
            "[privacy]",
            "# Made by chance. Tokens depend on it: keep it, a new one makes strangers of everybody known.",
            _line("pseudonym_key", secrets.token_urlsafe(32)),
        ]
    for name in answers.platforms:
        key, hint = answers.keys.get(name), PLATFORMS[name].key_hint
        place = _line("api_key", key) if key else '# api_key = "..."'
        lines += ["", f"[sources.{name}]", *([f"# {hint}"] if hint and not key else []), place]
    return "\n".join(lines) + "\n"


def _line(name: str, value: str) -> str:
    # The basic strings of TOML are written as JSON writes its own, but for the one control character that JSON leaves.
    return f"{name} = {json.dumps(value, ensure_ascii=False)}".replace("\x7f", r"\u007f")


def _ignore(folder: Path, answers: Answers) -> list[str]:
    """In a work tree of git, add the keys and the warehouse to `.gitignore`, as far as they are not there."""
    if not any((place / ".git").exists() for place in (folder.resolve(), *folder.resolve().parents)):
        return []
    wanted = [f"/{SECRETS}"]
    if "://" not in answers.warehouse and not Path(answers.warehouse).is_absolute():
        place = Path(answers.warehouse)
        wanted += [f"/{place}", f"/{place.parent / f'.{place.name}.*'}"]
    file = folder / ".gitignore"
    before = file.read_text(encoding="utf-8") if file.exists() else ""
    known = {line.strip().lstrip("/") for line in before.splitlines()}
    missing = [line for line in wanted if line.lstrip("/") not in known]
    if not missing:
        return []
    start = "" if not before or before.endswith("\n") else "\n"
    with file.open("a", encoding="utf-8") as adding:
        adding.write(start + "\n".join(missing) + "\n")
    return [file.name]
