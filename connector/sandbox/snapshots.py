"""Tailed's own analytics: every night, one row per job and one for the whole organization."""

# ruff: noqa: PLR2004 - chances are the story itself.

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from connector.sandbox.kinds import TAILED_APPLICATION, TAILED_JOB, TAILED_SNAPSHOT

if TYPE_CHECKING:
    from collections.abc import Iterable
    from random import Random

    from connector.sandbox.clock import Process
    from connector.sandbox.log import Record
    from connector.sandbox.world import World

HOUR_OF_WRITING = 2
SECONDS_PER_DAY = 86_400


class Snapshots:
    """Counts at midnight, writes two hours later, and sometimes writes an older row again."""

    def __init__(self, world: World, chance: Random) -> None:
        self.world = world
        self.chance = chance

    def nightly(self) -> Process:
        """Do so for ever."""
        world = self.world
        while True:
            yield (world.now + timedelta(days=1)).replace(hour=0, minute=0, second=0)
            day = f"{world.now - timedelta(seconds=1):%Y-%m-%d}"
            counted = self._count(day)
            yield world.now.replace(hour=HOUR_OF_WRITING)
            for row in counted:
                row["generatedAt"] = world.now
                # A night that ran twice, after the clock had jumped, finds its rows there.
                if row["id"] not in world.tables[TAILED_SNAPSHOT]:
                    world.insert(TAILED_SNAPSHOT, row, "generated")
            older = f"snap_{world.now - timedelta(days=self.chance.randrange(2, 20)):%Y-%m-%d}_all"
            if self.chance.random() < 0.04 and older in world.tables[TAILED_SNAPSHOT]:
                world.update(TAILED_SNAPSHOT, older, "regenerated", generatedAt=world.now)

    def _count(self, day: str) -> list[Record]:
        by_job: dict[str, list[Record]] = {}
        left = [row for row in self.world.tables[TAILED_APPLICATION].values() if row["deletedAt"] is None]
        for row in left:
            by_job.setdefault(row["jobId"], []).append(row)
        rows = [_row(day, None, left)]
        for job_id, job in self.world.tables[TAILED_JOB].items():
            if job["status"] == "open" and not job.get("hidden"):
                rows.append(_row(day, job_id, by_job.get(job_id, ())))
        return rows


def _row(day: str, job_id: str | None, applications: Iterable[Record]) -> Record:
    applications = list(applications)
    active = [row for row in applications if row["status"].lower() == "active"]
    hires = [row for row in applications if row["status"] == "hired"]
    waits = [(row["hiredAt"] - row["appliedAt"]).total_seconds() / SECONDS_PER_DAY for row in hires]
    return {
        "id": f"snap_{day}_{job_id or 'all'}",
        "date": day,
        "jobId": job_id,
        "applicationsTotal": len(applications),
        "activeCandidates": len({row["candidateId"] for row in active}),
        "stageCounts": dict(Counter(row["stage"] for row in active if row["stage"] is not None)),
        "hires": len(hires),
        "averageTimeToHireDays": round(sum(waits) / len(waits), 2) if waits else None,
        "generatedAt": None,
    }
