"""How records become what the API shows: each list, its joins, and the truth about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from connector.sandbox import access, kinds
from connector.sandbox.access import Viewer
from connector.sandbox.kinds import (
    ASSIGNMENT,
    BATCH,
    BATCH_MEMBER,
    CANDIDATE,
    CANDIDATE_STEP,
    LEAD,
    LEAD_ORGANIZATION,
    LEAD_ROLE,
    ORGANIZATION,
    ROLE,
    ROLE_STEP,
    TEST,
    USER,
    Kind,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from connector.sandbox.company import Company
    from connector.sandbox.log import Event, Record
    from connector.sandbox.world import World

EVERYTHING = Viewer("user_admin", "admin", None)
UNFINISHED = "uploaded"


def _plain(kind: Kind) -> Callable[[World, Record, Viewer], Record]:
    def assemble(_world: World, record: Record, _viewer: Viewer) -> Record:
        return {name: record[name] for name in kind.fields}

    return assemble


def candidate(world: World, record: Record, viewer: Viewer) -> Record:
    """Return a candidate with its role assignments."""
    shown = {name: record[name] for name in CANDIDATE.fields}
    links = viewer.inside_roles(world, world.related(ASSIGNMENT, "candidateId", record["id"]))
    shown["roles"] = [{name: link[name] for name in ASSIGNMENT.fields} for link in links]
    return shown


def lead(world: World, record: Record, viewer: Viewer) -> Record:
    """Return a lead with its organizations and roles."""
    shown = {name: record[name] for name in LEAD.fields[:9]}
    pools = world.related(LEAD_ORGANIZATION, "leadId", record["id"])
    links = viewer.inside_roles(world, world.related(LEAD_ROLE, "leadId", record["id"]))
    shown["organizations"] = [{name: pool[name] for name in LEAD_ORGANIZATION.fields} for pool in pools]
    shown["roles"] = [{name: link[name] for name in LEAD_ROLE.fields} for link in links]
    shown["createdAt"] = record["createdAt"]
    shown["updatedAt"] = record["updatedAt"]
    return shown


@dataclass(frozen=True, slots=True, eq=False)
class Listing:
    """A list of the API: which records it shows, how, and which events change a row of it."""

    resource: str
    kind: Kind
    assemble: Callable[[World, Record, Viewer], Record]
    touched_by: tuple[str, ...]
    id_column: str
    name_field: str = "name"
    created_field: str = "createdAt"
    updated_field: str = "updatedAt"

    @property
    def name(self) -> str:
        """What faults and drifts call this list: `candidates`, `tailed.candidates`."""
        prefix = "" if self.kind.platform == kinds.TALENT_RAY else f"{self.kind.platform}."
        return prefix + self.resource

    def touches(self, event: Event) -> str | None:
        """Return the id of the row that an event changes, if it is one of this list."""
        if event.platform != self.kind.platform or event.entity not in self.touched_by:
            return None
        found = getattr(event, self.id_column)
        return found if isinstance(found, str) else None


CANDIDATES = Listing("candidates", CANDIDATE, candidate, ("candidate", "assignment"), "candidate_id", "fullName")
ROLES = Listing("roles", ROLE, _plain(ROLE), ("role",), "role_id")
TESTS = Listing("tests", TEST, _plain(TEST), ("test",), "test_id")
LEADS = Listing("sourcing", LEAD, lead, ("lead", "lead_role", "lead_organization"), "lead_id", "fullName")
TAILED_CANDIDATES = Listing(
    "candidates",
    kinds.TAILED_CANDIDATE,
    _plain(kinds.TAILED_CANDIDATE),
    ("candidate",),
    "candidate_id",
    "fullName",
)
TAILED_JOBS = Listing("jobs", kinds.TAILED_JOB, _plain(kinds.TAILED_JOB), ("job",), "role_id", "title")
TAILED_APPLICATIONS = Listing(
    "applications", kinds.TAILED_APPLICATION, _plain(kinds.TAILED_APPLICATION), ("application",), "application_id", "id"
)
TAILED_SNAPSHOTS = Listing(
    "snapshots",
    kinds.TAILED_SNAPSHOT,
    _plain(kinds.TAILED_SNAPSHOT),
    ("snapshot",),
    "snapshot_id",
    "id",
    "generatedAt",
    "generatedAt",
)
TALENT_RAY_LISTINGS = (CANDIDATES, ROLES, TESTS, LEADS)
LISTINGS = (
    CANDIDATES,
    ROLES,
    TESTS,
    LEADS,
    TAILED_CANDIDATES,
    TAILED_JOBS,
    TAILED_APPLICATIONS,
    TAILED_SNAPSHOTS,
)


def candidate_steps(world: World, candidate_id: str) -> list[Record]:
    """Return a candidate's progress, by role, then step order."""
    rows = world.related(CANDIDATE_STEP, "candidateId", candidate_id)
    rows.sort(key=lambda row: (row["roleId"], row["order"] or 0, row["id"]))
    return [{name: row[name] for name in CANDIDATE_STEP.fields} for row in rows]


