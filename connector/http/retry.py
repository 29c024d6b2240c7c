"""One policy for what went wrong on the way: few tries, full jitter, one time budget for the run."""

from __future__ import annotations

import random
import re
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeVar

import tenacity

from connector.errors import Stopped

if TYPE_CHECKING:
    from collections.abc import Callable

Outcome = TypeVar("Outcome")

MOST_TRIES: Final = 5
LONGEST_RETRY_AFTER_SECONDS: Final = 600.0
LONGEST_BACK_OFF_SECONDS: Final = 60.0

_SECONDS: Final = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Failure:
    """A try that is worth another one: it took `seconds`; `wait_seconds` is what the server asked for, if it did."""

    what: str
    seconds: float = 0.0
    wait_seconds: float | None = None
    too_many: bool = False

    @property
    def hopeless(self) -> bool:
        """Whether the server asks for a longer wait than a run should sleep."""
        return self.wait_seconds is not None and self.wait_seconds > LONGEST_RETRY_AFTER_SECONDS


def retry_after(text: str | None, at: datetime) -> float | None:
    """Return the seconds to wait from the instant `at` of the server's clock, or None when the text does not say.

    Absent, negative, past and unreadable are the same: nothing usable was said.
    """
    text = (text or "").strip()
    if _SECONDS.fullmatch(text):
        return float(text)
    if text.isascii() and text.isdigit():
        return float("inf")
    instant = http_date(text)
    seconds = (instant - at).total_seconds() if instant else 0.0
    return seconds if seconds > 0 else None


@lru_cache(maxsize=16)
def http_date(text: str | None) -> datetime | None:
    """Return the instant, in UTC, of an HTTP date, or None when it is none."""
    if not text:
        return None
    try:
        instant = parsedate_to_datetime(text)
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


class Budget:
    """What failures may cost a run: the time in which some request was failing or waiting to be repeated."""

    def __init__(self, seconds: float) -> None:
        self.seconds: Final = seconds
        self._spent = 0.0
        self._covered_until = float("-inf")
        self._lock: Final = threading.Lock()

    @property
    def spent(self) -> float:
        """Seconds spent; what several threads spend at the same time counts once."""
        return self._spent

    def affords(self, begin: float, end: float) -> bool:
        """Charge the time between two instants, and tell whether it was still within the budget."""
        with self._lock:
            self._spent += max(0.0, end - max(begin, self._covered_until))
            self._covered_until = max(self._covered_until, end)
            return self._spent <= self.seconds


class Policy:
    """Repeats a try that returns a Failure, and returns what came of it: the last Failure when nothing better did."""

    def __init__(
        self,
        budget: Budget,
        stop: threading.Event | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._budget = budget
        self._stop = stop
        self._clock = clock
        self._sleep = sleep
        self._chance = chance
        self._retrying = tenacity.Retrying(
            retry=tenacity.retry_if_result(lambda outcome: isinstance(outcome, Failure)),
            wait=self._wait_seconds,
            stop=self._is_spent,
            sleep=self._nap,
            retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
        )

    def run(self, attempt: Callable[[], Outcome]) -> Outcome:
        """Try, and try again."""
        first = attempt()
        if not isinstance(first, Failure):
            return first
        begun = [first]
        return self._retrying(lambda: begun.pop() if begun else attempt())

    def _wait_seconds(self, state: tenacity.RetryCallState) -> float:
        failure = _failure(state)
        growing = min(LONGEST_BACK_OFF_SECONDS, 2.0 ** (state.attempt_number - 1))
        if failure.wait_seconds is not None:
            return failure.wait_seconds + self._chance() * growing
        if failure.too_many:
            # Nothing was said, and windows are a minute or so.
            return 1.0 + self._chance() * (min(LONGEST_BACK_OFF_SECONDS, 4.0**state.attempt_number) - 1.0)
        return self._chance() * growing

    def _is_spent(self, state: tenacity.RetryCallState) -> bool:
        failure = _failure(state)
        if failure.hopeless or state.attempt_number >= MOST_TRIES:
            return True
        now = self._clock()
        return not self._budget.affords(now - failure.seconds, now + state.upcoming_sleep)

    def _nap(self, seconds: float) -> None:
        if self._sleep is not None:
            self._sleep(seconds)
        elif self._stop is not None:
            self._stop.wait(seconds)
        else:
            time.sleep(seconds)
        if self._stop is not None and self._stop.is_set():
            raise Stopped


def _failure(state: tenacity.RetryCallState) -> Failure:
    outcome = state.outcome.result() if state.outcome else None
    if not isinstance(outcome, Failure):
        raise TypeError("Only a failure is repeated.")
    return outcome
