"""Talent-Ray: candidates, roles, pipeline steps, tests, sourcing leads, CV-screening batches.

Facts, with the vendor's pages (https://www.talent-ray.com/docs/api/ and below):

- Keys are `tr_` and 64 characters, sent as a bearer token, never in a URL; they act for one user and carry scopes
  (`/authentication/`). A record the user may not see answers 404, exactly as an absent one does.
- 600 requests a minute and key; above it 429 with `Retry-After` (`/conventions/`).
- Lists take `page`, counted from 0, and `pageSize`, at most 100, and answer `data` and `pagination`. No order, no
  filter by time, no deletions are documented. Steps of a role or a candidate come whole, without pagination.
- Steps of a candidate do not name the candidate. `overallFitScore` and `resumeFitScore` are -1 while there is no score.
- Nothing lists CV-screening batches: their ids are a setting. Career portals are public and take no key.
- The API-key audit (`/api/admin/`) answers administrators only and is off unless asked for.
"""

from __future__ import annotations

from connector.contract import (
    DIRECT,
    FREE_TEXT,
    Child,
    Platform,
    Stream,
    Way,
    flag,
    integer,
    json,
    key,
    number,
    text,
    timestamp,
)

STEP_TYPES = (
    "cv_screening",
    "ai_assessment",
    "interview",
    "application_form",
    "document_upload",
    "offer",
    "reference_check",
    "contract",
    "custom",
)
WORK_TYPES = ("remote", "hybrid", "onsite")
PIPELINE_PAGES = "https://www.talent-ray.com/docs/api/pipeline"
ENDPOINT_PAGES = "https://www.talent-ray.com/docs/api/endpoints"

LEAD_COLUMNS = (
    text("fullName", privacy=DIRECT),
    text("email", privacy=DIRECT),
    text("contactEmail", privacy=DIRECT),
    text("phone", privacy=DIRECT),
    text("status"),
    json("skills", privacy=FREE_TEXT),
    text("summary", privacy=FREE_TEXT),
    key("candidateId"),
    timestamp("createdAt"),
    timestamp("updatedAt"),
)
LEAD_ROLE_COLUMNS = (
    key("roleId"),
    text("roleName"),
    key("organizationId"),
    text("status"),
    number("resumeFitScore"),
    number("overallFitScore"),
)
SALARY_COLUMNS = (
    integer("salaryMin", optional=True),
    integer("salaryMax", optional=True),
    text("salaryCurrency", optional=True),
    text("salaryPeriod", optional=True),
)

CANDIDATES = Stream(
    "candidates",
    way=Way.LISTED,
    path="/api/v1/candidates",
    by_id="/api/v1/candidates/{id}",
    key=("id",),
    scope="candidates:read",
    organization="candidate_roles.organization_id",
    columns=(
        key("id"),
        text("fullName", privacy=DIRECT),
        text("email", privacy=DIRECT),
        text("phone", privacy=DIRECT),
        text("status"),
        timestamp("createdAt"),
        timestamp("updatedAt"),
    ),
    children=(
        Child(
            "candidate_roles",
            field="roles",
            key=("candidate_id", "role_id"),
            from_parent={"id": "candidate_id"},
            columns=(
                key("roleId"),
                text("roleName"),
                key("organizationId"),
                text("status"),
                number("overallFitScore"),
                flag("approved"),
            ),
        ),
    ),
    source=f"{PIPELINE_PAGES}/candidates-list/",
)

ROLES = Stream(
    "roles",
    way=Way.LISTED,
    path="/api/v1/roles",
    by_id="/api/v1/roles/{id}",
    key=("id",),
    scope="roles:read",
    organization="organization_id",
    columns=(
        key("id"),
        text("name"),
        key("organizationId"),
        text("status"),
        text("priority"),
        flag("isPublic"),
        text("department"),
        text("location"),
        text("workType", known=WORK_TYPES),
        integer("salaryMin"),
        integer("salaryMax"),
        text("salaryCurrency"),
        text("salaryPeriod"),
        integer("targetHireCount"),
        text("roleLevel"),
        timestamp("createdAt"),
        timestamp("updatedAt"),
    ),
    source=f"{PIPELINE_PAGES}/roles-list/",
)

