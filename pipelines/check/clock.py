"""How far the clock of this machine is from the platform's."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from connector.reading.assumption import Finding, Outcome, holds, not_tested

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.reading.access import Access

LARGEST_SKEW: Final = timedelta(minutes=5)


def check_clock(access: Access) -> Iterator[Finding]:
    """Compare with the `Date` of the replies; all instants we store are by the platform's clock."""
    skew = access.client.skew
    if skew is None:
        yield not_tested("clock", "this machine", "no reply carried a date")
    elif abs(skew) > LARGEST_SKEW:
        way = "behind" if skew > timedelta() else "ahead of"
        minutes = abs(skew).total_seconds() / 60
        yield Finding(
            "clock",
            Outcome.WARNING,
            "this machine",
            expected=f"within {LARGEST_SKEW.total_seconds() / 60:.0f} minutes of the platform's clock",
            got=f"{minutes:,.0f} minutes {way} it",
            setting="the clock of this machine",
        )
    else:
        yield holds("clock", "this machine", f"{abs(skew).total_seconds():.0f} s from the platform's")
