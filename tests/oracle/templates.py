"""The pipelines of roles: which step stands for which canonical stage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from oracle import words

if TYPE_CHECKING:
    from oracle.observed import Observed


@dataclass
class RoleStep:
    """One step of a role, from its template or, where that is missing, from the records of candidates."""

    id: str
    role_id: str | None
    name: str | None
    step_type: str | None
    order: int | None
    values: dict[str, Any]
    is_visible: bool
    is_stub: bool
    stage: str = "unknown"
    basis: str = "unknown"


def role_steps(seen: Observed) -> dict[str, RoleStep]:
    """Talent-Ray: role step id -> the step with its stage, by today's template and map."""
    found: dict[str, RoleStep] = {}
    for (step_id,), versions in seen.table("talent_ray", "role_steps").items():
        last = versions[-1]
        row = last.values
        found[step_id] = RoleStep(
            step_id, row["role_id"], row["name"], row["step_type"], row["order"], row, last.visible, is_stub=False
        )
    newest: dict[str, Any] = {}
    for versions in seen.table("talent_ray", "candidate_steps").values():
        last = versions[-1]
        step_id = last.values["role_step_id"]
        if step_id not in found and (step_id not in newest or newest[step_id].observed_at < last.observed_at):
            newest[step_id] = last
    for step_id, last in newest.items():
        row = last.values
        found[step_id] = RoleStep(
            step_id, row["role_id"], row["name"], row["step_type"], row["order"], {}, is_visible=False, is_stub=True
        )
    by_role: dict[str | None, list[RoleStep]] = {}
    for step in found.values():
        by_role.setdefault(step.role_id, []).append(step)
    for steps in by_role.values():
        _give_stages(steps)
    return found


def _give_stages(steps: list[RoleStep]) -> None:
    own: list[tuple[int, str]] = []
    for step in steps:
        meaning = words.meaning(words.STEP_TYPE, step.step_type)
        if meaning not in (None, "unknown", "inherit"):
            step.stage, step.basis = str(meaning), "step_type"
            if step.order is not None:
                own.append((step.order, step.stage))
    for step in steps:
        if words.meaning(words.STEP_TYPE, step.step_type) == "inherit":
            lower = [(order, stage) for order, stage in own if step.order is not None and order < step.order]
            step.stage, step.basis = (max(lower)[1] if lower else "applied"), "inherited"