def role_steps(world: World, role_id: str) -> list[Record]:
    """Return a role's pipeline in step order."""
    rows = world.related(ROLE_STEP, "roleId", role_id)
    rows.sort(key=lambda row: (row["order"] or 0, row["id"]))
    return [{name: row[name] for name in ROLE_STEP.fields} for row in rows]


def batch(world: World, batch_id: str, viewer: Viewer) -> tuple[Record, list[Record]] | None:
    """Return a batch's progress and its visible members, newest first; None when nothing of it is visible."""
    if world.find(BATCH, batch_id) is None:
        return None
    leads = [world.get(LEAD, member["leadId"]) for member in world.related(BATCH_MEMBER, "batchId", batch_id)]
    leads = [row for row in leads if viewer.sees(world, LEAD, row)]
    if not leads:
        return None
    leads.sort(key=lambda row: (row["createdAt"], row["id"]), reverse=True)
    waiting = sum(row["status"].lower() == UNFINISHED for row in leads)
    progress = {
        "batchId": batch_id,
        "status": "processing" if waiting else "completed",
        "totalCandidates": len(leads),
        "completedCandidates": len(leads) - waiting,
        "processingCandidates": waiting,
    }
    return progress, [lead(world, row, viewer) for row in leads]


def organization_shown(organization: Record) -> Record:
    """Return an organization as its portal shows it."""
    return {name: organization[name] for name in ("name", "logo", "slug", "domain", "portalTheme")}


def portal_roles(world: World, organization: Record) -> list[Record]:
    """Return the open, public roles of an organization, newest first."""
    roles = [
        role
        for role in world.tables[ROLE].values()
        if role["organizationId"] == organization["id"] and is_on_portal(role)
    ]
    roles.sort(key=lambda role: (role["createdAt"], role["id"]), reverse=True)
    return [portal_role(role, organization) for role in roles]


def is_on_portal(role: Record) -> bool:
    """Tell whether a role shows on the career portal."""
    return bool(
        role["isPublic"]
        and role["status"].lower() in ("open", "active")
        and not role["confidential"]
        and not role.get("hidden")
    )


def portal_role(role: Record, organization: Record) -> Record:
    """Return a role as the portal shows it; salaries only where the theme says so."""
    names = ["id", "name", "description", "department", "location", "workType", "collarType"]
    if organization["portalTheme"].get("showSalary"):
        names += ["salaryMin", "salaryMax", "salaryCurrency", "salaryPeriod"]
    return {name: role[name] for name in (*names, "createdAt")}


def api_keys(company: Company) -> list[Record]:
    """Return all keys of the Talent-Ray side, without secrets."""
    keys = [key for key in company.access.keys.values() if not key.tailed]
    return [access.shown(key, company.world.find(USER, key.user_id)) for key in keys]


def rows(world: World, listing: Listing, viewer: Viewer) -> Iterator[Record]:
    """Return what a viewer is shown of a list, in no promised order."""
    for record in world.tables[listing.kind].values():
        if viewer.sees(world, listing.kind, record):
            yield listing.assemble(world, record, viewer)


def truth(company: Company, platform: str, resource: str, viewer: Viewer = EVERYTHING) -> list[dict[str, Any]]:
    """Return the rows of a resource as the API writes them, with times as text."""
    found = msgspec.to_builtins(list(_rows(company, platform, resource, viewer)))
    assert isinstance(found, list)  # noqa: S101 - narrows the type for the reader and the checker
    return found


def _rows(company: Company, platform: str, resource: str, viewer: Viewer) -> Iterator[Record]:  # noqa: C901, PLR0912
    world = company.world
    resource = {"leads": "sourcing", "analytics_snapshots": "snapshots"}.get(resource, resource)
    for listing in LISTINGS:
        if (listing.kind.platform, listing.resource) == (platform, resource):
            yield from rows(world, listing, viewer)
            return
    if resource == "candidate_steps":
        for record in world.tables[CANDIDATE].values():
            if viewer.sees(world, CANDIDATE, record):
                for step in candidate_steps(world, record["id"]):
                    yield {"candidateId": record["id"], **step}
    elif resource == "role_steps":
        for record in world.tables[ROLE].values():
            if viewer.sees(world, ROLE, record):
                yield from role_steps(world, record["id"])
    elif resource in ("cv_screening_batches", "cv_screening_batch_members"):
        for batch_id in world.tables[BATCH]:
            found = batch(world, batch_id, viewer)
            if found is not None and resource == "cv_screening_batches":
                yield found[0]
            elif found is not None:
                yield from ({"batchId": batch_id, **member} for member in found[1])
    elif resource == "portal":
        for organization in world.tables[ORGANIZATION].values():
            if organization["portal"]:
                for role in portal_roles(world, organization):
                    yield {"slug": organization["slug"], "organizationName": organization["name"], **role}
    elif resource == "api_keys":
        yield from api_keys(company)
    elif resource == "usage":
        for key in company.access.keys.values():
            yield from ({"apiKeyId": key.id, **row} for row in reversed(key.usage))
    else:
        message = f"no resource {resource!r} of {platform!r}"
        raise ValueError(message)