ROLE_STEPS = Stream(
    "role_steps",
    way=Way.NESTED,
    path="/api/v1/roles/{id}/steps",
    parent="roles",
    from_parent={"id": "role_id"},
    key=("id",),
    scope="pipeline:read",
    columns=(
        key("id"),
        key("roleId"),
        text("name"),
        text("description"),
        integer("order"),
        text("stepType", known=STEP_TYPES),
        text("validationType", known=("auto", "manual", "score_threshold")),
        number("passingScore", optional=True),
        flag("isRequired"),
        flag("allowSkip"),
        timestamp("createdAt"),
        timestamp("updatedAt"),
    ),
    source=f"{PIPELINE_PAGES}/role-steps/",
)

CANDIDATE_STEPS = Stream(
    "candidate_steps",
    way=Way.NESTED,
    path="/api/v1/candidates/{id}/steps",
    parent="candidates",
    from_parent={"id": "candidate_id"},  # the rows do not say whose they are
    key=("id",),
    scope="pipeline:read",
    columns=(
        key("id"),
        key("roleId"),
        key("roleStepId"),
        text("name"),
        integer("order"),
        text("stepType", known=STEP_TYPES),
        text("status", known=("locked", "active", "completed", "validated", "rejected", "skipped")),
        timestamp("startedAt"),
        timestamp("completedAt"),
        timestamp("validatedAt"),
        timestamp("rejectedAt"),
        number("validationScore"),
        text("rejectionReason", privacy=FREE_TEXT),
        text("offerResponse"),
        timestamp("createdAt"),
        timestamp("updatedAt"),
    ),
    source=f"{PIPELINE_PAGES}/candidate-steps/",
)

TESTS = Stream(
    "tests",
    way=Way.LISTED,
    path="/api/v1/tests",
    by_id="/api/v1/tests/{id}",
    key=("id",),
    scope="tests:read",
    columns=(
        key("id"),
        text("name"),
        text("type"),
        text("description"),
        integer("duration"),
        text("targetPersona"),
        text("analysisCategory"),
        text("language"),
        flag("isPublic"),
        timestamp("createdAt"),
        timestamp("updatedAt"),
    ),
    children=(
        Child(
            "test_organizations",
            field="organizationIds",
            key=("test_id", "organization_id"),
            from_parent={"id": "test_id"},
            columns=(key(".", name="organization_id"),),
        ),
    ),
    organization="test_organizations.organization_id",
    source=f"{PIPELINE_PAGES}/tests-list/",
)

LEADS = Stream(
    "leads",
    way=Way.LISTED,
    path="/api/v1/sourcing",
    by_id="/api/v1/sourcing/{id}",
    key=("id",),
    scope="sourcing:read",
    organization="lead_organizations.organization_id",
    columns=(key("id"), *LEAD_COLUMNS),
    children=(
        Child(
            "lead_roles",
            field="roles",
            key=("lead_id", "role_id"),
            from_parent={"id": "lead_id"},
            columns=LEAD_ROLE_COLUMNS,
        ),
        Child(
            "lead_organizations",
            field="organizations",
            key=("lead_id", "organization_id"),
            from_parent={"id": "lead_id"},
            columns=(key("organizationId"), text("status")),
        ),
    ),
    source=f"{PIPELINE_PAGES}/sourcing-list/",
)

CV_SCREENING_BATCH_MEMBERS = Stream(
    "cv_screening_batch_members",
    way=Way.PAGED_BY_PARENT,
    path="/api/v1/cv-screening/batches/{id}",
    parent_setting="cv_screening_batch_ids",
    from_parent={"id": "batch_id"},
    key=("batch_id", "lead_id"),
    scope="cv-screening:read",
    columns=(key("id", name="lead_id"), *LEAD_COLUMNS),
    ignored=("organizations",),  # the lead's own, kept with the lead
    envelope_table=Child(
        "cv_screening_batches",
        field=".",
        key=("batch_id",),
        from_parent={},
        columns=(
            key("batchId"),
            text("status", known=("processing", "completed")),
            integer("totalCandidates"),
            integer("completedCandidates"),
            integer("processingCandidates"),
        ),
    ),
    children=(
        Child(
            "cv_screening_batch_member_roles",
            field="roles",
            key=("batch_id", "lead_id", "role_id"),
            from_parent={"batch_id": "batch_id", "lead_id": "lead_id"},
            columns=LEAD_ROLE_COLUMNS,
        ),
    ),
    source=f"{PIPELINE_PAGES}/cv-screening-batch/",
)

