"""Dimensions, changes and snapshots of Tailed."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from oracle import words
from oracle.dated import NEVER, Dated, exact
from oracle.model_changes import text
from oracle.model_dimensions import candidate_row, days_on_hold, ended, opened, role_state
from oracle.tailed import PLATFORM, Tailed, stage_of

if TYPE_CHECKING:
    from oracle.observed import Version

Row = dict[str, Any]
METRICS = ("applications_total", "active_candidates", "hires", "average_time_to_hire_days")


def candidates(tailed: Tailed, apps: list[Row]) -> list[Row]:
    """dim_candidates."""
    known = tailed.seen.table(PLATFORM, "candidates")
    named = {
        version.values["candidate_id"]
        for versions in tailed.seen.table(PLATFORM, "applications").values()
        for version in versions
    }
    return [
        candidate_row(
            (PLATFORM, tailed.seen.account, tailed.id(source_id)), source_id, known.get((source_id,), []), apps, 0
        )
        for source_id in sorted({key[0] for key in known} | (named - {None}))
    ]


def _opened(versions: list[Version]) -> Dated:
    when = versions[-1].instant("published_at")
    return exact(when) if when is not None else opened(versions)


def _closed(versions: list[Version]) -> Dated:
    when = versions[-1].instant("closed_at")
    return exact(when) if when is not None else ended(versions)


def roles(tailed: Tailed, apps: list[Row]) -> list[Row]:
    """dim_roles: the jobs."""
    known = tailed.seen.table(PLATFORM, "jobs")
    named = {versions[-1].values["job_id"] for versions in tailed.seen.table(PLATFORM, "applications").values()}
    rows = []
    for source_id in sorted({key[0] for key in known} | (named - {None})):
        versions = known.get((source_id,), [])
        last = versions[-1].values if versions else {}
        own = [app for app in apps if app["role_id"] == tailed.id(source_id)]
        rows.append(
            {
                "role_id": tailed.id(source_id),
                "platform": PLATFORM,
                "account": tailed.seen.account,
                "source_id": source_id,
                "role_name": last.get("title"),
                "organization_id": tailed.organization_id,
                "role_status": last.get("status"),
                "role_state": role_state(versions[-1]) if versions else "unknown",
                "priority": None,
                "department": last.get("department"),
                "location": last.get("location"),
                "work_type": last.get("employment_type"),
                "role_level": None,
                "is_public": None,
                "target_hire_count": last.get("openings"),
                **dict.fromkeys(("salary_min", "salary_max", "salary_currency", "salary_period")),
                **(_opened(versions) if versions else NEVER).columns("opened"),
                **(_closed(versions) if versions else NEVER).columns("closed"),
                "days_on_hold": days_on_hold(versions) if versions else None,
                "is_visible": versions[-1].visible if versions else False,
                "is_stub": not versions,
                "count_applications": len(own),
                "count_in_pipeline": sum(app["is_in_pipeline"] for app in own),
                "count_hires": sum(app["outcome"] == "hired" for app in own),
            }
        )
    return rows


def role_steps(tailed: Tailed) -> list[Row]:
    """dim_role_steps: the stages that applications of a job were ever seen in."""
    found: dict[str, Row] = {}
    for versions in tailed.seen.table(PLATFORM, "applications").values():
        for version in versions:
            step = words.word(version.values["stage"])
            job_id = version.values["job_id"]
            stage = stage_of(version.values["stage"])
            if stage is None or stage == "hired":
                continue
            step_id = tailed.id(job_id, step or "(none)")
            found[step_id] = {
                "role_step_id": step_id,
                "platform": PLATFORM,
                "account": tailed.seen.account,
                "role_id": tailed.id(job_id),
                "step_name": step,
                "step_type": None,
                "step_order": words.RANK.get(stage),
                "stage": stage,
                "stage_rank": words.RANK.get(stage),
                "stage_basis": "unknown" if stage == "unknown" else "step_name",
                "validation_type": None,
                "passing_score": None,
                "is_required": None,
                "is_skippable": None,
                "is_visible": True,
                "is_stub": False,
            }
    return list(found.values())


def organizations(tailed: Tailed, role_rows: list[Row]) -> list[Row]:
    """dim_organizations: the account."""
    return [
        {
            "organization_id": tailed.organization_id,
            "platform": PLATFORM,
            "account": tailed.seen.account,
            "source_id": tailed.seen.account,
            "organization_name": tailed.seen.account,
            "count_roles": len(role_rows),
            "count_open_roles": sum(role["role_state"] == "open" and role["is_visible"] for role in role_rows),
            "count_tests": 0,
            "count_leads": 0,
        }
    ]


def changes(tailed: Tailed) -> list[Row]:
    """fct_application_changes."""
    rows = []
    attributes: dict[str, Any] = {
        "application_status": lambda version: version.values["status"],
        "is_visible": lambda version: version.visible,
        "stage": lambda version: version.values["stage"],
    }
    facts = {one.application_id: one for one in tailed.facts}
    for (source_id,), versions in tailed.seen.table(PLATFORM, "applications").items():
        application_id = tailed.id(source_id)
        for number, (old, new) in enumerate(pairwise(versions), start=2):
            changed = facts[application_id].change(new)
            for attribute, value_of in attributes.items():
                before, after = text(value_of(old)), text(value_of(new))
                if before != after:
                    rows.append(
                        {
                            "change_id": f"{application_id}:{attribute}:{number}",
                            "platform": PLATFORM,
                            "account": tailed.seen.account,
                            "application_id": application_id,
                            "role_step_id": None,
                            "attribute": attribute,
                            "old_value": before,
                            "new_value": after,
                            **changed.columns("changed"),
                            "is_datable": changed.is_datable,
                        }
                    )
    return rows


def snapshots(tailed: Tailed) -> list[Row]:
    """fct_analytics_snapshots."""
    stages = tailed.seen.table(PLATFORM, "analytics_snapshot_stages")
    by_snapshot: dict[str, list[tuple[str, Version]]] = {}
    for (snapshot_id, stage), versions in stages.items():
        by_snapshot.setdefault(snapshot_id, []).append((stage, versions[-1]))
    rows = []
    for (source_id,), versions in tailed.seen.table(PLATFORM, "analytics_snapshots").items():
        last = versions[-1].values
        day = date.fromisoformat(last["date"])
        # Received and hired are counted from the beginning, the rest on the day.
        values = [(name, last[name], day if name == "active_candidates" else None) for name in METRICS]
        counts: dict[str, int] = {}
        for stage, version in by_snapshot.get(source_id, []):
            # Gone with its snapshot, it keeps its count; gone from a snapshot that is made again, nobody is left in it.
            went_along = not versions[-1].visible and version.observed_at >= versions[-1].observed_at
            name = f"stage.{words.word(stage) or '(none)'}"
            counts[name] = counts.get(name, 0) + (version.values["count"] if version.visible or went_along else 0)
        values += [(name, count, day) for name, count in counts.items()]
        for metric, value, start in values:
            if value is not None:
                rows.append(
                    {
                        "snapshot_row_id": f"{tailed.id(source_id)}:{words.part(metric)}",
                        "platform": PLATFORM,
                        "account": tailed.seen.account,
                        "snapshot_id": tailed.id(source_id),
                        "metric": metric,
                        "role_id": None if last["job_id"] is None else tailed.id(last["job_id"]),
                        "period_start": start,
                        "period_end": day,
                        "captured_at": versions[-1].instant("generated_at") or versions[-1].observed_at,
                        "value": float(value),
                    }
                )
    return rows
