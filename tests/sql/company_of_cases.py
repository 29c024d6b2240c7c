"""The golden cases as one small company: each case is a role of its own, mostly with one applicant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from raw_world import RawWorld

if TYPE_CHECKING:
    from pathlib import Path

READ_AT = "2026-04-10 08:00"
AS_OF = "2026-04-15 00:00"
STEPS = {"screening": "cv_screening", "assessment": "ai_assessment", "interview": "interview", "offer": "offer"}
ORDER = {name: number for number, name in enumerate(STEPS, start=1)}


class Company(RawWorld):
    """A raw world with words for what happens in a pipeline."""

    def role(self, role: str, **values: Any) -> None:
        """Add an open role with the four usual steps."""
        made = {"name": role, "status": "open", "organization_id": "o1", "created_at": "2026-01-01 00:00", **values}
        self.talent_ray("roles", READ_AT, id=role, **made)
        for name, step_type in STEPS.items():
            self.talent_ray(
                "role_steps",
                READ_AT,
                id=f"{role}-{name}",
                role_id=role,
                name=name,
                step_type=step_type,
                order=ORDER[name],
            )

    def applicant(self, role: str, person: str = "", observed_at: str = READ_AT, **values: Any) -> None:
        """Add (a version of) a candidate and the assignment to the role."""
        person = person or role
        if ("raw_talent_ray", "candidates", f'["default", "{person}"]') not in self._current:
            self.talent_ray("candidates", observed_at, id=person, created_at="2025-12-01 00:00", status="Active")
        assigned = {"status": "In Pipeline", "overall_fit_score": -1, "organization_id": "o1", **values}
        self.talent_ray("candidate_roles", observed_at, candidate_id=person, role_id=role, **assigned)

    def step(
        self, role: str, name: str, status: str, person: str = "", observed_at: str = READ_AT, **values: Any
    ) -> None:
        """Add (a version of) a step record; it is made on 1 January unless it says otherwise."""
        person = person or role
        self.talent_ray(
            "candidate_steps",
            observed_at,
            id=f"{person}-{role}-{name}",
            candidate_id=person,
            role_id=role,
            **{
                "role_step_id": f"{role}-{name}",
                "name": name,
                "step_type": STEPS.get(name, name),
                "order": ORDER.get(name, 9),
                "status": status,
                "created_at": "2026-01-01 00:00",
                **values,
            },
        )


def found(path: Path) -> Company:
    """Make the company and write its raw tables."""
    company = Company(path)
    for case in (
        _timely,
        _moves,
        _bounded,
        _daily,
        _leads,
        _outcomes,
        _tailed,
        _oddities,
    ):
        case(company)
    company.refresh("2026-01-03 07:00", "2026-01-03 07:10")
    company.refresh("2026-04-14 23:50", AS_OF)
    company.refresh("2026-03-01 00:00", AS_OF, platform="tailed")
    company.save()
    return company


def _timely(company: Company) -> None:
    company.role("G1")
    company.applicant("G1", overall_fit_score=60)
    company.step("G1", "screening", "validated", started_at="2026-01-01 00:00", validated_at="2026-01-03 12:00")
    company.step("G1", "interview", "validated", started_at="2026-01-03 12:00")
    company.step(
        "G1",
        "offer",
        "validated",
        started_at="2026-01-10 00:00",
        validated_at="2026-01-15 06:00",
        offer_response="Accepted",
    )
    company.role("G2")
    company.applicant("G2", overall_fit_score=80)
    company.step("G2", "screening", "validated", started_at="2026-01-01 23:59:59", created_at="2026-01-01 23:59:59")
    company.step("G2", "interview", "active", started_at="2026-01-02 00:00:01", created_at="2026-01-01 23:59:59")
    company.role("G3")
    company.applicant("G3")
    company.step("G3", "screening", "validated", started_at="2026-01-01 00:00")
    company.step("G3", "assessment", "skipped")
    company.step("G3", "interview", "active", started_at="2026-01-04 00:00")
    company.role("G4")
    company.applicant("G4")
    company.step("G4", "screening", "rejected", started_at="2026-01-01 00:00", rejected_at="2026-01-05 00:00")
    company.step("G4", "assessment", "skipped")
    company.step("G4", "interview", "skipped")


def _moves(company: Company) -> None:
    company.role("G6")
    first, second = "2026-01-03 08:00", "2026-01-06 08:00"
    company.applicant("G6", observed_at=first)
    company.step(
        "G6", "screening", "validated", "", first, started_at="2026-01-01 00:00", validated_at="2026-01-02 00:00"
    )
    company.step("G6", "interview", "active", "", first, started_at="2026-01-02 00:00")
    company.step("G6", "interview", "locked", "", second)
    company.step("G6", "screening", "active", "", second, started_at="2026-01-05 10:00")

    company.role("back again")
    for day, visible in (("03", True), ("05", False), ("08", True)):
        at = f"2026-01-{day} 08:00"
        company.version(
            "raw_talent_ray",
            "candidate_roles",
            at,
            candidate_id="back again",
            role_id="back again",
            status="In Pipeline",
            visible=visible,
        )
    company.talent_ray("candidates", "2026-01-03 08:00", id="back again", created_at="2025-12-01 00:00")
    company.step("back again", "screening", "active", "", "2026-01-03 08:00", started_at="2026-01-01 00:00")


def _bounded(company: Company) -> None:
    company.role("G7")
    company.applicant("G7", observed_at="2026-01-04 08:00")
    company.step("G7", "screening", "validated", "", "2026-01-04 08:00", started_at="2026-01-01 00:00")
    company.step("G7", "interview", "locked", "", "2026-01-04 08:00")
    company.step("G7", "interview", "active", "", "2026-01-06 08:00:30", not_before="2026-01-05 08:00:00")

    company.role("wide")
    company.applicant("wide", observed_at="2026-01-04 08:00")
    company.step("wide", "screening", "validated", "", "2026-01-04 08:00", started_at="2026-01-01 00:00")
    company.step("wide", "interview", "locked", "", "2026-01-04 08:00")
    company.step("wide", "interview", "active", "", "2026-02-06 08:00")


def _daily(company: Company) -> None:
    company.role("G9")
    for person, day in (("a", 1), ("b", 1), ("c", 2), ("d", 4)):
        entered = f"2026-01-0{day} 10:00"
        company.applicant("G9", person)
        status = {"a": "validated", "b": "rejected", "c": "active", "d": "rejected"}[person]
        rejected = {"b": "2026-01-03 10:00", "d": "2026-01-04 18:00"}.get(person)
        company.step("G9", "screening", status, person, started_at=entered, created_at=entered, rejected_at=rejected)
    company.step("G9", "interview", "active", "a", started_at="2026-01-02 10:00", created_at="2026-01-01 10:00")


def _leads(company: Company) -> None:
    company.role("G15")
    company.applicant("G15")
    company.step(
        "G15",
        "offer",
        "validated",
        started_at="2026-01-02 00:00",
        validated_at="2026-01-09 00:00",
        offer_response="accepted",
    )
    for lead, created_at in (("l1", "2025-12-20 00:00"), ("l2", "2025-12-10 00:00")):
        company.talent_ray("leads", "2025-12-21 08:00", id=lead, status="parsed", created_at=created_at)
        company.talent_ray("leads", "2026-01-01 08:00", id=lead, candidate_id="G15", not_before="2025-12-31 08:00")
    company.talent_ray(
        "lead_roles", "2025-12-21 08:00", lead_id="l1", role_id="G15", resume_fit_score=-1, overall_fit_score=-1
    )
    company.talent_ray("lead_roles", "2025-12-22 08:00", lead_id="l1", role_id="G15", resume_fit_score=64)
    company.talent_ray(
        "leads", READ_AT, id="l3", status="uploaded", candidate_id="nobody", created_at="2026-01-01 00:00"
    )


def _outcomes(company: Company) -> None:
    company.role("G14")
    company.applicant("G14", status="Parked")
    company.step("G14", "screening", "active", started_at="2026-01-01 00:00")

    company.role("declined")
    company.applicant("declined")
    company.step(
        "declined",
        "offer",
        "completed",
        started_at="2026-01-02 00:00",
        completed_at="2026-01-06 12:00",
        offer_response="Declined",
    )

    company.role("conflict")
    company.applicant("conflict", status="Hired")
    company.step("conflict", "screening", "rejected", started_at="2026-01-01 00:00", rejected_at="2026-01-02 00:00")

    company.role("went on")
    company.applicant("went on")
    company.step("went on", "screening", "rejected", started_at="2026-01-01 00:00", rejected_at="2026-01-02 00:00")
    company.step("went on", "interview", "active", started_at="2026-01-03 00:00")


def _tailed(company: Company) -> None:
    for case in ("G8", "moved", "refused"):
        company.tailed("jobs", "2026-03-01 00:30", id=case, title=case, status="open", created_at="2026-01-01 00:00")
        company.tailed("candidates", "2026-03-01 00:30", id=case, created_at="2025-12-01 00:00")
    made = {"status": "active", "applied_at": "2026-01-01 00:00", "created_at": "2026-01-01 00:00"}
    company.tailed(
        "applications", "2026-03-01 00:30", id="G8", candidate_id="G8", job_id="G8", stage="Interview", **made
    )
    moved = {"id": "moved", "candidate_id": "moved", "job_id": "moved", **made}
    company.tailed("applications", "2026-01-01 08:00", stage="Applied", **moved)
    company.tailed(
        "applications", "2026-01-04 08:00", not_before="2026-01-03 08:00", **(moved | {"stage": "Interview"})
    )
    company.tailed(
        "applications", "2026-01-06 08:00", not_before="2026-01-05 08:00", **(moved | {"stage": "screening "})
    )
    refused = {"id": "refused", "candidate_id": "refused", "job_id": "refused", **made}
    company.tailed("applications", "2026-01-01 08:00", stage="Applied", **refused)
    company.tailed(
        "applications",
        "2026-01-09 08:00",
        **(refused | {"stage": "interview", "status": "Rejected"}),
        rejected_at="2026-01-07 12:00",
        rejection_reason="No response ",
    )


def _oddities(company: Company) -> None:
    # A role that the key cannot see, with a step that no template has.
    company.applicant("G16", role_name="Hidden role")
    company.step("G16", "interview", "active", started_at="2026-01-02 00:00")

    # A step type that inherits its stage, at the end and at the beginning.
    company.role("inherit")
    for step, order in (("first", 0), ("last", 9)):
        company.talent_ray(
            "role_steps", READ_AT, id=f"inherit-{step}", role_id="inherit", name=step, step_type="custom", order=order
        )
    company.talent_ray(
        "role_steps", READ_AT, id="inherit-odd", role_id="inherit", name="odd", step_type="Chess", order=2
    )

    # A clock that runs ahead by an hour, and one that runs ahead by four minutes.
    company.role("clock")
    company.applicant("clock")
    company.step("clock", "screening", "validated", started_at="2026-04-10 08:04")
    company.step("clock", "interview", "active", started_at="2026-04-10 09:00")

    # Ids that would collide without escapes.
    company.applicant("b", "x:a")
    company.applicant("a:b", "x")

    # A draft that was opened, put on hold, and closed.
    for day, status in (("02", "draft"), ("04", "open"), ("10", "paused"), ("15", "Open"), ("20", "Filled")):
        company.talent_ray("roles", f"2026-01-{day} 08:00", id="states", status=status, created_at="2026-01-01 00:00")
    company.talent_ray("tests", READ_AT, id="t1", name="Logic", is_public=True, duration=30)
    company.talent_ray("cv_screening_batches", READ_AT, batch_id="b1", status="completed")
    for lead in ("l1", "only in the batch"):
        company.talent_ray(
            "cv_screening_batch_members", READ_AT, batch_id="b1", lead_id=lead, created_at="2025-12-10 00:00"
        )
    company.talent_ray(
        "cv_screening_batch_member_roles", READ_AT, batch_id="b1", lead_id="l1", role_id="G15", resume_fit_score=64
    )
    company.talent_ray(
        "role_steps",
        READ_AT,
        id="G15-screening",
        role_id="G15",
        name="screening",
        step_type="cv_screening",
        order=1,
        passing_score=60,
    )
    snapshot = {"id": "s1", "date": "2026-03-31", "applications_total": 3, "active_candidates": 2, "hires": 0}
    company.tailed("analytics_snapshots", READ_AT, generated_at="2026-04-01 02:00", **snapshot)
    company.tailed("analytics_snapshot_stages", READ_AT, snapshot_id="s1", stage="interview", count=1)