PORTAL_ROLES = Stream(
    "portal_roles",
    way=Way.WHOLE,
    path="/api/public/portal/{id}",
    parent_setting="portal_slugs",
    from_parent={"id": "slug"},
    key=("slug", "id"),
    data="roles",
    public=True,
    envelope_columns={"org.name": "organization_name"},
    columns=(
        key("id"),
        text("name"),
        json("description"),
        text("department"),
        text("location"),
        text("workType", known=WORK_TYPES),
        text("collarType", known=("white", "gray", "blue")),
        *SALARY_COLUMNS,
        timestamp("createdAt"),
    ),
    source=f"{ENDPOINT_PAGES}/get-career-portal/",
)

API_KEYS = Stream(
    "api_keys",
    way=Way.WHOLE,
    path="/api/admin/api-keys",
    key=("id",),
    on_by_default=False,
    columns=(
        key("id"),
        text("name", privacy=DIRECT),  # people name keys after people
        text("prefix"),
        text("start"),
        flag("enabled"),
        timestamp("createdAt"),
        timestamp("updatedAt"),
        timestamp("lastRequest"),
        timestamp("expiresAt"),
        integer("requestCount"),
        key("owner.id"),
        text("owner.email", privacy=DIRECT),
        text("owner.name", privacy=DIRECT),
        text("owner.platformRole"),
        text("owner.orgRole"),
        key("owner.organizationId"),
    ),
    source=f"{ENDPOINT_PAGES}/list-api-keys/",
)

API_KEY_USAGE = Stream(
    "api_key_usage",
    way=Way.LOG,
    path="/api/admin/api-keys/{id}/usage",
    parent="api_keys",
    from_parent={"id": "api_key_id"},
    key=("api_key_id", "id"),
    data="data.rows",
    on_by_default=False,
    columns=(
        key("id"),
        timestamp("timestamp"),
        text("method"),
        text("path"),
        text("ip", privacy=DIRECT),
        text("userAgent", privacy=DIRECT),
        text("authEndpoint"),
    ),
    source=f"{ENDPOINT_PAGES}/get-api-key-usage/",
)

WRITES = "writes"
NOT_READ = {
    "PATCH /api/v1/candidates/{id}": WRITES,
    "PATCH /api/v1/roles/{id}": WRITES,
    "PATCH /api/v1/tests/{id}": WRITES,
    "POST /api/v1/sourcing": WRITES,
    "PATCH /api/v1/sourcing/{id}": WRITES,
    "DELETE /api/v1/sourcing/{id}": WRITES,
    "POST /api/admin/api-keys": WRITES,
    "DELETE /api/admin/api-keys/{id}": WRITES,
    "POST /api/public/portal/{id}/apply": WRITES,
    "GET /api/public/portal/{id}/roles/{role_id}": "the portal itself holds the same fields",
}

TALENT_RAY = Platform(
    name="talent_ray",
    title="Talent-Ray",
    base_url="https://app.talent-ray.com",
    hosts=("*.talent-ray.com",),
    requests_per_minute=600,
    me_path="/api/v1/me",
    not_read=NOT_READ,
    key_pattern=r"tr_[0-9A-Za-z_-]{5,}",
    key_hint="a Talent-Ray key begins with tr_ and has 67 characters",
    streams=(
        ROLES,
        CANDIDATES,
        TESTS,
        LEADS,
        CANDIDATE_STEPS,
        ROLE_STEPS,  # after them: a step may name a template step that is new
        CV_SCREENING_BATCH_MEMBERS,
        PORTAL_ROLES,
        API_KEYS,
        API_KEY_USAGE,
    ),
)
