"""The Tailed side of the company: a smaller employer hiring students, of whom only the present is ever shown."""

# ruff: noqa: PLR2004, S311 - chances and days are the story itself; nothing here is secret.

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import islice
from random import Random
from typing import TYPE_CHECKING

from connector.sandbox import names, vocabulary
from connector.sandbox.clock import Agenda, Process, at_work, later
from connector.sandbox.kinds import TAILED_APPLICATION, TAILED_CANDIDATE, TAILED_JOB
from connector.sandbox.snapshots import Snapshots

if TYPE_CHECKING:
    from connector.sandbox.log import Record
    from connector.sandbox.world import World

STAGES = ("applied", "screening", "interview", "offer")
PASS_RATES = (0.72, 0.5, 0.45, 0.78)
STAGE_DAYS = (4.0, 6.0, 9.0, 6.0)
SOURCES = ("university", "university", "career fair", "referral", "website", None)
UNIVERSITIES = ("Example University", "Université d'Exemple", "Boğaziçi Örnek Üniversitesi", "示例大学", None)
TAGS = ("python", "sql", "français", "finance", "co-op", "güçlü aday")
JOB_TITLES = (
    ("Software Intern", "Engineering"),
    ("Data Analyst Intern", "Data"),
    ("Marketing Coordinator", "Marketing"),
    ("Développeur junior", "Engineering"),
    ("Finance Associate", "Finance"),
    ("Lab Assistant", "Research"),
)
EMPLOYMENT = ("full_time", "part_time", "internship", "contract", None)
ACTIVE_WORDS = ("active",) * 9 + ("Active",)


