"""The company: seeded, with a clock that can be advanced, and every past change on record."""

# ruff: noqa: S311 - repeatable chance is wanted; nothing here is secret.

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any, Literal, Self

from connector.sandbox import editing, light, resources
from connector.sandbox.access import READ_SCOPES, Access
from connector.sandbox.clock import Agenda, whole_second
from connector.sandbox.simulation import TalentRayStory
from connector.sandbox.tailed_story import TailedStory
from connector.sandbox.world import World

if TYPE_CHECKING:
    from connector.sandbox.log import Event, Record

Clock = Literal["ticking", "frozen"]


def tailed_candidates(candidates: int) -> int:
    """Return how many people Tailed gets when so many apply through Talent-Ray: fewer, at most a few thousand."""
    return min(candidates // 2, 3000)


class Company:
    """A simulated employer group from `end - days` to `end`, as both platforms know it."""

    def __init__(
        self,
        *,
        seed: int = 7,
        candidates: int = 200,
        days: float = 180,
        end: datetime | None = None,
        stories: bool = True,
    ) -> None:
        """Simulate. `candidates` apply through Talent-Ray in the period; without `stories` see `light`."""
        stop = whole_second(end or datetime.now(UTC))
        start = stop - timedelta(days=days)
        self.seed = seed
        self.lock = threading.RLock()
        self.world = World(start)
        self.agenda = Agenda(self.world)
        self.access = Access(seed)
        self.chance = Random(f"edits {seed}")
        self.talent_ray = TalentRayStory(self.world, self.agenda, seed, candidates / days)
        if stories:
            self.talent_ray.begin(candidates, start, days)
            TailedStory(self.world, self.agenda, seed, tailed_candidates(candidates), start, days)
        else:
            light.fill(self.world, self.chance, candidates, start, days)
        self.agenda.run(stop)
        self.talent_ray_key = self.access.create("user_admin", stop, scopes=READ_SCOPES, name="warehouse", days=365)
        self.tailed_key = self.access.create("user_admin", stop, name="warehouse", days=None, tailed=True)
        self._ticking_since: float | None = None
        self._ticking_from = stop

    @classmethod
    def light(cls, *, candidates: int, seed: int = 7, days: float = 180, end: datetime | None = None) -> Self:
        """Make a company of any size quickly, for benchmarks: no steps, and nothing goes on by itself."""
        return cls(seed=seed, candidates=candidates, days=days, end=end, stories=False)

    # The clock

    @property
    def now(self) -> datetime:
        """The virtual instant, whole seconds, UTC."""
        with self.lock:
            self.tick_along()
            return self.world.now

    def tick_along(self) -> None:
        """Bring the clock up to real time, if it ticks; to be called with the lock held."""
        if self._ticking_since is not None:
            elapsed = timedelta(seconds=int(time.monotonic() - self._ticking_since))
            self.world.now = max(self.world.now, self._ticking_from + elapsed)

    def tick(self, clock: Clock) -> None:
        """Let the clock follow real time from here on, or stand still."""
        with self.lock:
            self._ticking_from = self.now
            self._ticking_since = time.monotonic() if clock == "ticking" else None

    def advance(self, *, days: float = 0, hours: float = 0, seconds: float = 0) -> datetime:
        """Let time pass and everything happen that is due in it; return the new instant."""
        with self.lock:
            until = whole_second(self.now + timedelta(days=days, hours=hours, seconds=seconds))
            self.agenda.run(until)
            if self._ticking_since is not None:
                self.tick("ticking")
            return self.world.now

    # The truth

    @property
    def log(self) -> list[Event]:
        """Every change of every record, oldest first."""
        return self.world.log

    def truth(self, platform: str, resource: str) -> list[dict[str, Any]]:
        """Return what a key that may see everything would be shown now, as the API writes it."""
        with self.lock:
            return resources.truth(self, platform, resource)

    # Direct changes, for tests

    def insert(self, platform: str, resource: str, **fields: Any) -> str:
        """Add a record with plausible values where none are given; return its id."""
        with self.lock:
            self.tick_along()
            return editing.insert(self, platform, resource, fields)

    def update(self, platform: str, resource: str, record_id: str, *, silent: bool = False, **fields: Any) -> Record:
        """Change fields of a record; with `silent` its `updatedAt` stays."""
        with self.lock:
            self.tick_along()
            return self.world.update(editing.kind_of(platform, resource), record_id, "edited", silent=silent, **fields)

    def delete(self, platform: str, resource: str, record_id: str) -> None:
        """Remove a record and all that hangs on it."""
        with self.lock:
            self.tick_along()
            self.world.delete(editing.kind_of(platform, resource), record_id)

    def hide(self, platform: str, resource: str, record_id: str) -> None:
        """Make a record invisible to every key."""
        with self.lock:
            self.tick_along()
            self.world.hide(editing.kind_of(platform, resource), record_id)

    def show(self, platform: str, resource: str, record_id: str) -> None:
        """Make a hidden record visible again."""
        with self.lock:
            self.tick_along()
            self.world.show(editing.kind_of(platform, resource), record_id)

    def edit_some(self, platform: str, resource: str, share: float) -> int:
        """Edit a random share of a list, one field each; return how many."""
        kind = editing.kind_of(platform, resource)
        with self.lock:
            self.tick_along()
            ids = list(self.world.tables[kind])
            chosen = self.chance.sample(ids, k=round(len(ids) * share))
            name = next(field for field in ("phone", "department", "source", "name", "status") if field in kind.fields)
            for record_id in chosen:
                changes: Record = {name: f"edited {self.chance.randrange(10**6)}"}
                self.world.update(kind, record_id, "edited", **changes)
            return len(chosen)
