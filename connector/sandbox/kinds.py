"""What the company consists of: each kind of record, the fields its API shows, and how its events name it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

TALENT_RAY = "talent_ray"
TAILED = "tailed"


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """One kind of record. `fields` are what the API shows, in its order; records may hold more than that."""

    platform: str
    entity: str
    fields: tuple[str, ...]
    ids: Mapping[str, str]
    """Column of an event -> field of the record it is read from."""
    indexed: tuple[str, ...] = ()
    """Fields by which records of this kind are looked up."""
    owners: Mapping[str, Kind] = field(default_factory=dict)
    """Field -> kind of the record without which one of this kind cannot exist."""


ORGANIZATION = Kind(TALENT_RAY, "organization", (), {"organization_id": "id"})
USER = Kind(TALENT_RAY, "user", (), {})
CANDIDATE = Kind(
    TALENT_RAY,
    "candidate",
    ("id", "fullName", "email", "phone", "status", "createdAt", "updatedAt"),
    {"candidate_id": "id"},
)
ROLE = Kind(
    TALENT_RAY,
    "role",
    (
        "id",
        "name",
        "organizationId",
        "status",
        "priority",
        "isPublic",
        "department",
        "location",
        "workType",
        "salaryMin",
        "salaryMax",
        "salaryCurrency",
        "salaryPeriod",
        "targetHireCount",
        "roleLevel",
        "createdAt",
        "updatedAt",
    ),
    {"role_id": "id", "organization_id": "organizationId"},
)
ROLE_STEP = Kind(
    TALENT_RAY,
    "role_step",
    (
        "id",
        "roleId",
        "name",
        "description",
        "order",
        "stepType",
        "validationType",
        "passingScore",
        "isRequired",
        "allowSkip",
        "createdAt",
        "updatedAt",
    ),
    {"role_step_id": "id", "role_id": "roleId"},
    indexed=("roleId",),
    owners={"roleId": ROLE},
)
ASSIGNMENT = Kind(
    TALENT_RAY,
    "assignment",
    ("roleId", "roleName", "organizationId", "status", "overallFitScore", "approved"),
    {"candidate_id": "candidateId", "role_id": "roleId", "organization_id": "organizationId"},
    indexed=("candidateId", "roleId"),
    owners={"candidateId": CANDIDATE},
)
CANDIDATE_STEP = Kind(
    TALENT_RAY,
    "candidate_step",
    (
        "id",
        "roleId",
        "roleStepId",
        "name",
        "order",
        "stepType",
        "status",
        "startedAt",
        "completedAt",
        "validatedAt",
        "rejectedAt",
        "validationScore",
        "rejectionReason",
        "offerResponse",
        "createdAt",
        "updatedAt",
    ),
    {"step_id": "id", "candidate_id": "candidateId", "role_id": "roleId", "role_step_id": "roleStepId"},
    indexed=("candidateId",),
    owners={"candidateId": CANDIDATE},
)
TEST = Kind(
    TALENT_RAY,
    "test",
    (
        "id",
        "name",
        "type",
        "description",
        "duration",
        "targetPersona",
        "analysisCategory",
        "language",
        "isPublic",
        "organizationIds",
        "createdAt",
        "updatedAt",
    ),
    {"test_id": "id"},
)
LEAD = Kind(
    TALENT_RAY,
    "lead",
    (
        "id",
        "fullName",
        "email",
        "contactEmail",
        "phone",
        "status",
        "skills",
        "summary",
        "candidateId",
        "createdAt",
        "updatedAt",
    ),
    {"lead_id": "id", "candidate_id": "candidateId"},
)
LEAD_ORGANIZATION = Kind(
    TALENT_RAY,
    "lead_organization",
    ("organizationId", "status"),
    {"lead_id": "leadId", "organization_id": "organizationId"},
    indexed=("leadId",),
    owners={"leadId": LEAD},
)
LEAD_ROLE = Kind(
    TALENT_RAY,
    "lead_role",
    ("roleId", "roleName", "organizationId", "status", "resumeFitScore", "overallFitScore"),
    {"lead_id": "leadId", "role_id": "roleId", "organization_id": "organizationId"},
    indexed=("leadId",),
    owners={"leadId": LEAD},
)
BATCH = Kind(TALENT_RAY, "batch", (), {"batch_id": "id", "role_id": "roleId", "organization_id": "organizationId"})
BATCH_MEMBER = Kind(
    TALENT_RAY,
    "batch_member",
    (),
    {"batch_id": "batchId", "lead_id": "leadId"},
    indexed=("batchId", "leadId"),
    owners={"batchId": BATCH, "leadId": LEAD},
)

TAILED_CANDIDATE = Kind(
    TAILED,
    "candidate",
    ("id", "fullName", "email", "phone", "source", "university", "tags", "createdAt", "updatedAt", "deletedAt"),
    {"candidate_id": "id"},
)
TAILED_JOB = Kind(
    TAILED,
    "job",
    (
        "id",
        "title",
        "department",
        "location",
        "employmentType",
        "status",
        "openings",
        "createdAt",
        "publishedAt",
        "closedAt",
        "updatedAt",
    ),
    {"role_id": "id"},
)
TAILED_APPLICATION = Kind(
    TAILED,
    "application",
    (
        "id",
        "candidateId",
        "jobId",
        "stage",
        "status",
        "source",
        "appliedAt",
        "stageEnteredAt",
        "hiredAt",
        "rejectedAt",
        "rejectionReason",
        "createdAt",
        "updatedAt",
        "deletedAt",
    ),
    {"application_id": "id", "candidate_id": "candidateId", "role_id": "jobId"},
    indexed=("candidateId", "jobId"),
)
TAILED_SNAPSHOT = Kind(
    TAILED,
    "snapshot",
    (
        "id",
        "date",
        "jobId",
        "applicationsTotal",
        "activeCandidates",
        "stageCounts",
        "hires",
        "averageTimeToHireDays",
        "generatedAt",
    ),
    {"snapshot_id": "id", "role_id": "jobId"},
)

KINDS = (
    ORGANIZATION,
    USER,
    CANDIDATE,
    ROLE,
    ROLE_STEP,
    ASSIGNMENT,
    CANDIDATE_STEP,
    TEST,
    LEAD,
    LEAD_ORGANIZATION,
    LEAD_ROLE,
    BATCH,
    BATCH_MEMBER,
    TAILED_CANDIDATE,
    TAILED_JOB,
    TAILED_APPLICATION,
    TAILED_SNAPSHOT,
)
BY_NAME = {(kind.platform, kind.entity): kind for kind in KINDS}
