"""Records for a foreign server, as dictionaries in the API's own words, and the rows that a warehouse should hold."""

from __future__ import annotations

import json
import random
import re
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

Record = dict[str, Any]
Rows = list[tuple[tuple[str, Any], ...]]
START = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
ODD_IDS = (
    *("a/b", "with blank", "question?mark=1&x=y", "percent%2Fencoded", "#hash", "semi;colon", "plus+", "çığ", "日本語"),
    *("😀", "é", "e\u0301", '"quoted"', "back\\slash", "[list]", "{brace}", "'", "-", "_", "0", "00", "1e5", "null"),
    "a" * 200,
)
SCOPES = ["candidates:read", "roles:read", "pipeline:read", "tests:read", "sourcing:read", "cv-screening:read"]


def written(instant: datetime) -> str:
    """An instant as the examples of the reference write it."""
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


class Records:
    """What both platforms hold: so many candidates and leads, a tenth as many roles, steps for some of them."""

    def __init__(
        self, count: int = 130, *, seed: int = 1, ids: tuple[Any, ...] = (), roles: int = 12, sparse: bool = False
    ):
        self.chance = random.Random(seed)
        self.sparse = sparse
        names = [*ids, *(f"cand_{number}" for number in range(count))][:count]
        self.roles = [self._role(number) for number in range(roles if count else 0)]
        self.role_steps = {role["id"]: [self._role_step(role["id"], order) for order in (1, 2)] for role in self.roles}
        self.candidates = [self._candidate(name, number) for number, name in enumerate(names)]
        self.candidate_steps = {one["id"]: list(self._steps(one, number)) for number, one in enumerate(self.candidates)}
        self.tests = [self._test(number) for number in range(min(count, 3))]
        self.leads = [self._lead(name, number) for number, name in enumerate(names)]
        self.jobs = [self._job(number) for number in range(min(count, 4))]
        self.people = [self._person(name, number) for number, name in enumerate(names)]
        self.applications = [self._application(person, number) for number, person in enumerate(self.people)]
        self.snapshots = [self._snapshot(number) for number in range(min(count, 5))]

    def _times(self, number: int) -> Record:
        made = START + timedelta(minutes=7 * number)
        return {"createdAt": written(made), "updatedAt": written(made + timedelta(hours=self.chance.randrange(400)))}

    def _maybe(self, **fields: Any) -> Record:
        """Fields that may be null; a sparse server leaves them out then."""
        found = {name: value if self.chance.random() < 0.6 else None for name, value in fields.items()}
        return {name: value for name, value in found.items() if value is not None or not self.sparse}

    def _role(self, number: int) -> Record:
        words = self._maybe(
            priority="high", department="Ar-Ge", location="İzmir", workType="hybrid", salaryCurrency="EUR"
        )
        figures = self._maybe(
            salaryMin=50_000, salaryMax=2**40, salaryPeriod="year", targetHireCount=3, roleLevel="senior"
        )
        fixed = {
            "id": f"role_{number}",
            "name": f"Role {number}",
            "organizationId": f"org_{number % 3}",
            "status": "open",
        }
        return fixed | {"isPublic": number % 2 == 0} | words | figures | self._times(number)

    def _role_step(self, role: str, order: int) -> Record:
        fixed = {
            "id": f"step_{role}_{order}",
            "roleId": role,
            "name": "CV Screening",
            "order": order,
            "stepType": "interview",
        }
        more = {"validationType": "manual", "isRequired": True, "allowSkip": False}
        return fixed | more | self._maybe(description="Ein Gespräch", passingScore=60) | self._times(order)

    def _candidate(self, name: str, number: int) -> Record:
        roles = [
            {
                "roleId": role["id"],
                "roleName": role["name"],
                "organizationId": role["organizationId"],
                "status": "In Pipeline",
                "overallFitScore": self.chance.choice([-1, 71, 88]),
                "approved": False,
            }
            for role in self.roles[: number % 3]
        ]
        fixed = {"id": name, "fullName": f"Ada Ümlaut {number}", "status": "Active", "roles": roles}
        return fixed | self._maybe(email=f"ada{number}@example.com", phone="+15550100") | self._times(number)

    def _steps(self, candidate: Record, number: int) -> list[Record]:
        return [
            {
                "id": f"crs_{number}_{role['roleId']}_{order}",
                "roleId": role["roleId"],
                "roleStepId": f"step_{role['roleId']}_{order}",
                "name": "CV Screening",
                "order": order,
                "stepType": "cv_screening",
                "status": "active",
                **self._maybe(startedAt=candidate["createdAt"], validationScore=12, rejectionReason="too far away"),
                **self._maybe(
                    completedAt=candidate["updatedAt"],
                    validatedAt=written(START),
                    rejectedAt=written(START),
                    offerResponse="accepted",
                ),
                **self._times(number),
            }
            for role in candidate["roles"]
            for order in (1, 2)
        ]

    def _test(self, number: int) -> Record:
        fixed = {
            "id": f"test_{number}",
            "name": "SQL basics",
            "type": "multiple_choice",
            "description": "Joins.",
            "duration": 25,
        }
        more = {"analysisCategory": "hard_skill", "language": "en", "isPublic": number == 0}
        owned = {"organizationIds": [f"org_{one}" for one in range(number)]}
        return fixed | more | owned | self._maybe(targetPersona="analyst") | self._times(number)

    def _lead(self, name: str, number: int) -> Record:
        role = {"roleId": "role_0", "roleName": "Role 0", "organizationId": "org_0", "status": "Assigned"}
        roles = [role | {"resumeFitScore": 64, "overallFitScore": -1}] if number % 2 else []
        fixed = {
            "id": f"lead {name}",
            "fullName": "Bo Example",
            "status": "parsed",
            "skills": ["sql", "ç"],
            "roles": roles,
        }
        owned = {"organizations": [{"organizationId": f"org_{number % 3}", "status": "Pool"}]}
        words = self._maybe(
            email="bo@example.com", contactEmail="b@example.com", phone="+15550101", summary="x\ny", candidateId=name
        )
        return fixed | owned | words | self._times(number)

    def _job(self, number: int) -> Record:
        words = self._maybe(department="Platform", location="Montréal", employmentType="full_time", openings=2)
        fixed = {"id": f"job_{number}", "title": "Data Engineer", "status": "open"}
        return fixed | words | self._maybe(publishedAt=written(START), closedAt=written(START)) | self._times(number)

    def _person(self, name: str, number: int) -> Record:
        words = self._maybe(email="c@example.com", phone="+15550102", source="university", university="Example")
        return (
            {"id": name, "fullName": "Cy Example", "tags": ["python"], "deletedAt": None} | words | self._times(number)
        )

    def _application(self, person: Record, number: int) -> Record:
        fixed = {"id": f"app_{number}", "candidateId": person["id"], "jobId": f"job_{number % 4}", "status": "active"}
        words = self._maybe(stage="interview", source="university", rejectionReason="none")
        dates = self._maybe(stageEnteredAt=written(START), hiredAt=written(START), rejectedAt=written(START))
        return fixed | {"appliedAt": person["createdAt"], "deletedAt": None} | words | dates | self._times(number)

    def _snapshot(self, number: int) -> Record:
        day = START.date() + timedelta(days=number)
        counts = {
            "applicationsTotal": 41,
            "activeCandidates": 18,
            "hires": 4,
            "stageCounts": {"applied": 9, "offer": number},
        }
        fixed = {
            "id": f"snap_{day}_all",
            "date": day.isoformat(),
            "generatedAt": written(START + timedelta(days=number + 1)),
        }
        return fixed | counts | self._maybe(averageTimeToHireDays=23.5, jobId=f"job_{number % 4}")

    def tables(self, time: Callable[[str], str] = str) -> dict[str, Rows]:
        """The rows of the raw tables, by name; each row is its columns and values, sorted, nulls left out."""

        def rows(records: Any, *, leave: str = "") -> Rows:
            left = leave.split()
            return sorted((row(one, left, time) for one in records), key=repr)

        steps = [step | {"candidateId": one} for one, found in self.candidate_steps.items() for step in found]
        return {
            "raw_talent_ray.roles": rows(self.roles),
            "raw_talent_ray.role_steps": rows(step for found in self.role_steps.values() for step in found),
            "raw_talent_ray.candidates": rows(self.candidates, leave="roles"),
            "raw_talent_ray.candidate_roles": rows(inside(self.candidates, "roles", "candidateId")),
            "raw_talent_ray.candidate_steps": rows(steps),
            "raw_talent_ray.tests": rows(self.tests, leave="organizationIds"),
            "raw_talent_ray.test_organizations": rows(
                {"testId": one["id"], "organizationId": organization}
                for one in self.tests
                for organization in one["organizationIds"]
            ),
            "raw_talent_ray.leads": rows(self.leads, leave="roles organizations"),
            "raw_talent_ray.lead_roles": rows(inside(self.leads, "roles", "leadId")),
            "raw_talent_ray.lead_organizations": rows(inside(self.leads, "organizations", "leadId")),
            "raw_tailed.jobs": rows(self.jobs),
            "raw_tailed.candidates": rows(self.people),
            "raw_tailed.applications": rows(self.applications),
            "raw_tailed.analytics_snapshots": rows(self.snapshots, leave="stageCounts"),
            "raw_tailed.analytics_snapshot_stages": rows(
                {"snapshotId": one["id"], "stage": stage, "count": count}
                for one in self.snapshots
                for stage, count in one["stageCounts"].items()
            ),
        }


def inside(records: list[Record], field: str, owner: str) -> list[Record]:
    """The entries of a list inside records, each with its owner's id."""
    return [entry | {owner: record["id"]} for record in records for entry in record[field]]


def row(record: Record, leave: list[str], time: Callable[[str], str]) -> tuple[tuple[str, Any], ...]:
    """A record as a row of a raw table."""
    kept = {name: value for name, value in record.items() if name not in leave and value is not None}
    return tuple(sorted((column(name), stored(name, value, time)) for name, value in kept.items()))


def column(name: str) -> str:
    """`roleStepId` is `role_step_id`."""
    return re.sub(r"([A-Z])", lambda found: f"_{found[1].lower()}", name)


def stored(name: str, value: Any, time: Callable[[str], str]) -> Any:
    """A value as a raw table holds it."""
    if name.endswith("At"):
        return datetime.fromisoformat(time(value)).astimezone(UTC)
    if name == "date":
        return date.fromisoformat(value)
    if name == "id" or name.endswith("Id"):
        return str(value)  # identifiers are text, whatever is sent
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) if isinstance(value, list) else value
