"""Tailed: candidates, jobs, applications, analytics snapshots.

Documented (https://docs.tailed.ca/05-api-access and its sisters): the base URL, plans and their limits (Professional
100 requests a minute, Enterprise 500), keys that stand for the organization, soft deletes, download links that die
after 24 hours. Paths, fields and envelopes are not public: the ones below are a working assumption, each piece of
it a setting, and `hiring-elt check` names the setting to change when the real API differs.

Deleted candidates and applications are taken to stay in their lists, marked by `deletedAt`. Of jobs nothing is known:
one with the mark is deleted, one without a trace is absent.
"""

from __future__ import annotations

from connector.contract import (
    DIRECT,
    FREE_TEXT,
    Child,
    Platform,
    Stream,
    Way,
    day,
    integer,
    json,
    key,
    number,
    text,
    timestamp,
)
from connector.platforms.assumed import AssumedManners

CANDIDATES = Stream(
    "candidates",
    way=Way.LISTED,
    path="/v1/candidates",
    key=("id",),
    scope="Candidates Read",
    deleted_at="deleted_at",
    columns=(
        key("id"),
        text("fullName", privacy=DIRECT),
        text("email", privacy=DIRECT),
        text("phone", privacy=DIRECT),
        text("source"),
        text("university", privacy=FREE_TEXT),
        json("tags", privacy=FREE_TEXT),
        timestamp("createdAt"),
        timestamp("updatedAt"),
        timestamp("deletedAt"),
    ),
    source="https://docs.tailed.ca/05-api-access",
)

JOBS = Stream(
    "jobs",
    way=Way.LISTED,
    path="/v1/jobs",
    key=("id",),
    scope="Jobs Read",
    deleted_at="deleted_at",
    columns=(
        key("id"),
        text("title"),
        text("department"),
        text("location"),
        text("employmentType"),
        text("status"),
        integer("openings"),
        timestamp("createdAt"),
        timestamp("publishedAt"),
        timestamp("closedAt"),
        timestamp("updatedAt"),
        timestamp("deletedAt", optional=True),
    ),
    source="https://docs.tailed.ca/05-api-access",
)

APPLICATIONS = Stream(
    "applications",
    way=Way.LISTED,
    path="/v1/applications",
    key=("id",),
    scope="Applications Read",
    deleted_at="deleted_at",
    columns=(
        key("id"),
        key("candidateId"),
        key("jobId"),
        text("stage"),
        text("status"),
        text("source"),
        timestamp("appliedAt"),
        timestamp("stageEnteredAt"),
        timestamp("hiredAt"),
        timestamp("rejectedAt"),
        timestamp("withdrawnAt", optional=True),
        text("rejectionReason", privacy=FREE_TEXT),
        timestamp("createdAt"),
        timestamp("updatedAt"),
        timestamp("deletedAt"),
    ),
    source="https://docs.tailed.ca/05-api-access",
)

ANALYTICS_SNAPSHOTS = Stream(
    "analytics_snapshots",
    way=Way.LISTED,
    path="/v1/analytics/snapshots",
    key=("id",),
    scope="Analytics Read",
    created_at="generatedAt",
    updated_at="generatedAt",
    columns=(
        key("id"),
        day("date"),
        key("jobId"),
        integer("applicationsTotal"),
        integer("activeCandidates"),
        integer("hires"),
        number("averageTimeToHireDays"),
        timestamp("generatedAt"),
    ),
    children=(
        Child(
            "analytics_snapshot_stages",
            field="stageCounts",
            key=("snapshot_id", "stage"),
            from_parent={"id": "snapshot_id"},
            columns=(text("stage"), integer("count")),
            entries=("stage", "count"),
        ),
    ),
    source="https://docs.tailed.ca/05-api-access",
)

NEVER_NULL = {
    "candidates": frozenset({"id", "fullName", "tags", "createdAt", "updatedAt"}),
    "jobs": frozenset({"id", "title", "status", "createdAt", "updatedAt"}),
    "applications": frozenset({"id", "candidateId", "jobId", "status", "appliedAt", "createdAt", "updatedAt"}),
    "analytics_snapshots": frozenset(
        {"id", "date", "applicationsTotal", "activeCandidates", "hires", "stageCounts", "generatedAt"}
    ),
}

TAILED = Platform(
    name="tailed",
    title="Tailed",
    base_url="https://api.tailed.ca",
    hosts=("api.tailed.ca",),
    requests_per_minute=100,
    manners=AssumedManners(never_null=NEVER_NULL),
    streams=(JOBS, CANDIDATES, APPLICATIONS, ANALYTICS_SNAPSHOTS),
)
