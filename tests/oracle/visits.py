"""Visits: the stays of one application in one step, read off the versions of the step's record."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from oracle.dated import Dated, between, earliest, exact, latest, lowered
from oracle.words import word

if TYPE_CHECKING:
    from datetime import datetime

    from oracle.observed import Version
    from oracle.templates import RoleStep

ENTERED = ("active", "completed", "validated", "rejected")
LEFT = ("validated", "rejected", "skipped", "locked")


@dataclass
class Visit:
    """One stay. `opened` is the version that showed it first, `versions` all that belong to it."""

    role_step_id: str | None
    stage: str
    order: int | None
    number: int
    entered: Dated
    opened_at: datetime | None = None
    """When the stay was first seen; null for one that follows from another."""
    versions: list[Version] = field(default_factory=list)
    step_type: str | None = None
    is_skipped: bool = False
    after: datetime | None = None
    """The decision that ended the stays before; what a restarted record still shows of them is not of this one."""

    def last(self, name: str) -> datetime | None:
        """The last known value of an instant among the versions."""
        known = [value for version in self.versions if (value := version.instant(name)) is not None]
        if not known or (self.after is not None and known[-1] <= self.after):
            return None
        return known[-1]

    def last_text(self, name: str) -> str | None:
        known = [version.values[name] for version in self.versions if version.values[name] is not None]
        return known[-1] if known else None

    @property
    def score(self) -> float | None:
        scores = [version.values["validation_score"] for version in self.versions]
        known = [float(score) for score in scores if score is not None and score != -1]
        return known[-1] if known else None


def status(version: Version) -> str | None:
    return word(version.values["status"])


def is_entered(version: Version) -> bool:
    return status(version) in ENTERED or version.instant("started_at") is not None


def visits_of(
    versions: list[Version], step: RoleStep, *, not_before: datetime | None, candidate_created_at: datetime | None
) -> list[Visit]:
    """Return the visits that one step record shows, oldest first; `not_before`: when the application was made."""
    found: list[Visit] = []
    for place, version in enumerate(versions):
        if not is_entered(version):
            opens = False
        elif not found:
            opens = True
        else:
            opens = status(version) == "active" and status(versions[place - 1]) in LEFT
        if opens:
            found.append(
                Visit(step.id, step.stage, step.order, len(found) + 1, Dated(), version.observed_at, [], step.step_type)
            )
        if found:
            found[-1].versions.append(version)
    for place, visit in enumerate(found):
        for earlier in found[:place]:
            visit.after = latest(visit.after, *_last_of_each(earlier))
        visit.entered = _entered(visit, not_before, candidate_created_at)
    return found


def _last_of_each(visit: Visit) -> list[datetime | None]:
    bare = replace(visit, after=None)
    return [bare.last("validated_at"), bare.last("rejected_at")]


def _entered(visit: Visit, not_before: datetime | None, candidate_created_at: datetime | None) -> Dated:
    started_at = visit.last("started_at")
    if started_at is not None:
        return exact(started_at)
    opening = visit.versions[0]
    bounds = between(
        latest(opening.seen_not_before, opening.instant("created_at"), candidate_created_at, not_before),
        opening.observed_at,
    )
    return lowered(bounds, earliest(*(visit.last(name) for name in ("completed_at", "validated_at", "rejected_at"))))


def in_order(visits: list[Visit]) -> list[Visit]:
    """Move the point of a bounded entry before the exact entry of a later step that the same reply carried."""
    placed: list[Visit] = []
    for visit in visits:
        entered = visit.entered
        if entered.is_exact or entered.at is None or visit.order is None:
            placed.append(visit)
            continue
        later = [
            other.entered.at
            for other in visits
            if other.entered.is_exact
            and other.opened_at is not None
            and visit.opened_at is not None
            and other.opened_at <= visit.opened_at
            and other.order is not None
            and other.order > visit.order
            and other.entered.at is not None
            and (entered.not_before is None or other.entered.at >= entered.not_before)
            and entered.not_after is not None
            and other.entered.at <= entered.not_after
        ]
        at = min(later, default=entered.at)
        placed.append(replace(visit, entered=Dated(at, entered.not_before, entered.not_after)))
    return placed
