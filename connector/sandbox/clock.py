"""Discrete events: processes that sleep, a queue of who wakes next, and the working day."""

from __future__ import annotations

import heapq
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from connector.sandbox.world import GoneError

if TYPE_CHECKING:
    from random import Random

    from connector.sandbox.world import World

Process = Generator[datetime, None, None]
"""Something that happens over time: it yields the instant at which it goes on."""

SATURDAY = 5
FIRST_HOUR, LAST_HOUR = 7, 18


class Agenda:
    """Runs processes in the order of their instants."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._queue: list[tuple[datetime, int, Process]] = []
        self._started = 0

    def start(self, process: Process, at: datetime | None = None) -> None:
        """Let a process begin, now or at an instant."""
        self._started += 1
        heapq.heappush(self._queue, (at or self._world.now, self._started, process))

    def run(self, until: datetime) -> None:
        """Let everything happen that is due; what was due before now happens now."""
        world, queue = self._world, self._queue
        while queue and queue[0][0] <= until:
            due, order, process = heapq.heappop(queue)
            world.now = max(due, world.now)
            try:
                wake = next(process)
            except (StopIteration, GoneError):
                # Gone: the record it was about was deleted meanwhile, so its story ends.
                continue
            heapq.heappush(queue, (wake, order, process))
        world.now = max(until, world.now)


def later(now: datetime, chance: Random, mean_days: float) -> datetime:
    """Return an instant some days on, long tail, whole seconds, at least one second."""
    seconds = min(chance.lognormvariate(0.0, 0.7) * mean_days, mean_days * 8) * 86_400
    return now + timedelta(seconds=max(1, int(seconds)))


def at_work(instant: datetime, chance: Random) -> datetime:
    """Return the instant itself in working hours, else a random one in the next of them."""
    day = instant
    if day.hour >= LAST_HOUR:
        day += timedelta(days=1)
    while day.weekday() >= SATURDAY:
        day += timedelta(days=1)
    if day == instant and day.hour >= FIRST_HOUR:
        return instant
    opening = day.replace(hour=FIRST_HOUR, minute=0, second=0)
    return max(instant, opening + timedelta(seconds=chance.randrange((LAST_HOUR - FIRST_HOUR) * 3600)))


def whole_second(instant: datetime) -> datetime:
    """Return the instant in UTC without fractions."""
    return instant.astimezone(UTC).replace(microsecond=0)
