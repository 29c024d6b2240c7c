"""What became of one assumption about an API, in words that hold no value of a record."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable


class Outcome(StrEnum):
    """How a check ended; `warning` holds and is worth a look."""

    HOLDS = "holds"
    BROKEN = "broken"
    NOT_TESTED = "not tested"
    WARNING = "warning"


NEVER_LOADED: Final = frozenset({"A1", "A2", "A3", "A4", "A5", "A6", "A7", "A8", "A9", "scope"})
"""While one of these is broken, nothing of the stream can be trusted."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One check and its outcome.

    `subject` is the stream (or what else was looked at) of `account`, as output names them. `setting` is what would
    mend it, `given` the value to try; `until_then` says what the warehouse holds meanwhile, `reason` why nothing was
    tested. A finding that does not `stop` the stream lets it be read.
    """

    number: str
    outcome: Outcome
    subject: str
    expected: str = ""
    got: str = ""
    setting: str = ""
    given: str = ""
    until_then: str = ""
    reason: str = ""
    exit_status: int = 5
    stops: bool = True
    account: str = ""

    @property
    def is_broken(self) -> bool:
        """Whether something must be mended."""
        return self.outcome is Outcome.BROKEN

    @property
    def stops_reading(self) -> bool:
        """Whether the stream must not be loaded while this is so."""
        return self.is_broken and self.stops and self.number in NEVER_LOADED

    @property
    def remedy(self) -> str:
        """What to try."""
        return f"{self.setting} = {self.given}" if self.given else self.setting

    @property
    def details(self) -> str:
        """All but number, outcome and subject, on one line."""
        parts = (
            ("expected: ", self.expected),
            ("got: ", self.got),
            ("try: ", self.remedy),
            ("until then: ", self.until_then),
            ("", f"({self.reason})" if self.reason else ""),
        )
        return "  ".join(f"{word}{text}" for word, text in parts if text)


def holds(number: str, subject: str, got: str = "", *, expected: str = "") -> Finding:
    """The assumption holds as far as was seen."""
    return Finding(number, Outcome.HOLDS, subject, expected=expected, got=got)


def not_tested(number: str, subject: str, reason: str) -> Finding:
    """Nothing can be said."""
    return Finding(number, Outcome.NOT_TESTED, subject, reason=reason)


def broken(number: str, subject: str, expected: str, got: str, setting: str, given: str = "", **more: Any) -> Finding:
    """The API does something else."""
    return Finding(number, Outcome.BROKEN, subject, expected, got, setting, given, **more)


MOST_NAMES: Final = 8
_NAME: Final = re.compile(r"[A-Za-z0-9_.$-]{1,60}")


def shown(names: Iterable[str]) -> str:
    """Names of fields for a message: a few, and only such as look like names of fields."""
    listed = sorted(name if _NAME.fullmatch(name) else "(a name of another form)" for name in names)
    more = f" and {len(listed) - MOST_NAMES} more" if len(listed) > MOST_NAMES else ""
    return ", ".join(listed[:MOST_NAMES]) + more
