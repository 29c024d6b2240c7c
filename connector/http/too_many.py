"""How an API refuses a request too many, and every refusal that was met, so that a run can tell of them."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from connector.http.retry import retry_after

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

USUAL_STATUS: Final = 429
USUAL_HEADER: Final = "Retry-After"
HAVE_A_MEANING: Final = frozenset({400, 401, 403, 404, 405})
"""Statuses that refuse a request for reasons of their own."""
NEVER_WAITED_FOR: Final = HAVE_A_MEANING - {403}
SERVER_ERRORS: Final = range(500, 600)
CLIENT_ERRORS: Final = range(400, 500)
NOT_IMPLEMENTED: Final = 501


@dataclass(frozen=True, slots=True)
class Refusal:
    """A kind of refusal: its status, and the header that told how long to wait (empty: none did)."""

    status: int
    header: str


@dataclass
class TooMany:
    """The status and header by which a request too many is refused.

    Where they are merely `assumed`, any other refusal that says how long to wait counts as one too; `met` holds all
    that came, by kind.
    """

    status: int = USUAL_STATUS
    header: str = USUAL_HEADER
    assumed: bool = False
    met: Counter[Refusal] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def seconds(self, headers: Mapping[str, str], at: datetime) -> float | None:
        """The seconds to wait that a reply asks for, None when it does not say."""
        return self._told(headers, at)[0]

    def is_one(self, status: int, headers: Mapping[str, str], at: datetime) -> bool:
        """Whether a reply refuses a request as one too many; notes it when it does, or may."""
        seconds, header = self._told(headers, at)
        one = status in {self.status, USUAL_STATUS} and (seconds is not None or status not in HAVE_A_MEANING)
        may_be = False
        if self.assumed and status in CLIENT_ERRORS:
            one = one or (seconds is not None and status not in NEVER_WAITED_FOR)
            may_be = status not in HAVE_A_MEANING
        elif self.assumed and status in SERVER_ERRORS:
            may_be = seconds is not None
        if one or may_be:
            with self._lock:
                self.met[Refusal(status, header)] += 1
        return one

    def _told(self, headers: Mapping[str, str], at: datetime) -> tuple[float | None, str]:
        for name in dict.fromkeys((self.header, USUAL_HEADER)):
            if name and (seconds := retry_after(headers.get(name), at)) is not None:
                return seconds, name
        return None, ""
