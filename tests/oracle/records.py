"""What the API shows of the company at one instant, as rows of the raw tables.

A unit is what one request or one row of a list brings: a candidate with its roles, a lead with its links, a batch with
its members, a candidate's steps. `units` names those that an event touches, `rows` what a unit consists of now.
"""

from __future__ import annotations

import json
import re
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from connector.sandbox import Event

Row = dict[str, Any]
Keyed = dict[tuple[str, tuple[str, ...]], Row]
"""(table, natural key) -> columns."""

PERSONAL = frozenset(
    {
        "full_name", "email", "contact_email", "phone", "rejection_reason", "skills", "summary", "university", "tags",
    }
)  # fmt: skip
CANDIDATE_FIELDS = ("id", "fullName", "email", "phone", "status", "createdAt", "updatedAt")
ASSIGNMENT_FIELDS = ("candidateId", "roleId", "roleName", "organizationId", "status", "overallFitScore", "approved")
STEP_FIELDS = (
    "candidateId", "id", "roleId", "roleStepId", "name", "order", "stepType", "status", "startedAt", "completedAt",
    "validatedAt", "rejectedAt", "validationScore", "rejectionReason", "offerResponse", "createdAt", "updatedAt",
)  # fmt: skip
ROLE_FIELDS = (
    "id", "name", "organizationId", "status", "priority", "isPublic", "department", "location", "workType", "salaryMin",
    "salaryMax", "salaryCurrency", "salaryPeriod", "targetHireCount", "roleLevel", "createdAt", "updatedAt",
)  # fmt: skip
ROLE_STEP_FIELDS = (
    "id", "roleId", "name", "description", "order", "stepType", "validationType", "passingScore", "isRequired",
    "allowSkip", "createdAt", "updatedAt",
)  # fmt: skip
TEST_FIELDS = (
    "id", "name", "type", "description", "duration", "targetPersona", "analysisCategory", "language", "isPublic",
    "createdAt", "updatedAt",
)  # fmt: skip
LEAD_FIELDS = (
    "id", "fullName", "email", "contactEmail", "phone", "status", "skills", "summary", "candidateId", "createdAt",
    "updatedAt",
)  # fmt: skip
LEAD_ROLE_FIELDS = (
    "leadId", "roleId", "roleName", "organizationId", "status", "resumeFitScore", "overallFitScore",
)  # fmt: skip
JOB_FIELDS = (
    "id", "title", "department", "location", "employmentType", "status", "openings", "createdAt", "publishedAt",
    "closedAt", "updatedAt",
)  # fmt: skip
PERSON_FIELDS = (
    "id", "fullName", "email", "phone", "source", "university", "tags", "createdAt", "updatedAt", "deletedAt",
)  # fmt: skip
APPLICATION_FIELDS = (
    "id", "candidateId", "jobId", "stage", "status", "source", "appliedAt", "stageEnteredAt", "hiredAt", "rejectedAt",
    "rejectionReason", "createdAt", "updatedAt", "deletedAt",
)  # fmt: skip
SNAPSHOT_FIELDS = (
    "id", "date", "jobId", "applicationsTotal", "activeCandidates", "hires", "averageTimeToHireDays", "generatedAt",
)  # fmt: skip


@cache
def snake(name: str) -> str:
    return re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower()


def _row(record: Row, fields: Iterable[str], **more: Any) -> Row:
    row = {snake(name): record.get(name) for name in fields} | more
    return {name: json.dumps(value) if isinstance(value, (list, tuple)) else value for name, value in row.items()}


class Records:
    """All records after so many events of the log, found by what they hang on."""

    def __init__(self) -> None:
        self.position = 0
        self.tables: dict[tuple[str, str], dict[str, Row]] = {}
        self._children: dict[tuple[str, str, str], dict[str, None]] = {}

    def table(self, platform: str, entity: str) -> dict[str, Row]:
        return self.tables.setdefault((platform, entity), {})

    def children(self, entity: str, parent: str, parent_id: str) -> list[Row]:
        table = self.table("talent_ray", entity)
        return [table[found] for found in self._children.get((entity, parent, parent_id), ()) if found in table]

    def apply(self, event: Event) -> None:
        table = self.table(event.platform, event.entity)
        self.position += 1
        if event.after is None:
            table.pop(event.id, None)
            return
        table[event.id] = {**table.get(event.id, {}), **event.after}
        for parent in PARENTS.get(event.entity, ()):
            if event.platform == "talent_ray":
                self._children.setdefault((event.entity, parent, table[event.id][parent]), {})[event.id] = None


