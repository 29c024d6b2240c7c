"""The questions of `hiring-elt init`, and what takes their place where nobody is asked."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zoneinfo import available_timezones

import typer

from connector.errors import UsageError
from connector.platforms import PLATFORMS
from connector.privacy import Profile
from pipelines.first_settings import Answers
from pipelines.options import errors, words
from pipelines.tell import say

if TYPE_CHECKING:
    from collections.abc import Callable

WAREHOUSE: Final = "hiring.duckdb"
LOCAL_TIME: Final = Path("/etc/localtime")


def answers_to(
    *, platforms: str | None, warehouse: str | None, profile: str | None, timezone: str | None, ask: bool
) -> Answers:
    """What somebody wants: as the options say, else as answered, else the default; keys are only ever asked for."""

    def answer(option: str | None, question: str, default: str, checked: Callable[[str], str]) -> str:
        if option is None and ask:
            return _ask(question, default, checked)
        return checked(default if option is None else option)

    if ask:
        say(errors, "A few questions; Enter takes what stands in brackets.")
    chosen = words([answer(platforms, "Platforms", ",".join(PLATFORMS), _platforms)])
    return Answers(
        platforms=chosen,
        warehouse=answer(warehouse, "Warehouse (a file, or postgresql://...)", WAREHOUSE, _some),
        profile=Profile(answer(profile, "Personal data (minimal, pseudonymous, full)", Profile.MINIMAL, _profile)),
        timezone=answer(timezone, "Time zone of the reports", _local_timezone(), _timezone),
        keys=_ask_keys(chosen) if ask else {},
    )


def _ask(question: str, default: str, checked: Callable[[str], str], *, hidden: bool = False) -> str:
    """Ask until the answer can be."""
    while True:
        try:
            told = typer.prompt(question, default=default, err=True, hide_input=hidden, show_default=not hidden)
            return checked(str(told))
        except UsageError as error:
            say(errors, str(error), style="yellow")


def _ask_keys(platforms: tuple[str, ...]) -> dict[str, str]:
    """Ask for the keys without showing them; none is needed yet."""
    keys = {}
    for name in platforms:
        title, variable = PLATFORMS[name].title, f"SOURCES__{name.upper()}__API_KEY"
        if os.environ.get(variable):
            say(errors, f"The key of {title} is in {variable} already.")
            continue
        key = _ask(f"Key of {title} (not shown; Enter to add it later)", "", _key, hidden=True)
        if key:
            keys[name] = key
    return keys


def _platforms(answer: str) -> str:
    chosen = words([answer])
    unknown = [name for name in chosen if name not in PLATFORMS]
    if unknown or not chosen:
        what = f"There is no platform {unknown[0]!r}." if unknown else "No platform is named."
        raise UsageError(what, f"Choose from {', '.join(PLATFORMS)}.", setting="--platform")
    return ",".join(dict.fromkeys(chosen))


def _some(answer: str) -> str:
    if not answer.strip():
        raise UsageError("The warehouse has no name.", f"Give a path such as {WAREHOUSE}.", setting="--warehouse")
    return answer.strip()


def _profile(answer: str) -> str:
    if answer not in set(Profile):
        raise UsageError(f"There is no profile {answer!r}.", f"Choose from {', '.join(Profile)}.", setting="--profile")
    return answer


def _timezone(answer: str) -> str:
    if answer != "UTC" and answer not in available_timezones():
        raise UsageError(
            f"There is no time zone {answer!r}.", "Use a name such as Europe/Istanbul.", setting="--timezone"
        )
    return answer


def _key(answer: str) -> str:
    key = answer.strip()
    if any(not "!" <= sign <= "~" for sign in key):
        raise UsageError("That is no key: it has blanks or other signs that keys do not have.", "Copy it again, whole.")
    return key


def _local_timezone() -> str:
    """The time zone of this machine by its name; UTC when it does not say."""
    told = os.environ.get("TZ", "").removeprefix(":")
    if not told and LOCAL_TIME.is_symlink():
        told = str(LOCAL_TIME.readlink()).partition("zoneinfo/")[2]
    return told if told in available_timezones() and "/" in told else "UTC"
