"""A big company in a hurry: many candidates, roles and leads at once, without the story of each and without steps."""

# ruff: noqa: PLR2004 - chances are the story itself.

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from connector.sandbox import founding, vocabulary
from connector.sandbox.kinds import ASSIGNMENT, LEAD, LEAD_ORGANIZATION, LEAD_ROLE, ROLE

if TYPE_CHECKING:
    from datetime import datetime
    from random import Random

    from connector.sandbox.log import Record
    from connector.sandbox.world import World

STATUSES = ("In Pipeline",) * 3 + ("Rejected",) * 14 + ("Withdrawn", "withdrawn", "Hired")


def fill(world: World, chance: Random, candidates: int, start: datetime, days: float) -> None:
    """Make roles, candidates with one or two assignments, and a lead for every tenth candidate, over the period."""
    founding.found(world, chance)
    role_ids = [founding.role(world, chance) for _ in range(max(8, round(candidates**0.5)))]
    roles = [world.get(ROLE, role_id) for role_id in role_ids]
    seconds = days * 86_400
    for number in range(candidates):
        world.now = start + timedelta(seconds=int(seconds * (number + 1) / candidates))
        chosen = [chance.choice(roles)]
        if chance.random() < 0.2:
            chosen += [role for role in (chance.choice(roles),) if role is not chosen[0]]
        organizations = tuple({role["organizationId"]: None for role in chosen})
        candidate_id = founding.candidate(world, chance, organizationIds=organizations)
        for role in chosen:
            world.insert(ASSIGNMENT, _assignment(chance, candidate_id, role), "assigned")
        if number % 10 == 0:
            _lead(world, chance, chosen[0], candidate_id if number % 30 == 0 else None)


def _assignment(chance: Random, candidate_id: str, role: Record) -> Record:
    status = chance.choice(STATUSES)
    return {
        "id": f"{candidate_id}:{role['id']}",
        "candidateId": candidate_id,
        "roleId": role["id"],
        "roleName": role["name"],
        "organizationId": role["organizationId"],
        "status": status,
        "overallFitScore": chance.randrange(101) if chance.random() < 0.8 else -1,
        "approved": status == "Hired",
    }


def _lead(world: World, chance: Random, role: Record, candidate_id: str | None) -> None:
    number = len(world.log)
    lead_id = world.new_id("pc")
    now = world.now
    world.insert(
        LEAD,
        {
            "id": lead_id,
            "fullName": f"Lead {number}",
            "email": f"lead.{number}@example.com",
            "contactEmail": None,
            "phone": None,
            "status": "converted" if candidate_id else "parsed",
            "skills": chance.sample(vocabulary.SKILLS, k=2),
            "summary": None,
            "candidateId": candidate_id,
            "createdAt": now,
            "updatedAt": now,
        },
    )
    organization_id = role["organizationId"]
    pool = {
        "id": f"{lead_id}:{organization_id}",
        "leadId": lead_id,
        "organizationId": organization_id,
        "status": "Pool",
    }
    world.insert(LEAD_ORGANIZATION, pool, "linked")
    link = {"id": f"{lead_id}:{role['id']}", "leadId": lead_id, "roleId": role["id"], "roleName": role["name"]}
    scores = {"status": "Assigned", "resumeFitScore": chance.randrange(101), "overallFitScore": -1}
    world.insert(LEAD_ROLE, {**link, "organizationId": organization_id, **scores}, "linked")
