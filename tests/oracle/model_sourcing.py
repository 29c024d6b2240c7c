"""fct_leads and fct_screenings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from oracle.dated import NEVER, Dated, between, days_of, exact, latest
from oracle.model_applications import score
from oracle.model_dimensions import bounds, vanished
from oracle.words import word

if TYPE_CHECKING:
    from oracle.observed import Version
    from oracle.talent_ray import Talent

Row = dict[str, Any]


def _first(versions: list[list[Version]], holds: Any, lead: Version) -> Dated:
    """The first version of any of the records for which something holds."""
    found = [version for own in versions for version in own if holds(version)]
    if not found:
        return NEVER
    first = min(found, key=lambda version: version.observed_at)
    return bounds(first, lead.instant("created_at"))


def leads(talent: Talent, apps: list[Row]) -> list[Row]:
    """fct_leads."""
    seen = talent.seen
    rows = []
    links_of: dict[str, dict[str, list[Version]]] = {}
    for (lead_id, role_id), versions in seen.table("talent_ray", "lead_roles").items():
        links_of.setdefault(lead_id, {})[role_id] = versions
    records = dict(seen.table("talent_ray", "leads"))
    for (_, lead_id), member in seen.table("talent_ray", "cv_screening_batch_members").items():
        # A lead may be known from its batch alone.
        records.setdefault((lead_id,), member)
    for (source_id,), versions in records.items():
        last = versions[-1]
        links = links_of.get(source_id, {})
        credited = [app for app in apps if app["lead_id"] == talent.id(source_id)]
        converted = _first([versions], lambda version: version.values["candidate_id"] is not None, last)
        counted = {role: own for role, own in links.items() if own[-1].visible or not last.visible}
        resume = [value for own in links.values() if (value := score(own[-1].values["resume_fit_score"])) is not None]
        overall = [value for own in links.values() if (value := score(own[-1].values["overall_fit_score"])) is not None]
        created_at = last.instant("created_at")
        organizations = [
            own
            for key, own in seen.table("talent_ray", "lead_organizations").items()
            if key[0] == source_id and (own[-1].visible or not last.visible)
        ]
        hired = [app for app in credited if app["outcome"] == "hired"]
        rows.append(
            {
                "lead_id": talent.id(source_id),
                "platform": "talent_ray",
                "account": seen.account,
                "candidate_id": talent.optional_id(last.values["candidate_id"]),
                "primary_role_id": talent.optional_id(_primary_role(links)),
                "lead_status": last.values["status"],
                "created_at": created_at,
                **_first(
                    list(links.values()), lambda version: score(version.values["resume_fit_score"]) is not None, last
                ).columns("screened"),
                **_first(list(links.values()), lambda version: True, last).columns("assigned"),
                **converted.columns("converted"),
                "resume_fit_score": max(resume, default=None),
                "overall_fit_score": max(overall, default=None),
                "count_roles": len(counted),
                "count_organizations": len(organizations),
                "count_applications": len(credited),
                "has_applied": bool(credited),
                "has_interviewed": any(app["furthest_stage_rank"] >= 4 for app in credited),
                "is_hired": bool(hired),
                "hired_at": min((app["hired_at"] for app in hired), default=None),
                "applied_at": min((app["applied_at"] for app in credited), default=None),
                "days_to_convert": days_of(exact(created_at), converted) if created_at else None,
                "is_visible": last.visible,
                **vanished(versions).columns("vanished"),
            }
        )
    return rows


def _primary_role(links: dict[str, list[Version]]) -> str | None:
    """The role with the highest resume score, then the one seen first, then the lowest id."""

    def preference(role_id: str) -> tuple[float, float, str]:
        value = score(links[role_id][-1].values["resume_fit_score"])
        return (-1.0 if value is None else -value - 2, links[role_id][0].observed_at.timestamp(), role_id)

    return min(links, key=preference, default=None)


def screenings(talent: Talent, apps: list[Row], lead_rows: list[Row], step_rows: list[Row]) -> list[Row]:
    """fct_screenings."""
    seen = talent.seen
    by_id = {row["lead_id"]: row for row in lead_rows}
    applications = {(app["candidate_id"], app["role_id"]): app for app in apps}
    batches = seen.table("talent_ray", "cv_screening_batches")
    roles_of: dict[tuple[str, ...], list[Any]] = {}
    links = seen.table("talent_ray", "cv_screening_batch_member_roles")
    for batch_id, lead_id, role_id in links:
        roles_of.setdefault((batch_id, lead_id), []).append(role_id)
    rows = []
    for (batch_id, lead_id), versions in seen.table("talent_ray", "cv_screening_batch_members").items():
        member = versions[-1]
        batch = batches.get((batch_id,))
        lead = by_id.get(talent.id(lead_id))
        for role_id in roles_of.get((batch_id, lead_id), [None]):
            link = links.get((batch_id, lead_id, role_id), [])
            role = talent.optional_id(role_id)
            candidate_id = talent.optional_id(member.values["candidate_id"]) or (lead or {}).get("candidate_id")
            app = applications.get((candidate_id, role))
            resume = score(link[-1].values["resume_fit_score"]) if link else None
            passing = [
                row["passing_score"]
                for row in step_rows
                if row["role_id"] == role
                and word(row["step_type"]) == "cv_screening"
                and row["passing_score"] is not None
            ]
            passing_score = min(passing, default=None)
            scored = [version for version in link if score(version.values["resume_fit_score"]) is not None]
            screened = NEVER
            if scored:
                created_at = member.instant("created_at")
                screened = between(latest(scored[0].seen_not_before, created_at), scored[0].observed_at)
            known = resume is not None and passing_score is not None
            rows.append(
                {
                    "screening_id": f"{talent.id(batch_id)}:{talent.id(lead_id)}:{role or '(none)'}",
                    "platform": "talent_ray",
                    "account": seen.account,
                    "batch_id": talent.id(batch_id),
                    "lead_id": talent.id(lead_id),
                    "role_id": role,
                    "candidate_id": candidate_id,
                    "application_id": app["application_id"] if app else None,
                    "batch_status": batch[-1].values["status"] if batch else None,
                    "member_status": member.values["status"],
                    "resume_fit_score": resume,
                    "overall_fit_score": score(link[-1].values["overall_fit_score"]) if link else None,
                    "passing_score": passing_score,
                    "is_recommended": resume >= passing_score if known else None,  # type: ignore[operator]
                    **screened.columns("screened"),
                    "has_interviewed": app["furthest_stage_rank"] >= 4 if app else None,
                    "is_hired": app["outcome"] == "hired" if app else None,
                    "is_closed": app["is_closed"] if app else None,
                    "is_visible": member.visible and (not link or link[-1].visible),
                }
            )
    return rows
