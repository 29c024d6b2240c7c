"""Dimensions: candidates, roles, role steps, tests, organizations, dates."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from oracle import words
from oracle.dated import NEVER, Dated, between, days, exact, latest

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from oracle.observed import Version
    from oracle.talent_ray import Talent

Row = dict[str, Any]
ENDED = ("filled", "closed")


def bounds(version: Version, *made: datetime | None) -> Dated:
    """The bounds of what a version shows."""
    return between(latest(version.seen_not_before, *made), version.observed_at)


def made(version: Version) -> datetime | None:
    return version.instant("created_at") if "created_at" in version.values else None


def vanished(versions: list[Version]) -> Dated:
    """When a record left; null while it is visible."""
    if versions[-1].visible:
        return NEVER
    gone = versions[-1]
    for version in reversed(versions):
        if version.visible:
            break
        gone = version
    return bounds(gone, made(gone))


def candidate_row(
    ids: tuple[str, str, str], source_id: str, versions: list[Version], apps: list[Row], count_leads: int
) -> Row:
    """One row of dim_candidates; `ids`: platform, account and id."""
    last = versions[-1] if versions else None
    own = [app for app in apps if app["candidate_id"] == ids[2]]
    return {
        "candidate_id": ids[2],
        "platform": ids[0],
        "account": ids[1],
        "source_id": source_id,
        "full_name": last.values["full_name"] if last else None,
        "email": last.values["email"] if last else None,
        "phone": last.values["phone"] if last else None,
        "candidate_status": last.values.get("status") if last else None,
        "created_at": last.instant("created_at") if last else None,
        "updated_at": last.instant("updated_at") if last else None,
        "is_visible": last.visible if last else False,
        **(vanished(versions) if versions else NEVER).columns("vanished"),
        "is_stub": last is None,
        "first_applied_at": min((app["applied_at"] for app in own), default=None),
        "count_applications": len(own),
        "count_leads": count_leads,
    }


def candidates(talent: Talent, apps: list[Row]) -> list[Row]:
    """dim_candidates of Talent-Ray."""
    seen = talent.seen
    known = seen.table("talent_ray", "candidates")
    named = {app.candidate_id for app in talent.applications.values()}
    leads = Counter()  # type: ignore[var-annotated]
    for versions in seen.table("talent_ray", "leads").values():
        named |= {version.values["candidate_id"] for version in versions}
        leads[versions[-1].values["candidate_id"]] += 1
    for versions in seen.table("talent_ray", "cv_screening_batch_members").values():
        named |= {version.values["candidate_id"] for version in versions}
    return [
        candidate_row(
            ("talent_ray", seen.account, talent.id(source_id)),
            source_id,
            known.get((source_id,), []),
            apps,
            leads[source_id],
        )
        for source_id in sorted({key[0] for key in known} | (named - {None}))
    ]


def role_state(version: Version) -> str:
    return words.meaning(words.ROLE_STATE, version.values["status"]) or "unknown"


def opened(versions: list[Version]) -> Dated:
    if role_state(versions[0]) != "draft":
        created_at = made(versions[-1])
        return exact(created_at) if created_at is not None else bounds(versions[0])
    opening = next((version for version in versions if role_state(version) == "open"), None)
    return bounds(opening, made(opening)) if opening else NEVER


def ended(versions: list[Version]) -> Dated:
    if role_state(versions[-1]) not in ENDED:
        return NEVER
    since = versions[-1]
    for version in reversed(versions):
        if role_state(version) not in ENDED:
            break
        since = version
    return NEVER if since is versions[0] else bounds(since, made(since))


def days_on_hold(versions: list[Version]) -> float:
    total = 0.0
    start: Dated | None = None
    for place, version in enumerate(versions):
        is_held = role_state(version) == "on_hold"
        if is_held and start is None:
            start = bounds(version, made(version)) if place else NEVER
        elif not is_held and start is not None:
            end = bounds(version, made(version))
            if start.is_datable and end.is_datable:
                total += days(start.at, end.at) or 0.0
            start = None
    return total


def roles(talent: Talent, apps: list[Row]) -> list[Row]:
    """dim_roles of Talent-Ray."""
    seen = talent.seen
    known = seen.table("talent_ray", "roles")
    named: dict[str, Version | None] = {key[0]: None for key in known}
    mentions = [
        versions[-1]
        for table in ("candidate_roles", "lead_roles", "cv_screening_batch_member_roles")
        for versions in seen.table("talent_ray", table).values()
    ]
    mentions.sort(key=lambda version: version.observed_at)
    named |= {version.values["role_id"]: version for version in mentions}
    for table in ("candidate_steps", "role_steps"):
        for versions in seen.table("talent_ray", table).values():
            named.setdefault(versions[-1].values["role_id"], None)
    rows = []
    for source_id in sorted(named):
        versions = known.get((source_id,), [])
        last = versions[-1].values if versions else {}
        mention = named[source_id].values if named[source_id] else {}  # type: ignore[union-attr]
        own = [app for app in apps if app["role_id"] == talent.id(source_id)]
        state = role_state(versions[-1]) if versions else "unknown"
        rows.append(
            {
                "role_id": talent.id(source_id),
                "platform": "talent_ray",
                "account": seen.account,
                "source_id": source_id,
                "role_name": last.get("name") or mention.get("role_name"),
                "organization_id": talent.optional_id(last.get("organization_id") or mention.get("organization_id")),
                "role_status": last.get("status"),
                "role_state": state,
                **{name: last.get(name) for name in ("priority", "department", "location", "work_type", "role_level")},
                "is_public": last.get("is_public"),
                "target_hire_count": last.get("target_hire_count"),
                **{name: last.get(name) for name in ("salary_min", "salary_max", "salary_currency", "salary_period")},
                **(opened(versions) if versions else NEVER).columns("opened"),
                **(ended(versions) if versions else NEVER).columns("closed"),
                "days_on_hold": days_on_hold(versions) if versions else None,
                "is_visible": versions[-1].visible if versions else False,
                "is_stub": not versions,
                "count_applications": len(own),
                "count_in_pipeline": sum(app["is_in_pipeline"] for app in own),
                "count_hires": sum(app["outcome"] == "hired" for app in own),
            }
        )
    return rows


def role_steps(talent: Talent) -> list[Row]:
    """dim_role_steps of Talent-Ray."""
    return [
        {
            "role_step_id": talent.id(step.id),
            "platform": "talent_ray",
            "account": talent.seen.account,
            "role_id": talent.id(step.role_id),
            "step_name": step.name,
            "step_type": step.step_type,
            "step_order": step.order,
            "stage": step.stage,
            "stage_rank": words.RANK.get(step.stage),
            "stage_basis": step.basis,
            "validation_type": step.values.get("validation_type"),
            "passing_score": step.values.get("passing_score"),
            "is_required": step.values.get("is_required"),
            "is_skippable": step.values.get("allow_skip"),
            "is_visible": step.is_visible,
            "is_stub": step.is_stub,
        }
        for step in talent.steps.values()
    ]


def tests(talent: Talent) -> list[Row]:
    """dim_tests."""
    links = talent.seen.table("talent_ray", "test_organizations")
    rows = []
    for (source_id,), versions in talent.seen.table("talent_ray", "tests").items():
        last = versions[-1]
        row = last.values
        # A test that is gone keeps the organizations it had.
        own = [link for key, link in links.items() if key[0] == source_id and (link[-1].visible or not last.visible)]
        rows.append(
            {
                "test_id": talent.id(source_id),
                "platform": "talent_ray",
                "account": talent.seen.account,
                "source_id": source_id,
                "test_name": row["name"],
                "test_type": row["type"],
                "category": row["analysis_category"],
                "language": row["language"],
                "target_persona": row["target_persona"],
                "duration_minutes": row["duration"],
                "is_global": row["is_public"],
                "count_organizations": len(own),
                "is_visible": last.visible,
                "created_at": last.instant("created_at"),
                "updated_at": last.instant("updated_at"),
            }
        )
    return rows


def organizations(talent: Talent, role_rows: list[Row]) -> list[Row]:
    """dim_organizations of Talent-Ray."""
    seen = talent.seen
    found: set[Any] = set()
    for table in ("roles", "candidate_roles", "lead_roles", "lead_organizations", "test_organizations"):
        for versions in seen.table("talent_ray", table).values():
            found.add(versions[-1].values["organization_id"])
    tests_of, leads_of = (
        Counter(
            key[1]
            for key, link in seen.table("talent_ray", links).items()
            if link[-1].visible or not seen.table("talent_ray", records)[(key[0],)][-1].visible
        )
        for links, records in (("test_organizations", "tests"), ("lead_organizations", "leads"))
    )
    rows = []
    for source_id in sorted(found - {None}):
        organization_id = talent.id(source_id)
        own = [role for role in role_rows if role["organization_id"] == organization_id]
        rows.append(
            {
                "organization_id": organization_id,
                "platform": "talent_ray",
                "account": seen.account,
                "source_id": source_id,
                "organization_name": source_id,
                "count_roles": len(own),
                "count_open_roles": sum(role["role_state"] == "open" and role["is_visible"] for role in own),
                "count_tests": tests_of[source_id],
                "count_leads": leads_of[source_id],
            }
        )
    return rows


def dates(first: date, last: date) -> list[Row]:
    """dim_dates: whole years."""
    day, rows = date(first.year, 1, 1), []
    while day <= date(last.year, 12, 31):
        rows.append(
            {
                "date_day": day,
                "week_start": week_start(day),
                "month_start": day.replace(day=1),
                "quarter_start": date(day.year, (day.month - 1) // 3 * 3 + 1, 1),
                "year": day.year,
                "day_of_week": day.isoweekday(),
                "is_weekend": day.isoweekday() >= 6,
                "is_business_day": day.isoweekday() < 6,
            }
        )
        day += timedelta(days=1)
    return rows


def week_start(day: date) -> date:
    return day - timedelta(days=day.weekday())


def earliest_day(instants: Iterable[datetime | None]) -> date:
    return min(instant for instant in instants if instant is not None).date()