PARENTS = {
    "assignment": ("candidateId",),
    "candidate_step": ("candidateId",),
    "role_step": ("roleId",),
    "lead_role": ("leadId",),
    "lead_organization": ("leadId",),
    "batch_member": ("batchId", "leadId"),
}


def _shown(records: Records, platform: str, entity: str, record_id: str) -> Row | None:
    record = records.table(platform, entity).get(record_id)
    return None if record is None or record.get("hidden") else record


def _candidate(records: Records, unit: str) -> Keyed:
    record = _shown(records, "talent_ray", "candidate", unit)
    if record is None:
        return {}
    found: Keyed = {("candidates", (unit,)): _row(record, CANDIDATE_FIELDS)}
    for link in records.children("assignment", "candidateId", unit):
        found["candidate_roles", (unit, link["roleId"])] = _row(link, ASSIGNMENT_FIELDS)
    return found


def _candidate_steps(records: Records, unit: str) -> Keyed:
    if _shown(records, "talent_ray", "candidate", unit) is None:
        return {}
    steps = records.children("candidate_step", "candidateId", unit)
    return {("candidate_steps", (step["id"],)): _row(step, STEP_FIELDS) for step in steps}


def _role(records: Records, unit: str) -> Keyed:
    record = _shown(records, "talent_ray", "role", unit)
    return {} if record is None else {("roles", (unit,)): _row(record, ROLE_FIELDS)}


def _role_steps(records: Records, unit: str) -> Keyed:
    if _shown(records, "talent_ray", "role", unit) is None:
        return {}
    steps = records.children("role_step", "roleId", unit)
    return {("role_steps", (step["id"],)): _row(step, ROLE_STEP_FIELDS) for step in steps}


def _test(records: Records, unit: str) -> Keyed:
    record = _shown(records, "talent_ray", "test", unit)
    if record is None:
        return {}
    found: Keyed = {("tests", (unit,)): _row(record, TEST_FIELDS)}
    for owner in record["organizationIds"]:
        found["test_organizations", (unit, owner)] = {"test_id": unit, "organization_id": owner}
    return found


def _lead(records: Records, unit: str) -> Keyed:
    record = _shown(records, "talent_ray", "lead", unit)
    if record is None:
        return {}
    found: Keyed = {("leads", (unit,)): _row(record, LEAD_FIELDS)}
    for link in records.children("lead_role", "leadId", unit):
        found["lead_roles", (unit, link["roleId"])] = _row(link, LEAD_ROLE_FIELDS)
    for link in records.children("lead_organization", "leadId", unit):
        found["lead_organizations", (unit, link["organizationId"])] = _row(link, ("leadId", "organizationId", "status"))
    return found


def _batch(records: Records, unit: str) -> Keyed:
    members = records.children("batch_member", "batchId", unit)
    leads = [lead for member in members if (lead := _shown(records, "talent_ray", "lead", member["leadId"]))]
    if not leads or unit not in records.table("talent_ray", "batch"):
        return {}
    waiting = sum(lead["status"].lower() == "uploaded" for lead in leads)
    found: Keyed = {
        ("cv_screening_batches", (unit,)): {
            "batch_id": unit,
            "status": "processing" if waiting else "completed",
            "total_candidates": len(leads),
            "completed_candidates": len(leads) - waiting,
            "processing_candidates": waiting,
        }
    }
    for lead in leads:
        columns = _row(lead, LEAD_FIELDS, batch_id=unit, lead_id=lead["id"])
        del columns["id"]
        found["cv_screening_batch_members", (unit, lead["id"])] = columns
        for link in records.children("lead_role", "leadId", lead["id"]):
            key = (unit, lead["id"], link["roleId"])
            found["cv_screening_batch_member_roles", key] = _row(link, LEAD_ROLE_FIELDS, batch_id=unit)
    return found


