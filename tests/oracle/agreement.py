"""Talent-Ray figures that rest on instants of the API, held against the truth, however seldom they were read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from oracle.errors import source
from oracle.shape import same

if TYPE_CHECKING:
    from oracle.calculate import Tables
    from oracle.truth import Truth

Row = dict[str, Any]
VISIT = ("stage", "step_order", "completed_at", "decided_at", "decision", "days_to_decide", "validation_score")
APPLICATION = ("outcome", "furthest_stage", "count_skipped", "count_moves_back", "offer_outcome")
EVENTS = (
    "applied",
    "screening",
    "assessment",
    "interview",
    "offer",
    "offer_answered",
    "hired",
    "rejected",
    "withdrawn",
)
DURATIONS = {
    "screening": "days_to_screening",
    "interview": "days_to_interview",
    "offer": "days_to_offer",
    "hired": "days_to_hire",
}


def disagreements(tables: Tables, exact: Tables, true: Truth) -> tuple[int, list[str]]:
    """How many applications were compared, and what of them differs from the truth.

    Left out are those with a restart, a move back, a correction, or something hidden or removed, as the log tells.
    Where the API gives no start of the first step, the path begins with a stay in no step until that was seen: the
    truth has none.
    """
    apps = _by(tables["fct_applications"], "application_id")
    true_apps = _by(exact["fct_applications"], "application_id")
    usual = {
        application_id
        for application_id, app in true_apps.items()
        if app["platform"] == "talent_ray" and not _is_unusual(source(application_id), true)
    }
    found = [f"{application_id}: not there" for application_id in usual if application_id not in apps]
    for application_id in sorted(usual & set(apps)):
        found += _application(apps[application_id], true_apps[application_id])
    visits = _by(tables["fct_application_steps"], "visit_id")
    true_visits = _by(exact["fct_application_steps"], "visit_id")
    undated = {row["application_id"] for row in visits.values() if not _is_exact(row, "entered")}

    def counted(rows: dict[str, Row]) -> set[str]:
        return {
            visit_id
            for visit_id, row in rows.items()
            if row["application_id"] in usual and (row["role_step_id"] or row["application_id"] not in undated)
        }

    own, known = counted(visits), counted(true_visits)
    found += [f"{visit_id}: seen, not true" for visit_id in sorted(own - known)]
    found += [f"{visit_id}: true, not seen" for visit_id in sorted(known - own)]
    for visit_id in sorted(own & known):
        found += _visit(visits[visit_id], true_visits[visit_id])
    return len(usual), found


def _by(rows: list[Row], key: str) -> dict[str, Row]:
    return {row[key]: row for row in rows if row["platform"] == "talent_ray"}


def _is_unusual(application: tuple[str, ...], true: Truth) -> bool:
    candidate, role = application
    return bool({(candidate, role), (candidate, "*")} & true.unusual)


def _is_exact(row: Row, name: str) -> bool:
    at = row[f"{name}_at"]
    return at is not None and row[f"{name}_not_before"] == at == row[f"{name}_not_after"]


def _application(row: Row, true: Row) -> list[str]:
    pairs = [(name, row[name], true[name]) for name in APPLICATION]
    for name in EVENTS:
        if _is_exact(row, name):
            pairs.append((f"{name}_at", row[f"{name}_at"], true[f"{name}_at"]))
            if name in DURATIONS:
                pairs.append((DURATIONS[name], row[DURATIONS[name]], true[DURATIONS[name]]))
        elif (row[f"{name}_at"] is None) != (true[f"{name}_at"] is None):
            pairs.append((name, row[f"{name}_at"], true[f"{name}_at"]))
    return [
        f"{row['application_id']} {name}: {ours} is not {truth}" for name, ours, truth in pairs if not same(ours, truth)
    ]


def _visit(row: Row, true: Row) -> list[str]:
    pairs = [(name, row[name], true[name]) for name in VISIT]
    pairs += [
        (f"{name}_at", row[f"{name}_at"], true[f"{name}_at"]) for name in ("entered", "left") if _is_exact(row, name)
    ]
    if _is_exact(row, "entered") and _is_exact(row, "left"):
        pairs += [(name, row[name], true[name]) for name in ("days_in_step", "exit_type")]
    return [f"{row['visit_id']} {name}: {ours} is not {truth}" for name, ours, truth in pairs if not same(ours, truth)]
