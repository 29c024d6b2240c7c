"""fct_application_changes: what differs between one version and the next."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from oracle.model_applications import score
from oracle.visits import status

if TYPE_CHECKING:
    from oracle.applications import Application
    from oracle.observed import Version
    from oracle.talent_ray import Talent

Row = dict[str, Any]


def text(value: object) -> str | None:
    """A value as the table writes it."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%SZ}"
    return str(value)


ASSIGNMENT = {
    "application_status": lambda version: version.values["status"],
    "is_approved": lambda version: version.values["approved"],
    "overall_fit_score": lambda version: score(version.values["overall_fit_score"]),
    "is_visible": lambda version: version.visible,
}
STEP = {
    "status": status,
    "started_at": lambda version: version.instant("started_at"),
    "completed_at": lambda version: version.instant("completed_at"),
    "validated_at": lambda version: version.instant("validated_at"),
    "rejected_at": lambda version: version.instant("rejected_at"),
    "validation_score": lambda version: score(version.values["validation_score"]),
    "offer_response": lambda version: version.values["offer_response"],
}


def changes(talent: Talent) -> list[Row]:
    """The changes of all Talent-Ray applications."""
    rows: list[Row] = []
    for application in talent.applications.values():
        application_id = talent.id(application.candidate_id, application.role_id)
        rows += _of(talent, application, application_id, application.assignment, application_id, None, ASSIGNMENT)
        for record, versions in application.steps.items():
            step_id = talent.id(versions[-1].values["role_step_id"])
            rows += _of(talent, application, talent.id(record), versions, application_id, step_id, STEP)
    return rows


def _of(
    talent: Talent,
    application: Application,
    record_id: str,
    versions: list[Version],
    application_id: str,
    role_step_id: str | None,
    attributes: dict[str, Any],
) -> list[Row]:
    rows = []
    for number, (old, new) in enumerate(pairwise(versions), start=2):
        changed = application.change(new)
        for attribute, value_of in attributes.items():
            before, after = text(value_of(old)), text(value_of(new))
            if before != after:
                rows.append(
                    {
                        "change_id": f"{record_id}:{attribute}:{number}",
                        "platform": "talent_ray",
                        "account": talent.seen.account,
                        "application_id": application_id,
                        "role_step_id": role_step_id,
                        "attribute": attribute,
                        "old_value": before,
                        "new_value": after,
                        **changed.columns("changed"),
                        "is_datable": changed.is_datable,
                    }
                )
    return rows
