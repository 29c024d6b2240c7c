"""The Talent-Ray side of the company as a story: roles open, leads are found, people apply, the months go by."""

# ruff: noqa: PLR2004, RUF001, S311 - chances and days are the story itself; the letters are meant; nothing is secret.

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import islice
from random import Random
from typing import TYPE_CHECKING

from connector.sandbox import founding, vocabulary
from connector.sandbox.clock import Agenda, Process, at_work, later
from connector.sandbox.hiring import Hiring
from connector.sandbox.kinds import ASSIGNMENT, CANDIDATE, LEAD, ROLE, ROLE_STEP, TEST
from connector.sandbox.sourcing import Sourcing

if TYPE_CHECKING:
    from connector.sandbox.log import Record
    from connector.sandbox.world import World


class TalentRayStory:
    """Starts every process of the Talent-Ray side and keeps the pace."""

    def __init__(self, world: World, agenda: Agenda, seed: int, per_day: float) -> None:
        self.world = world
        self.agenda = agenda
        self.chance = Random(f"talent_ray {seed}")
        self.per_day = per_day
        self.hiring = Hiring(world, agenda, self.chance)
        self.sourcing = Sourcing(world, agenda, self.chance, per_day)

    def begin(self, candidates: int, start: datetime, days: float) -> None:
        """Found the company and let everything start."""
        founding.found(self.world, self.chance)
        seconds = int(days * 86_400)
        arrivals = sorted(start + timedelta(seconds=self.chance.randrange(1, seconds)) for _ in range(candidates))
        self.agenda.start(self._openings(max(8, round(candidates**0.5 * 0.9)), days))
        self.agenda.start(self._arrivals(arrivals))
        self.agenda.start(self.sourcing.single_leads())
        self.agenda.start(self.sourcing.batches())
        self.agenda.start(self._office())

    def _openings(self, count: int, days: float) -> Process:
        """Half of the roles are there within a day, the others follow over the period, and so on at that rate."""
        for _ in range(count // 2):
            self._open_role()
            yield self.world.now + timedelta(seconds=self.chance.randrange(60, 1 + 86_400 * 2 // count + 60))
        pause = days / max(1, count - count // 2)
        while True:
            yield at_work(later(self.world.now, self.chance, pause * 0.55), self.chance)
            self._open_role()

    def _open_role(self) -> None:
        self.agenda.start(self._role(founding.role(self.world, self.chance)))

    def _role(self, role_id: str) -> Process:
        """Run a role from draft to its end."""
        world, chance = self.world, self.chance
        lasts_forever = chance.random() < 0.12
        if world.get(ROLE, role_id)["status"] == "draft":
            yield at_work(later(world.now, chance, 3), chance)
            world.update(ROLE, role_id, "opened", status=chance.choice(vocabulary.OPEN_WORDS))
        ends = later(world.now, chance, 75)
        while world.now < ends or lasts_forever:
            yield at_work(later(world.now, chance, 12), chance)
            if self._is_filled(role_id) and not lasts_forever:
                break
            yield from self._incident(role_id)
        filled = self._is_filled(role_id)
        words = vocabulary.FILLED_WORDS if filled else vocabulary.CLOSED_WORDS
        word = chance.choice(words) if chance.random() < 0.8 else "closed"
        world.update(ROLE, role_id, "filled" if filled else "closed", status=word, isPublic=False)
        yield at_work(later(world.now, chance, 2), chance)
        if chance.random() < 0.6:
            self.hiring.turn_down_everybody(role_id)
        if chance.random() < 0.25:
            yield at_work(later(world.now, chance, 20), chance)
            world.update(ROLE, role_id, "reopened", status="open")
            yield at_work(later(world.now, chance, 40), chance)
            world.update(ROLE, role_id, "closed", status="closed")

    def _is_filled(self, role_id: str) -> bool:
        target = self.world.get(ROLE, role_id)["targetHireCount"] or 1
        return self.hiring.hires.get(role_id, 0) >= target

    def _incident(self, role_id: str) -> Process:
        """Let something happen to a role: it pauses, is edited, turns confidential, or nothing."""
        world, chance = self.world, self.chance
        dice = chance.random()
        if dice < 0.05:
            world.update(ROLE, role_id, "held", status=chance.choice(vocabulary.HOLD_WORDS))
            yield at_work(later(world.now, chance, 14), chance)
            world.update(ROLE, role_id, "resumed", status=chance.choice(vocabulary.OPEN_WORDS))
        elif dice < 0.08:
            world.update(ROLE, role_id, "edited", confidential=True)
            world.hide(ROLE, role_id)
            yield at_work(later(world.now, chance, 10), chance)
            if chance.random() < 0.7:
                world.update(ROLE, role_id, "edited", confidential=False)
                world.show(ROLE, role_id)
        elif dice < 0.2:
            edit = chance.choice(("priority", "salaryMax", "targetHireCount", "name", "isPublic"))
            old = world.get(ROLE, role_id)
            values = {
                "priority": chance.choice(vocabulary.PRIORITIES),
                "salaryMax": (old["salaryMax"] or 50_000) + 5_000,
                "targetHireCount": (old["targetHireCount"] or 1) + 1,
                "name": f"{old['name'].removesuffix(' II')} II",
                "isPublic": not old["isPublic"],
            }
            changes: Record = {edit: values[edit]}
            world.update(ROLE, role_id, "edited", **changes)
        elif dice < 0.23:
            steps = world.related(ROLE_STEP, "roleId", role_id)
            if steps:
                step = chance.choice(steps)
                text = chance.choice(("Please read the guide first.", "Ölçütler için kılavuza bakın.", None))
                world.update(ROLE_STEP, step["id"], "edited", description=text)

    def _arrivals(self, known: list[datetime]) -> Process:
        """Let people apply: at the known instants first, then on and on at the same rate."""
        for instant in known:
            if instant > self.world.now:
                yield instant
            self._arrive()
        while True:
            seconds = max(1, int(self.chance.expovariate(self.per_day) * 86_400))
            yield self.world.now + timedelta(seconds=seconds)
            self._arrive()

    def _arrive(self) -> None:
        role_id = self._open_role_id()
        if role_id is None:
            return
        candidate_id = self.sourcing.convert(role_id) if self.chance.random() < 0.18 else None
        candidate_id = candidate_id or founding.candidate(self.world, self.chance)
        self.agenda.start(self.hiring.application(candidate_id, role_id))
        dice = self.chance.random()
        for _ in range(2 if dice < 0.05 else 1 if dice < 0.24 else 0):
            self.agenda.start(self._another(candidate_id), later(self.world.now, self.chance, 9))

    def _another(self, candidate_id: str) -> Process:
        """Apply to a further role."""
        taken = {row["roleId"] for row in self.world.related(ASSIGNMENT, "candidateId", candidate_id)}
        role_id = self._open_role_id()
        if role_id is not None and role_id not in taken and candidate_id in self.world.tables[CANDIDATE]:
            yield from self.hiring.application(candidate_id, role_id)

    def _open_role_id(self) -> str | None:
        roles = self.world.tables[ROLE]
        opened = [role_id for role_id, role in roles.items() if role["status"].lower() in ("open", "active")]
        pool = opened or list(roles)
        # The square makes some roles popular.
        return pool[int(self.chance.random() ** 2 * len(pool))] if pool else None

    def _office(self) -> Process:
        """Edit, hide, show and delete things now and then, about one a day and 60 candidates."""
        world, chance = self.world, self.chance
        while True:
            pause = 1.0 / (0.2 + len(world.tables[CANDIDATE]) / 150)
            yield at_work(later(world.now, chance, pause), chance)
            chores = (self._rename, self._contact, self._mark, self._hide, self._erase, self._test, self.sourcing.tidy)
            chores_weights = (2, 5, 3, 1.5, 0.5, 0.6, 2)
            chance.choices(chores, chores_weights)[0]()

    def _some(self) -> str | None:
        newest = list(islice(reversed(self.world.tables[CANDIDATE]), 400))
        return self.chance.choice(newest) if newest else None

    def _rename(self) -> None:
        if candidate_id := self._some():
            name = self.world.get(CANDIDATE, candidate_id)["fullName"]
            self.world.update(
                CANDIDATE, candidate_id, "edited", fullName=f"{name}-{self.chance.choice(('Şen', 'Roy'))}"
            )

    def _contact(self) -> None:
        if candidate_id := self._some():
            phone = f"+4930{self.chance.randrange(10**6, 10**7)}" if self.chance.random() < 0.9 else None
            self.world.update(CANDIDATE, candidate_id, "edited", phone=phone)

    def _mark(self) -> None:
        if candidate_id := self._some():
            word = self.chance.choice((*vocabulary.CANDIDATE_WORDS, "Inactive", "Do not contact"))
            self.world.update(CANDIDATE, candidate_id, "edited", status=word)

    def _hide(self) -> None:
        if candidate_id := self._some():
            self.agenda.start(self._hidden_for_a_while(candidate_id))

    def _hidden_for_a_while(self, candidate_id: str) -> Process:
        self.world.hide(CANDIDATE, candidate_id)
        yield later(self.world.now, self.chance, 12)
        if self.chance.random() < 0.6:
            self.world.show(CANDIDATE, candidate_id)

    def _erase(self) -> None:
        if candidate_id := self._some():
            for lead in [row for row in self.world.tables[LEAD].values() if row["candidateId"] == candidate_id]:
                self.world.update(LEAD, lead["id"], "unlinked", candidateId=None)
            self.world.delete(CANDIDATE, candidate_id)

    def _test(self) -> None:
        tests = list(self.world.tables[TEST])
        if not tests:
            return
        test_id = self.chance.choice(tests)
        self.world.update(TEST, test_id, "edited", duration=self.chance.choice((10, 15, 20, 25, 30, 45, 60)))
