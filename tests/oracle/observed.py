"""What a connector could know: versions of records, made of the event log and the instants at which all was read.

    seen = observe(company.log, every(hours=24, start=..., end=...))

Each reading goes through the resources one after another, a few seconds apart; each brings the state of its own
instant. A row that is new or different makes a version; one that is missing from a complete reading makes a last one,
with its last values, that is not visible.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from oracle.dated import FUTURE_TOLERANCE
from oracle.records import PERSONAL, ROWS, Records, Row, answers, units

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from connector.sandbox import Event

PLATFORM_SCHEMA = {"talent_ray": "raw_talent_ray", "tailed": "raw_tailed"}
PARENT_LIST = {"candidate_steps": "candidates", "role_steps": "roles"}
PER_UNIT = ("candidate_steps", "role_steps", "cv_screening_batches")
ORDER: tuple[tuple[str, str], ...] = tuple(ROWS)
"""In which the resources are read; steps after the lists whose rows they hang on."""
RETURNS_ARE_WIDE = True
"""Whether a row that comes back with other values is known to have changed since it was last shown only. While this is
false, loader and models take the readings that did not show it for a lower bound, so a change made out of sight lies
outside its bounds; the proofs leave such changes out, and say so."""
SWEEP_MARGIN = timedelta(seconds=1)
OPEN_WORK = ("locked", "active", "completed")


@dataclass(slots=True)
class Version:
    """One version of one record, and the bounds of the change that it shows."""

    values: Row
    visible: bool
    observed_at: datetime
    not_before: datetime | None
    """Start of the last complete reading before."""
    previous: Version | None = None

    def instant(self, name: str) -> datetime | None:
        """An instant of the API; one long after the reply that carried it cannot be true."""
        value: datetime | None = self.values[name]
        return value if value is not None and value <= self.observed_at + FUTURE_TOLERANCE else None

    @property
    def is_tombstone(self) -> bool:
        """Missing from the list, so not read: the values are those of the version before."""
        return not self.visible and self.values.get("deleted_at") is None

    @property
    def seen_not_before(self) -> datetime | None:
        """The change happened after the earlier reading began, and after the version before was read."""
        before = self.previous
        if RETURNS_ARE_WIDE and before is not None and before.is_tombstone and before.values != self.values:
            # It changed while nobody could see it, at any time since it was seen last.
            return before.seen_not_before
        known = [self.not_before, before.observed_at if before else None]
        return max((instant for instant in known if instant is not None), default=None)


@dataclass(slots=True)
class Sweep:
    """One reading of one resource."""

    refresh: int
    platform: str
    resource: str
    started_at: datetime
    ended_at: datetime
    verdict: str
    count: int

    @property
    def declared(self) -> int | None:
        return None if self.resource in PER_UNIT else self.count


@dataclass(slots=True)
class Refresh:
    """One run of the main job for one platform."""

    refresh: int
    platform: str
    started_at: datetime
    finished_at: datetime
    status: str


@dataclass
class Observed:
    """All versions of all records, and when they were read."""

    account: str = "default"
    versions: dict[tuple[str, str], dict[tuple[str, ...], list[Version]]] = field(default_factory=dict)
    """(platform, table) -> natural key -> versions, oldest first."""
    refreshes: list[Refresh] = field(default_factory=list)
    sweeps: list[Sweep] = field(default_factory=list)
    child_reads: dict[tuple[str, str, str], datetime] = field(default_factory=dict)
    """(platform, resource, parent) -> last reply."""

    def table(self, platform: str, name: str) -> dict[tuple[str, ...], list[Version]]:
        return self.versions.setdefault((platform, name), {})

    def platforms(self) -> list[str]:
        return sorted({refresh.platform for refresh in self.refreshes})

    def first_refresh_at(self, platform: str) -> datetime:
        return min(refresh.started_at for refresh in self.refreshes if refresh.platform == platform)

    def as_of_at(self, platform: str) -> datetime:
        good = ("ok", "partial")
        return max(run.finished_at for run in self.refreshes if run.platform == platform and run.status in good)


def every(start: datetime, end: datetime, **pause: float) -> list[datetime]:
    """Instants from start to end, a timedelta apart; the end is always one of them."""
    instants, step = [], timedelta(**pause)
    while start < end:
        instants.append(start)
        start += step
    return [*instants, end]


@dataclass
class Manner:
    """How a connector reads: what it may miss, and how much it shows of people."""

    privacy: str = "minimal"
    audit_every: int = 7
    """Parents without open work are read in each so-many-th refresh only."""
    unproven_share: float = 0.0
    """So many sweeps lose rows, cannot be proven, and conclude no absence."""
    seed: int = 0
    seconds_apart: int = 4
    """Virtual seconds between one resource and the next; 0 when the clock stands still during a refresh."""


def observe(log: Sequence[Event], instants: Iterable[datetime], manner: Manner | None = None) -> Observed:
    """Read everything at each instant."""
    return Reader(log, manner or Manner()).read(instants)


@dataclass
class _Place:
    """What one resource has shown so far, and how far it follows the log."""

    records: Records = field(default_factory=Records)
    pending: set[str] = field(default_factory=set)
    """Units that look different since they were last looked at."""
    shown: dict[str, dict[tuple[str, tuple[str, ...]], Version]] = field(default_factory=dict)
    """Unit -> its rows as last seen; a unit that is gone is not here."""
    complete: list[Sweep] = field(default_factory=list)
    replies: dict[str, datetime] = field(default_factory=dict)
    to_read: set[str] = field(default_factory=set)
    """Parents to be asked in this refresh, since their row is new or changed."""
    open_work: set[str] = field(default_factory=set)
    left: dict[str, datetime | None] = field(default_factory=dict)
    """Units that are gone -> start of the last complete reading that showed them."""


class Reader:
    """Goes through the resources, again and again, and keeps every version it is shown."""

    def __init__(self, log: Sequence[Event], manner: Manner) -> None:
        self.log = log
        self.manner = manner
        self.chance = Random(f"reading {manner.seed}")
        self.seen = Observed()
        self.places = {resource: _Place() for resource in ORDER}

    def read(self, instants: Iterable[datetime]) -> Observed:
        for number, instant in enumerate(instants, start=1):
            self.refresh(number, instant)
        return self.result()

    def result(self) -> Observed:
        for (platform, name), place in self.places.items():
            for unit, at in place.replies.items():
                self.seen.child_reads[platform, name, unit] = at
        return self.seen

    def refresh(self, number: int, instant: datetime) -> None:
        apart, margin = self.manner.seconds_apart, 5 if self.manner.seconds_apart else 0
        verdicts: dict[str, set[str]] = {"talent_ray": set(), "tailed": set()}
        for order, resource in enumerate(ORDER):
            at = instant + timedelta(seconds=apart * order)
            verdicts[resource[0]].add(self._sweep(number, resource, at))
        end = instant + timedelta(seconds=apart * (len(ORDER) + 1))
        for platform, found in verdicts.items():
            status = "partial" if "unproven" in found else "ok"
            self.seen.refreshes.append(Refresh(number, platform, instant - timedelta(seconds=margin), end, status))

    def _sweep(self, number: int, resource: tuple[str, str], at: datetime) -> str:
        place = self.places[resource]
        self._follow(resource, at)
        is_list = resource[1] not in PER_UNIT
        unproven = is_list and self.chance.random() < self.manner.unproven_share
        sweep = Sweep(number, *resource, at, at, "unproven" if unproven else "proven", 0)
        if is_list:
            margin = SWEEP_MARGIN if self.manner.seconds_apart else timedelta()
            sweep.started_at, sweep.ended_at = at - margin, at + margin
        wanted = set(place.pending) if is_list else self._wanted(number, resource)
        lost = {unit for unit in sorted(wanted) if unproven and self.chance.random() < 0.3}
        for unit in sorted(wanted - lost):
            if not is_list:
                place_before = place.replies.get(unit)
                if answers(place.records, resource[1], unit):
                    place.replies[unit] = at
            else:
                place_before = place.complete[-1].started_at if place.complete else None
            if unit in place.pending:
                self._look(resource, unit, at, sweep, place_before)
        # In an unproven sweep, what was missing might only have been lost: it is looked for again.
        missing = {unit for unit in wanted if unproven and not ROWS[resource](place.records, unit)}
        place.pending = (place.pending - wanted) | lost | missing
        place.to_read = set()
        if not unproven:
            place.complete.append(sweep)
        sweep.count = len(place.shown)
        self.seen.sweeps.append(sweep)
        return sweep.verdict

    def _follow(self, resource: tuple[str, str], at: datetime) -> None:
        place = self.places[resource]
        records = place.records
        while records.position < len(self.log) and self.log[records.position].at <= at:
            event = self.log[records.position]
            records.apply(event)
            for platform, name, unit in units(records, event):
                if (platform, name) == resource:
                    place.pending.add(unit)

    def _wanted(self, number: int, resource: tuple[str, str]) -> set[str]:
        """Which parents are asked in this refresh: new and changed ones, open work, and now and then the others."""
        platform, name = resource
        place = self.places[resource]
        if name == "cv_screening_batches":
            return set(place.records.table("talent_ray", "batch"))
        parents = self.places[platform, PARENT_LIST[name]].shown
        if name == "role_steps" or number % self.manner.audit_every == 0:
            return set(parents)
        return {unit for unit in place.to_read | place.open_work if unit in parents}

    def _look(
        self, resource: tuple[str, str], unit: str, at: datetime, sweep: Sweep, not_before: datetime | None
    ) -> None:
        platform, name = resource
        place = self.places[resource]
        rows = ROWS[resource](place.records, unit)
        is_silent = sweep.verdict == "unproven" or (name in PER_UNIT and not answers(place.records, name, unit))
        if not rows and (is_silent or unit not in place.shown):
            # A reading that is not complete concludes no absence; nor does a parent that just left: its list will tell.
            # And what was never shown has not left: shown later, it is new.
            return
        if rows and unit in place.left:
            last_shown = place.left.pop(unit)
            not_before = last_shown if RETURNS_ARE_WIDE else not_before
        shown = place.shown.setdefault(unit, {})
        changed = False
        for key, columns in rows.items():
            values = self._private(columns)
            if key not in shown or shown[key].values != values:
                visible = values.get("deleted_at") is None
                shown[key] = self._add(platform, key, Version(values, visible, at, not_before))
                changed = True
        for key in [key for key in shown if key not in rows]:
            # A list inside a row that is there tells by itself; a row is missing at the end of a complete sweep only.
            self._gone(platform, key, shown.pop(key), at if rows else sweep.ended_at, not_before)
            changed = True
        if not shown:
            del place.shown[unit]
            place.left[unit] = not_before
        if name == "candidate_steps":
            has_open_work = any(version.values["status"] in OPEN_WORK for version in shown.values())
            (place.open_work.add if has_open_work else place.open_work.discard)(unit)
        for child, parent in PARENT_LIST.items():
            if parent == name and platform == "talent_ray" and changed:
                below = self.places[platform, child]
                below.to_read.add(unit)
                if not rows:
                    for key, last in below.shown.pop(unit, {}).items():
                        self._gone(platform, key, last, sweep.ended_at, not_before)
                    # Shown again, everything is new.
                    below.pending.add(unit)

    def _gone(
        self, platform: str, key: tuple[str, tuple[str, ...]], last: Version, at: datetime, not_before: datetime | None
    ) -> None:
        self._add(platform, key, Version(last.values, False, at, not_before))

    def _add(self, platform: str, key: tuple[str, tuple[str, ...]], version: Version) -> Version:
        table, natural = key
        versions = self.seen.table(platform, table).setdefault(natural, [])
        version.previous = versions[-1] if versions else None
        versions.append(version)
        return version

    def _private(self, columns: Row) -> dict[str, Any]:
        if self.manner.privacy == "full":
            return columns
        return {name: None if name in PERSONAL else value for name, value in columns.items()}
