"""Instants that are known exactly or between bounds, and the days between them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

DATABLE_WITHIN = timedelta(days=8)
FUTURE_TOLERANCE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Dated:
    """An event: the point that stands for it, and the bounds it lies in. All null: it did not happen."""

    at: datetime | None = None
    not_before: datetime | None = None
    not_after: datetime | None = None

    @property
    def happened(self) -> bool:
        return self.at is not None

    @property
    def is_exact(self) -> bool:
        return self.at is not None and self.at == self.not_before == self.not_after

    @property
    def is_datable(self) -> bool:
        if self.not_before is None or self.not_after is None:
            return False
        return self.is_exact or self.not_after - self.not_before <= DATABLE_WITHIN

    def columns(self, name: str) -> dict[str, datetime | None]:
        return {f"{name}_at": self.at, f"{name}_not_before": self.not_before, f"{name}_not_after": self.not_after}


NEVER = Dated()


def exact(instant: datetime) -> Dated:
    """An event dated by the API."""
    return Dated(instant, instant, instant)


def between(not_before: datetime | None, not_after: datetime) -> Dated:
    """An event seen by comparison: it stands at the end of its bounds."""
    if not_before is not None and not_before > not_after:
        not_before = not_after
    return Dated(not_after, not_before, not_after)


def latest(*instants: datetime | None) -> datetime | None:
    """The greatest of those that are known."""
    return max((instant for instant in instants if instant is not None), default=None)


def earliest(*instants: datetime | None) -> datetime | None:
    """The least of those that are known."""
    return min((instant for instant in instants if instant is not None), default=None)


def lowered(event: Dated, limit: datetime | None) -> Dated:
    """The event with its upper bound brought down to a later fact; a fact before the lower bound says nothing."""
    if limit is None or event.not_after is None or event.at is None or limit >= event.not_after:
        return event
    if event.not_before is not None and limit < event.not_before:
        return event
    return Dated(min(event.at, limit), event.not_before, limit)


def days(start: datetime | None, end: datetime | None) -> float | None:
    """Days between two instants: seconds / 86400."""
    if start is None or end is None:
        return None
    return (end - start).total_seconds() / 86400.0


def days_of(start: Dated, end: Dated) -> float | None:
    """Days between two events, null unless both are datable and in order."""
    if not (start.is_datable and end.is_datable):
        return None
    elapsed = days(start.at, end.at)
    return elapsed if elapsed is not None and elapsed >= 0 else None
