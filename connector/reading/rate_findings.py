"""What refusals of too many requests say of the assumed rate (A13) and of the assumed way to refuse (A14)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.http.too_many import Refusal
from connector.platforms.assumed import AssumedManners
from connector.reading.assumption import broken

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.reading.access import Access
    from connector.reading.assumption import Finding

OF_THE_WHOLE = "the API"


def rate_findings(access: Access) -> Iterator[Finding]:
    """A finding for each assumption that a refusal contradicts; none while no request was refused."""
    manners = access.platform.manners
    if not isinstance(manners, AssumedManners):
        return
    too_many = access.client.too_many
    agreed = Refusal(too_many.status, too_many.header)
    expected = f"{agreed.status} with {agreed.header}"
    if count := too_many.met[agreed]:
        rate = access.client.gate.limit
        got = f"{_times(count)} {expected} though no more were sent"
        yield broken("A13", OF_THE_WHOLE, f"{rate} requests a minute", got, "rate.per_minute", "a smaller number")
    for refusal, count in sorted(too_many.met.items(), key=lambda met: (met[0].status, met[0].header)):
        if refusal == agreed:
            continue
        got = f"{_times(count)} {refusal.status} with {refusal.header or 'no header that tells how long to wait'}"
        settings = []
        if refusal.status != agreed.status:
            settings.append(f"rate.status = {refusal.status}")
        if refusal.header != agreed.header:
            settings.append(f"rate.header = {refusal.header}" if refusal.header else "rate.header")
        yield broken("A14", OF_THE_WHOLE, expected, got, ", ".join(settings))


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
