"""Leads: found one by one or read from batches of CVs, screened, linked to roles, and turned into candidates."""

# ruff: noqa: PLR2004, RUF001 - chances and days are the story itself; the letters are meant.

from __future__ import annotations

from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING

from connector.sandbox import founding, names, vocabulary
from connector.sandbox.clock import Agenda, Process, at_work, later
from connector.sandbox.kinds import BATCH, BATCH_MEMBER, LEAD, LEAD_ORGANIZATION, LEAD_ROLE, ROLE

if TYPE_CHECKING:
    from random import Random

    from connector.sandbox.log import Record
    from connector.sandbox.world import World

LEADS_PER_APPLICANT = 0.5


class Sourcing:
    """What the sourcing team does."""

    def __init__(self, world: World, agenda: Agenda, chance: Random, applicants_per_day: float) -> None:
        self.world = world
        self.agenda = agenda
        self.chance = chance
        self.per_day = applicants_per_day * LEADS_PER_APPLICANT
        self.convertible: dict[str, list[str]] = {}
        """Role -> leads linked to it that are no candidates yet."""

    def single_leads(self) -> Process:
        """Find a lead now and then."""
        while True:
            seconds = max(60, int(self.chance.expovariate(self.per_day) * 86_400))
            yield at_work(self.world.now + timedelta(seconds=seconds), self.chance)
            role = self._role()
            if role is None:
                continue
            self.agenda.start(self._screening(self.lead(role["organizationId"]), role["id"]))

    def batches(self) -> Process:
        """Upload a pile of CVs about every ten days."""
        while True:
            yield at_work(later(self.world.now, self.chance, 9), self.chance)
            role = self._role()
            if role is None:
                continue
            batch_id = self.world.new_id("batch")
            organization_id = role["organizationId"]
            batch = {
                "id": batch_id,
                "organizationId": organization_id,
                "roleId": role["id"],
                "createdAt": self.world.now,
            }
            self.world.insert(BATCH, batch)
            for _ in range(self.chance.randrange(4, max(6, min(140, int(self.per_day * 12))))):
                lead_id = self.lead(organization_id)
                member = {"id": f"{batch_id}:{lead_id}", "batchId": batch_id, "leadId": lead_id}
                self.world.insert(BATCH_MEMBER, member)
                self.agenda.start(self._screening(lead_id, role["id"]), later(self.world.now, self.chance, 0.02))

    def lead(self, organization_id: str, **fields: object) -> str:
        """Make a lead, sometimes of a person who is one already."""
        world, chance = self.world, self.chance
        recent = list(islice(reversed(world.tables[LEAD].values()), 60))
        twin = chance.choice(recent) if recent else None
        person = names.person(chance, len(world.log))
        if twin and chance.random() < 0.07:
            person = names.Person(twin["fullName"], twin["email"], twin["phone"])
        record: Record = {
            "id": world.new_id("pc"),
            "fullName": person.full_name,
            "email": person.email,
            "contactEmail": person.email if chance.random() < 0.2 else None,
            "phone": person.phone,
            "status": "uploaded",
            "skills": [],
            "summary": None,
            "candidateId": None,
            "createdAt": world.now,
            "updatedAt": world.now,
            **fields,
        }
        world.insert(LEAD, record)
        self.link_organization(record["id"], organization_id)
        return str(record["id"])

    def link_organization(self, lead_id: str, organization_id: str, status: str | None = None) -> None:
        """Put a lead into an organization's pool."""
        word = status or self.chance.choice(vocabulary.LEAD_POOL_WORDS)
        link = {
            "id": f"{lead_id}:{organization_id}",
            "leadId": lead_id,
            "organizationId": organization_id,
            "status": word,
        }
        self.world.insert(LEAD_ORGANIZATION, link, "linked")

    def _screening(self, lead_id: str, role_id: str) -> Process:
        world, chance = self.world, self.chance
        yield later(world.now, chance, 0.01)
        if chance.random() < 0.04:
            world.update(LEAD, lead_id, "parsed", status="failed")
            return
        skills = chance.sample(vocabulary.SKILLS, k=chance.randrange(5))
        text = chance.choice(("Ten years in the trade.", "5 yıl deneyim; “güvenilir”.", None))
        world.update(
            LEAD, lead_id, "parsed", status=chance.choice(("parsed", "parsed", "Parsed")), skills=skills, summary=text
        )
        if chance.random() < 0.1:
            return
        self._link_role(lead_id, role_id)
        if chance.random() < 0.1 and (other := self._role()):
            self._link_role(lead_id, other["id"])
        for link in world.related(LEAD_ROLE, "leadId", lead_id):
            yield later(world.now, chance, 0.05)
            if chance.random() < 0.85:
                world.update(LEAD_ROLE, link["id"], "screened", resumeFitScore=round(chance.triangular(5, 98, 62)))
        yield at_work(later(world.now, chance, 3), chance)
        if chance.random() < 0.5:
            world.update(LEAD, lead_id, "contacted", status=chance.choice(("contacted", "Contacted", "invited")))
        for link in world.related(LEAD_ROLE, "leadId", lead_id):
            if chance.random() < 0.3:
                yield later(world.now, chance, 5)
                world.update(LEAD_ROLE, link["id"], "scored", overallFitScore=round(chance.triangular(5, 98, 55)))

    def _link_role(self, lead_id: str, role_id: str) -> None:
        role = self.world.find(ROLE, role_id)
        link_id = f"{lead_id}:{role_id}"
        if role is None or link_id in self.world.tables[LEAD_ROLE]:
            return
        self.world.insert(
            LEAD_ROLE,
            {
                "id": link_id,
                "leadId": lead_id,
                "roleId": role_id,
                "roleName": role["name"],
                "organizationId": role["organizationId"],
                "status": self.chance.choice(vocabulary.LEAD_ROLE_WORDS),
                "resumeFitScore": -1,
                "overallFitScore": -1,
            },
            "linked",
        )
        self.convertible.setdefault(role_id, []).append(lead_id)
        # A role of another organization brings the lead into that one's pool too.
        if f"{lead_id}:{role['organizationId']}" not in self.world.tables[LEAD_ORGANIZATION]:
            self.link_organization(lead_id, role["organizationId"])

    def convert(self, role_id: str) -> str | None:
        """Turn a lead of this role into a candidate and return the candidate; other leads of that person follow."""
        waiting = self.convertible.get(role_id, [])
        if not waiting:
            return None
        lead = self.world.find(LEAD, waiting.pop(self.chance.randrange(len(waiting))))
        if lead is None or lead["candidateId"]:
            return None
        person = {"fullName": lead["fullName"], "email": lead["email"], "phone": lead["phone"]}
        candidate_id = founding.candidate(self.world, self.chance, **person)
        same = [lead["id"]]
        if lead["email"]:
            recent = islice(reversed(self.world.tables[LEAD].values()), 800)
            same += [row["id"] for row in recent if row["email"] == lead["email"] and row["id"] != lead["id"]]
        for lead_id in same:
            if not self.world.get(LEAD, lead_id)["candidateId"]:
                self.world.update(LEAD, lead_id, "converted", status="converted", candidateId=candidate_id)
        return candidate_id

    def tidy(self) -> None:
        """Delete or correct a lead."""
        leads = list(islice(reversed(self.world.tables[LEAD]), 300))
        if not leads:
            return
        lead_id = self.chance.choice(leads)
        if self.chance.random() < 0.5:
            self.world.delete(LEAD, lead_id)
        else:
            self.world.update(LEAD, lead_id, "edited", phone=f"+90 5{self.chance.randrange(10**8, 10**9)}")

    def _role(self) -> Record | None:
        roles = self.world.tables[ROLE]
        opened = [role for role in roles.values() if role["status"].lower() in ("open", "active")]
        pool = opened or list(roles.values())
        return self.chance.choice(pool) if pool else None