def answers(records: Records, resource: str, unit: str) -> bool:
    """Tell whether a request for the steps of a candidate or role, or for a batch, finds it; else it is 404."""
    if resource == "cv_screening_batches":
        members = records.children("batch_member", "batchId", unit)
        there = any(_shown(records, "talent_ray", "lead", member["leadId"]) for member in members)
        return there and unit in records.table("talent_ray", "batch")
    entity = {"candidate_steps": "candidate", "role_steps": "role"}[resource]
    return _shown(records, "talent_ray", entity, unit) is not None


def _tailed(entity: str, table: str, fields: Iterable[str]) -> Callable[[Records, str], Keyed]:
    def rows(records: Records, unit: str) -> Keyed:
        record = _shown(records, "tailed", entity, unit)
        if record is None:
            return {}
        found: Keyed = {(table, (unit,)): _row(record, fields)}
        if entity == "application":
            found[table, (unit,)]["withdrawn_at"] = record.get("withdrawnAt")
        for stage, count in record.get("stageCounts", {}).items():
            columns = {"snapshot_id": unit, "stage": stage, "count": count}
            found["analytics_snapshot_stages", (unit, stage)] = columns
        return found

    return rows


ROWS: dict[tuple[str, str], Callable[[Records, str], Keyed]] = {
    ("talent_ray", "candidates"): _candidate,
    ("talent_ray", "roles"): _role,
    ("talent_ray", "tests"): _test,
    ("talent_ray", "leads"): _lead,
    ("talent_ray", "cv_screening_batches"): _batch,
    ("talent_ray", "candidate_steps"): _candidate_steps,
    ("talent_ray", "role_steps"): _role_steps,
    ("tailed", "candidates"): _tailed("candidate", "candidates", PERSON_FIELDS),
    ("tailed", "jobs"): _tailed("job", "jobs", JOB_FIELDS),
    ("tailed", "applications"): _tailed("application", "applications", APPLICATION_FIELDS),
    ("tailed", "analytics_snapshots"): _tailed("snapshot", "analytics_snapshots", SNAPSHOT_FIELDS),
}
"""Resource -> the rows that one unit of it brings."""

_TOUCHES = {
    ("talent_ray", "candidate"): (("candidates", "candidate_id"), ("candidate_steps", "candidate_id")),
    ("talent_ray", "assignment"): (("candidates", "candidate_id"),),
    ("talent_ray", "candidate_step"): (("candidate_steps", "candidate_id"),),
    ("talent_ray", "role"): (("roles", "role_id"), ("role_steps", "role_id")),
    ("talent_ray", "role_step"): (("role_steps", "role_id"),),
    ("talent_ray", "test"): (("tests", "test_id"),),
    ("talent_ray", "lead"): (("leads", "lead_id"),),
    ("talent_ray", "lead_role"): (("leads", "lead_id"),),
    ("talent_ray", "lead_organization"): (("leads", "lead_id"),),
    ("talent_ray", "batch"): (("cv_screening_batches", "batch_id"),),
    ("talent_ray", "batch_member"): (("cv_screening_batches", "batch_id"),),
    ("tailed", "candidate"): (("candidates", "candidate_id"),),
    ("tailed", "job"): (("jobs", "role_id"),),
    ("tailed", "application"): (("applications", "application_id"),),
    ("tailed", "snapshot"): (("analytics_snapshots", "snapshot_id"),),
}


def units(records: Records, event: Event) -> set[tuple[str, str, str]]:
    """The (platform, resource, unit) that look different after an event."""
    touched = {
        (event.platform, resource, getattr(event, column))
        for resource, column in _TOUCHES.get((event.platform, event.entity), ())
    }
    if event.platform == "talent_ray" and event.entity in ("lead", "lead_role") and event.lead_id:
        for member in records.children("batch_member", "leadId", event.lead_id):
            touched.add(("talent_ray", "cv_screening_batches", member["batchId"]))
    return touched