class TailedStory:
    """Starts every process of the Tailed side."""

    def __init__(self, world: World, agenda: Agenda, seed: int, candidates: int, start: datetime, days: float) -> None:
        self.world = world
        self.agenda = agenda
        self.chance = Random(f"tailed {seed}")
        self.days = days
        self.per_day = max(1, candidates) / days
        count_jobs = max(4, round(candidates**0.5 * 0.6))
        seconds = int(days * 86_400)
        arrivals = sorted(start + timedelta(seconds=self.chance.randrange(1, seconds)) for _ in range(candidates))
        agenda.start(self._openings(count_jobs))
        agenda.start(self._arrivals(arrivals))
        agenda.start(self._office())
        agenda.start(Snapshots(world, self.chance).nightly())

    # Jobs

    def _openings(self, count: int) -> Process:
        for _ in range(count // 2):
            self._open_job()
            yield self.world.now + timedelta(minutes=self.chance.randrange(1, 40))
        pause = self.days / max(1, count - count // 2)
        while True:
            yield at_work(later(self.world.now, self.chance, pause * 0.6), self.chance)
            self._open_job()

    def _open_job(self) -> None:
        chance, now = self.chance, self.world.now
        title, department = chance.choice(JOB_TITLES)
        is_draft = chance.random() < 0.15
        record: Record = {
            "id": self.world.new_id("job"),
            "title": title,
            "department": department if chance.random() < 0.9 else None,
            "location": chance.choice(vocabulary.LOCATIONS),
            "employmentType": chance.choice(EMPLOYMENT),
            "status": "draft" if is_draft else "open",
            "openings": chance.choice((None, 1, 1, 2, 3)),
            "createdAt": now,
            "publishedAt": None if is_draft else now,
            "closedAt": None,
            "updatedAt": now,
        }
        self.world.insert(TAILED_JOB, record)
        self.agenda.start(self._job(record["id"]))

    def _job(self, job_id: str) -> Process:
        world, chance = self.world, self.chance
        if world.get(TAILED_JOB, job_id)["status"] == "draft":
            yield at_work(later(world.now, chance, 4), chance)
            world.update(TAILED_JOB, job_id, "published", status="open", publishedAt=world.now)
        yield at_work(later(world.now, chance, 70), chance)
        if chance.random() < 0.15:
            return
        world.update(TAILED_JOB, job_id, "closed", status="closed", closedAt=world.now)
        if chance.random() < 0.15:
            yield at_work(later(world.now, chance, 15), chance)
            world.update(TAILED_JOB, job_id, "reopened", status="open", closedAt=None)
        elif chance.random() < 0.3:
            # Deleting a job is soft, but nothing shows it: it is just absent.
            yield at_work(later(world.now, chance, 20), chance)
            world.hide(TAILED_JOB, job_id)

    # Candidates and applications

    def _arrivals(self, known: list[datetime]) -> Process:
        for instant in known:
            if instant > self.world.now:
                yield instant
            self._arrive()
        while True:
            yield self.world.now + timedelta(seconds=max(1, int(self.chance.expovariate(self.per_day) * 86_400)))
            self._arrive()

    def _arrive(self) -> None:
        chance, now = self.chance, self.world.now
        person = names.person(chance, len(self.world.log))
        record: Record = {
            "id": self.world.new_id("cand"),
            "fullName": person.full_name,
            "email": person.email,
            "phone": person.phone,
            "source": chance.choice(SOURCES),
            "university": chance.choice(UNIVERSITIES),
            "tags": chance.sample(TAGS, k=chance.choice((0, 0, 1, 2, 3))),
            "createdAt": now,
            "updatedAt": now,
            "deletedAt": None,
        }
        self.world.insert(TAILED_CANDIDATE, record)
        # A few are in the database only; some apply twice, even to the same job.
        for _ in range(chance.choice((0, 1, 1, 1, 1, 1, 1, 2, 2))):
            self.agenda.start(self._application(record["id"]), later(now, chance, 0.3))

    def _application(self, candidate_id: str) -> Process:
        world, chance = self.world, self.chance
        source = world.get(TAILED_CANDIDATE, candidate_id)["source"]
        job_id = self._popular_job()
        if job_id is None:
            return
        application_id = self._apply(candidate_id, job_id, source)
        stage = 0
        while True:
            yield at_work(later(world.now, chance, STAGE_DAYS[stage]), chance)
            if world.get(TAILED_APPLICATION, application_id)["status"].lower() != "active":
                return
            if chance.random() < 0.05:
                world.update(TAILED_APPLICATION, application_id, "withdrawn", status="withdrawn")
                return
            if chance.random() < 0.04 and stage > 0:
                stage -= 1
                self._move(application_id, STAGES[stage])
                continue
            if chance.random() >= PASS_RATES[stage]:
                self._reject(application_id)
                if chance.random() >= 0.06:
                    return
                yield at_work(later(world.now, chance, 10), chance)
                world.update(
                    TAILED_APPLICATION,
                    application_id,
                    "reopened",
                    status="active",
                    rejectedAt=None,
                    rejectionReason=None,
                )
                continue
            # Some jump a stage.
            stage += 2 if stage == 0 and chance.random() < 0.1 else 1
            if stage == len(STAGES):
                break
            self._move(application_id, STAGES[stage] if chance.random() < 0.97 else "assessment day")
        world.update(
            TAILED_APPLICATION,
            application_id,
            "hired",
            status="hired",
            stage="hired",
            stageEnteredAt=world.now,
            hiredAt=world.now,
        )

    def _popular_job(self) -> str | None:
        jobs = self.world.tables[TAILED_JOB]
        pool = [job_id for job_id, job in jobs.items() if job["status"] == "open"] or list(jobs)
        return pool[int(self.chance.random() ** 2 * len(pool))] if pool else None

    def _apply(self, candidate_id: str, job_id: str, source: str | None) -> str:
        chance, now = self.chance, self.world.now
        record: Record = {
            "id": self.world.new_id("app"),
            "candidateId": candidate_id,
            "jobId": job_id,
            "stage": "applied" if chance.random() < 0.97 else None,
            "status": chance.choice(ACTIVE_WORDS),
            "source": source,
            "appliedAt": now,
            "stageEnteredAt": now if chance.random() < 0.9 else None,
            "hiredAt": None,
            "rejectedAt": None,
            "rejectionReason": None,
            "createdAt": now,
            "updatedAt": now,
            "deletedAt": None,
        }
        self.world.insert(TAILED_APPLICATION, record, "applied")
        return str(record["id"])

    def _move(self, application_id: str, stage: str) -> None:
        self.world.update(
            TAILED_APPLICATION, application_id, "moved", stage=stage, status="active", stageEnteredAt=self.world.now
        )

    def _reject(self, application_id: str) -> None:
        reason = self.chance.choice(vocabulary.REASONS)
        self.world.update(
            TAILED_APPLICATION,
            application_id,
            "rejected",
            status="rejected",
            rejectedAt=self.world.now,
            rejectionReason=reason,
        )

    # Housekeeping

    def _office(self) -> Process:
        """Edit people, delete softly, and take some deletions back."""
        world, chance = self.world, self.chance
        while True:
            yield at_work(later(world.now, chance, 1.0 / (0.15 + len(world.tables[TAILED_CANDIDATE]) / 200)), chance)
            kind = chance.choice((TAILED_CANDIDATE, TAILED_CANDIDATE, TAILED_APPLICATION))
            recent = [row for row in islice(reversed(world.tables[kind].values()), 300) if row["deletedAt"] is None]
            if not recent:
                continue
            row = chance.choice(recent)
            if chance.random() < 0.6:
                changes: Record = {"source": chance.choice(SOURCES)}
                if kind is TAILED_CANDIDATE:
                    changes = {"phone": f"+1514{chance.randrange(10**6, 10**7)}"}
                world.update(kind, row["id"], "edited", **changes)
            else:
                self.agenda.start(self._deleted(row["id"], is_candidate=kind is TAILED_CANDIDATE))

    def _deleted(self, record_id: str, *, is_candidate: bool) -> Process:
        kind = TAILED_CANDIDATE if is_candidate else TAILED_APPLICATION
        self.world.update(kind, record_id, "deleted", deletedAt=self.world.now)
        yield at_work(later(self.world.now, self.chance, 8), self.chance)
        if self.chance.random() < 0.35:
            self.world.update(kind, record_id, "restored", deletedAt=None)
