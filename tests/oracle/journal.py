"""What a connector was shown, read off the server's journal: which reply told of which state, and when.

The clock of the server stands still during a refresh, so all replies of one refresh tell of one instant.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING
from urllib.parse import unquote

from oracle.observed import Manner, Observed, Reader
from oracle.records import units

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from connector.sandbox import Event
    from connector.sandbox.exchange import Reply

LISTS = {
    "/api/v1/candidates": ("talent_ray", "candidates"),
    "/api/v1/roles": ("talent_ray", "roles"),
    "/api/v1/tests": ("talent_ray", "tests"),
    "/api/v1/sourcing": ("talent_ray", "leads"),
    "/v1/candidates": ("tailed", "candidates"),
    "/v1/jobs": ("tailed", "jobs"),
    "/v1/applications": ("tailed", "applications"),
    "/v1/analytics/snapshots": ("tailed", "analytics_snapshots"),
}
GOOD = 200


class JournalError(AssertionError):
    """The journal does not tell what a complete refresh would have been shown."""


def observe_journal(
    log: Sequence[Event], refreshes: Sequence[Sequence[Reply]], *, privacy: str = "minimal"
) -> Observed:
    """Read the replies of some refreshes, each of which must have come to its end."""
    reader = _Follower(log, Manner(privacy=privacy, seconds_apart=0))
    for number, replies in enumerate(refreshes, start=1):
        reader.follow(number, replies)
    return reader.result()


class _Follower(Reader):
    """Looks at what the replies showed, and at nothing else."""

    position = 0
    asked: dict[tuple[str, str], set[str]]

    def follow(self, number: int, replies: Sequence[Reply]) -> None:
        good = [reply for reply in replies if reply.status == GOOD and reply.fault is None]
        instants, positions = {reply.at for reply in good}, {reply.position for reply in good}
        if len(instants) != 1 or len(positions) != 1:
            raise JournalError("the company moved while it was read")
        self.position = positions.pop()
        self.asked = defaultdict(set)
        listed: dict[tuple[str, str], set[str]] = defaultdict(set)
        for reply in good:
            parts = [unquote(part) for part in reply.path.split("/")]
            if reply.path in LISTS:
                listed[LISTS[reply.path]] |= set(reply.ids)
            elif parts[-1] == "steps":
                name = "candidate_steps" if parts[-3] == "candidates" else "role_steps"
                self.asked["talent_ray", name].add(parts[-2])
            elif "batches" in parts:
                self.asked["talent_ray", "cv_screening_batches"].add(parts[-1])
        self.refresh(number, instants.pop())
        for resource, ids in listed.items():
            if ids != set(self.places[resource].shown):
                raise JournalError(f"{resource}: the replies did not hold what the log says was there")

    def _follow(self, resource: tuple[str, str], at: datetime) -> None:
        place = self.places[resource]
        while place.records.position < self.position:
            event = self.log[place.records.position]
            place.records.apply(event)
            place.pending |= {
                unit for platform, name, unit in units(place.records, event) if (platform, name) == resource
            }

    def _wanted(self, number: int, resource: tuple[str, str]) -> set[str]:
        return set(self.asked[resource])
