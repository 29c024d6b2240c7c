"""New records with plausible values: organizations, people of the company, roles with pipelines, tests, candidates."""

# ruff: noqa: PLR2004 - chances are the story itself.

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.sandbox import names, vocabulary
from connector.sandbox.kinds import CANDIDATE, ORGANIZATION, ROLE, ROLE_STEP, TEST, USER

if TYPE_CHECKING:
    from random import Random

    from connector.sandbox.log import Record
    from connector.sandbox.world import World

# id, name, slug, portal switched on, salaries shown, share of the roles
ORGANIZATIONS = (
    ("org_north", "North Harbour Logistics", "north-harbour", True, True, 5),
    ("org_cedar", "Cedar & Söhne Bank", "cedar", True, False, 3),
    ("org_9:lab", "Lumen Lab ٩", "lumen-lab", False, True, 1),
)


def found(world: World, chance: Random) -> None:
    """Make the organizations, their users and the tests."""
    user(world, "user_admin", "Platform Admin", "admin", None, None)
    for organization_id, name, slug, portal, shows_salary, _ in ORGANIZATIONS:
        world.insert(
            ORGANIZATION,
            {
                "id": organization_id,
                "name": name,
                "slug": slug,
                "domain": f"{slug}.example",
                "logo": f"https://{slug}.example/logo.png",
                "portal": portal,
                "portalTheme": {"primaryColor": "#1f4e79", "showSalary": shows_salary},
            },
        )
        user(world, f"user_owner_{slug}", f"Owner of {name}", "user", organization_id, "owner")
        user(world, f"user_recruiter_{slug}", f"Recruiter of {name}", "user", organization_id, "employer")
        user(world, f"user_manager_{slug}", f"Hiring manager of {name}", "user", organization_id, "hiring_manager")
        user(world, f"user_member_{slug}", f"Member of {name}", "user", organization_id, "member")
    for number, (name, kind, category, minutes, persona, language) in enumerate(vocabulary.TESTS):
        owners = chance.sample([row[0] for row in ORGANIZATIONS], k=number % 3)
        test(
            world,
            name=name,
            type=kind,
            description=f"{name}: {minutes} minutes.",
            duration=minutes,
            targetPersona=persona,
            analysisCategory=category,
            language=language,
            organizationIds=owners,
        )


def user(
    world: World,
    user_id: str,
    name: str,
    platform_role: str,
    organization_id: str | None,
    organization_role: str | None,
) -> Record:
    """Make somebody who can own a key."""
    return world.insert(
        USER,
        {
            "id": user_id,
            "name": name,
            "email": f"{user_id.replace('_', '.')}@example.com",
            "platformRole": platform_role,
            "organizationId": organization_id,
            "orgRole": organization_role,
        },
    )


def test(world: World, **fields: object) -> str:
    """Make the metadata of an assessment; `isPublic` follows from its organizations."""
    record: Record = {
        "id": world.new_id("test"),
        "name": "Untitled test",
        "type": "multiple_choice",
        "description": "",
        "duration": 20,
        "targetPersona": None,
        "analysisCategory": "hard_skill",
        "language": "en",
        "isPublic": True,
        "organizationIds": [],
        "createdAt": world.now,
        "updatedAt": world.now,
        **fields,
    }
    record["isPublic"] = not record["organizationIds"]
    return str(world.insert(TEST, record)["id"])


def role(world: World, chance: Random, **fields: object) -> str:
    """Make a role with its pipeline."""
    organization_id = chance.choices([row[0] for row in ORGANIZATIONS], [row[-1] for row in ORGANIZATIONS])[0]
    name, department, collar = chance.choice(vocabulary.ROLE_NAMES)
    salary_min = chance.choice((None, 24_000, 38_000, 52_000, 70_000))
    slug = organization_id.removeprefix("org_").split(":")[0]
    managers = [f"user_manager_{row[2]}" for row in ORGANIZATIONS if row[0] == organization_id]
    record: Record = {
        # A colon in an id is allowed and must not be taken for a separator.
        "id": world.new_id("role") + (f":{slug}" if chance.random() < 0.08 else ""),
        "name": name,
        "organizationId": organization_id,
        "status": "draft" if chance.random() < 0.2 else chance.choice(vocabulary.OPEN_WORDS),
        "priority": chance.choice(vocabulary.PRIORITIES),
        "isPublic": chance.random() < 0.7,
        "department": department if chance.random() < 0.9 else None,
        "location": chance.choice(vocabulary.LOCATIONS),
        "workType": chance.choice(vocabulary.WORK_TYPES),
        "salaryMin": salary_min,
        "salaryMax": salary_min + 18_000 if salary_min and chance.random() < 0.8 else None,
        "salaryCurrency": chance.choice(vocabulary.CURRENCIES) if salary_min else None,
        "salaryPeriod": "year" if salary_min else None,
        "targetHireCount": chance.choice((None, 1, 1, 1, 2, 2, 3, 5)),
        "roleLevel": chance.choice(vocabulary.LEVELS),
        "createdAt": world.now,
        "updatedAt": world.now,
        "description": {"text": f"{name} in {department}"} if chance.random() < 0.7 else {},
        "collarType": collar if chance.random() < 0.8 else None,
        "confidential": False,
        "hiringManagerIds": managers if chance.random() < 0.6 else [],
        "hrRepresentativeId": None,
        **fields,
    }
    world.insert(ROLE, record)
    weights = [weight for weight, _ in vocabulary.PIPELINES]
    pipeline = chance.choices([steps for _, steps in vocabulary.PIPELINES], weights)[0]
    for order, template in enumerate(pipeline, start=1):
        role_step(
            world,
            record["id"],
            order,
            name=template.name,
            stepType=template.step_type,
            validationType=template.validation,
            passingScore=template.passing_score,
            isRequired=template.need != "optional",
            allowSkip=template.need != "required",
        )
    return str(record["id"])


def role_step(world: World, role_id: str, order: int, **fields: object) -> str:
    """Make one step of a role's pipeline."""
    record: Record = {
        "id": world.new_id("step"),
        "roleId": role_id,
        "name": "Step",
        "description": None,
        "order": order,
        "stepType": "custom",
        "validationType": "manual",
        "passingScore": None,
        "isRequired": True,
        "allowSkip": False,
        "createdAt": world.now,
        "updatedAt": world.now,
        **fields,
    }
    return str(world.insert(ROLE_STEP, record)["id"])


def candidate(world: World, chance: Random, **fields: object) -> str:
    """Make a person with an account and no role yet."""
    somebody = names.person(chance, len(world.log))
    record: Record = {
        "id": world.new_id("cand"),
        "fullName": somebody.full_name,
        "email": somebody.email,
        "phone": somebody.phone,
        "status": chance.choice(vocabulary.CANDIDATE_WORDS),
        "createdAt": world.now,
        "updatedAt": world.now,
        "summary": None,
        "organizationIds": (),
        **fields,
    }
    return str(world.insert(CANDIDATE, record)["id"])
