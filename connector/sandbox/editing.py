"""Direct changes: names of what can be edited, and plausible values for what an edit leaves open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connector.sandbox import founding, kinds, names
from connector.sandbox.kinds import TAILED, TALENT_RAY, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from connector.sandbox.company import Company

EDITABLE: Mapping[tuple[str, str], Kind] = {
    (TALENT_RAY, "organizations"): kinds.ORGANIZATION,
    (TALENT_RAY, "users"): kinds.USER,
    (TALENT_RAY, "candidates"): kinds.CANDIDATE,
    (TALENT_RAY, "candidate_roles"): kinds.ASSIGNMENT,
    (TALENT_RAY, "candidate_steps"): kinds.CANDIDATE_STEP,
    (TALENT_RAY, "roles"): kinds.ROLE,
    (TALENT_RAY, "role_steps"): kinds.ROLE_STEP,
    (TALENT_RAY, "tests"): kinds.TEST,
    (TALENT_RAY, "sourcing"): kinds.LEAD,
    (TALENT_RAY, "leads"): kinds.LEAD,
    (TALENT_RAY, "lead_roles"): kinds.LEAD_ROLE,
    (TALENT_RAY, "lead_organizations"): kinds.LEAD_ORGANIZATION,
    (TALENT_RAY, "cv_screening_batches"): kinds.BATCH,
    (TALENT_RAY, "cv_screening_batch_members"): kinds.BATCH_MEMBER,
    (TAILED, "candidates"): kinds.TAILED_CANDIDATE,
    (TAILED, "jobs"): kinds.TAILED_JOB,
    (TAILED, "applications"): kinds.TAILED_APPLICATION,
    (TAILED, "snapshots"): kinds.TAILED_SNAPSHOT,
    (TAILED, "analytics_snapshots"): kinds.TAILED_SNAPSHOT,
}


def kind_of(platform: str, resource: str) -> Kind:
    """Return what is edited under this name."""
    try:
        return EDITABLE[platform, resource]
    except KeyError:
        message = f"nothing to edit under {platform}.{resource}; there are {sorted(EDITABLE)}"
        raise ValueError(message) from None


def insert(company: Company, platform: str, resource: str, fields: dict[str, Any]) -> str:
    """Add a record; what `fields` leaves open gets a plausible value. Return its id."""
    kind = kind_of(platform, resource)
    maker = MAKERS.get(kind)
    if maker is not None:
        return maker(company, fields)
    world, chance = company.world, company.chance
    record = dict.fromkeys(kind.fields) | _defaults(company, kind)
    if kind is kinds.TAILED_CANDIDATE:
        person = names.person(chance, len(world.log))
        record |= {"fullName": person.full_name, "email": person.email, "tags": []}
    record |= fields
    record.setdefault("id", ":".join(str(record[name]) for name in kind.ids.values() if name != "organizationId"))
    if kind is kinds.LEAD_ORGANIZATION:
        record["id"] = f"{record['leadId']}:{record['organizationId']}"
    elif record["id"] is None:
        record["id"] = world.new_id(kind.entity[:4])
    return str(world.insert(kind, record)["id"])


def _defaults(company: Company, kind: Kind) -> dict[str, Any]:
    now = company.world.now
    given: dict[str, Any] = {
        name: now for name in kind.fields if name in ("createdAt", "updatedAt", "appliedAt", "generatedAt")
    }
    if kind is kinds.LEAD_ROLE:
        given |= {"status": "Assigned", "resumeFitScore": -1, "overallFitScore": -1}
    if kind is kinds.LEAD_ORGANIZATION:
        given |= {"status": "Pool"}
    if kind is kinds.TAILED_JOB:
        given |= {"title": "Untitled job", "status": "open", "publishedAt": now}
    if kind is kinds.TAILED_APPLICATION:
        given |= {"stage": "applied", "status": "active", "stageEnteredAt": now}
    if kind is kinds.TAILED_SNAPSHOT:
        given |= {
            "date": f"{now:%Y-%m-%d}",
            "applicationsTotal": 0,
            "activeCandidates": 0,
            "stageCounts": {},
            "hires": 0,
        }
    return given


def _candidate(company: Company, fields: dict[str, Any]) -> str:
    own = {name: value for name, value in fields.items() if name != "roles"}
    candidate_id = founding.candidate(company.world, company.chance, **own)
    for link in fields.get("roles", ()):
        _assignment(company, {"candidateId": candidate_id, **link})
    return candidate_id


def _assignment(company: Company, fields: dict[str, Any]) -> str:
    """Assign as the company does, steps included, then set what was asked for; a role nobody knows gets no steps."""
    world = company.world
    candidate_id, role_id = fields["candidateId"], fields["roleId"]
    if role_id in world.tables[kinds.ROLE]:
        link = company.talent_ray.hiring.assign(candidate_id, role_id)
        world.update(kinds.ASSIGNMENT, link, "edited", **fields)
        return link
    record = {
        "id": f"{candidate_id}:{role_id}",
        "roleName": None,
        "organizationId": None,
        "status": "In Pipeline",
        "overallFitScore": -1,
        "approved": False,
        **fields,
    }
    return str(world.insert(kinds.ASSIGNMENT, record, "assigned")["id"])


def _candidate_step(company: Company, fields: dict[str, Any]) -> str:
    template = company.world.find(kinds.ROLE_STEP, fields.get("roleStepId", "")) or {
        "id": fields.get("roleStepId"),
        "roleId": fields["roleId"],
        "name": "Step",
        "order": 1,
        "stepType": "custom",
    }
    return company.talent_ray.hiring.progress(fields["candidateId"], template, **fields)


def _role(company: Company, fields: dict[str, Any]) -> str:
    return founding.role(company.world, company.chance, **fields)


def _role_step(company: Company, fields: dict[str, Any]) -> str:
    others = company.world.related(kinds.ROLE_STEP, "roleId", fields["roleId"])
    rest = {name: value for name, value in fields.items() if name not in ("roleId", "order")}
    return founding.role_step(company.world, fields["roleId"], fields.get("order", len(others) + 1), **rest)


def _test(company: Company, fields: dict[str, Any]) -> str:
    return founding.test(company.world, **fields)


def _lead(company: Company, fields: dict[str, Any]) -> str:
    own = {name: value for name, value in fields.items() if name not in ("organizationId", "organizations", "roles")}
    organization_id = fields.get("organizationId", founding.ORGANIZATIONS[0][0])
    return company.talent_ray.sourcing.lead(organization_id, **own)


MAKERS: Mapping[Kind, Callable[[Company, dict[str, Any]], str]] = {
    kinds.CANDIDATE: _candidate,
    kinds.ASSIGNMENT: _assignment,
    kinds.CANDIDATE_STEP: _candidate_step,
    kinds.ROLE: _role,
    kinds.ROLE_STEP: _role_step,
    kinds.TEST: _test,
    kinds.LEAD: _lead,
}
