"""The applications of Talent-Ray, told as facts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from oracle import words
from oracle.applications import Application, applications
from oracle.dated import NEVER
from oracle.model_applications import Facts, answered, score
from oracle.outcomes import carried_at, changed_at, closing, states
from oracle.paths import Story, path
from oracle.templates import role_steps
from oracle.visits import Visit, in_order, status

if TYPE_CHECKING:
    from oracle.observed import Observed, Version
    from oracle.templates import RoleStep

PLATFORM = "talent_ray"


@dataclass
class Talent:
    """Everything of Talent-Ray that the tables are made of."""

    seen: Observed
    steps: dict[str, RoleStep]
    applications: dict[tuple[str, str], Application]
    facts: list[Facts]

    def id(self, *parts: str | None) -> str:
        return words.entity_id(PLATFORM, self.seen.account, *parts)

    def optional_id(self, *parts: str | None) -> str | None:
        return None if parts[-1] is None else self.id(*parts)


def talent_ray(seen: Observed) -> Talent:
    """Work out all applications."""
    steps = role_steps(seen)
    found = applications(seen, steps)
    talent = Talent(seen, steps, found, [])
    leads = _leads_by_candidate(seen)
    talent.facts = [_facts(talent, application, leads) for application in found.values()]
    return talent


def _leads_by_candidate(seen: Observed) -> dict[str, list[Version]]:
    found: dict[str, list[Version]] = {}
    for versions in seen.table(PLATFORM, "leads").values():
        if versions[-1].values["candidate_id"] is not None:
            found.setdefault(versions[-1].values["candidate_id"], []).append(versions[-1])
    return found


def _facts(talent: Talent, application: Application, leads: dict[str, list[Version]]) -> Facts:
    seen = talent.seen
    row = application.assignment[-1].values if application.assignment else None
    role = seen.table(PLATFORM, "roles").get((application.role_id,))
    organization_id = row["organization_id"] if row else None
    if organization_id is None and role:
        organization_id = role[-1].values["organization_id"]
    scores = [score(version.values["overall_fit_score"]) for version in application.assignment]
    facts = Facts(
        PLATFORM,
        seen.account,
        talent.id(application.candidate_id, application.role_id),
        talent.id(application.candidate_id),
        talent.id(application.role_id),
        talent.optional_id(organization_id),
        path(_story(application)),
        application.applied,
        application.first_observed_at,
        seen.as_of_at(PLATFORM),
        row["status"] if row else None,
        row["approved"] if row else None,
        scores[-1] if scores else None,
        next((value for value in scores if value is not None), None),
        role_step_ids={step_id: talent.id(step_id) for step_id in talent.steps},
    )
    facts.answered = answered(facts.offer, application.change)
    state = facts.path.state
    if state.outcome in words.CLOSED:
        facts.closed = facts.path.periods[-1].close
    elif not state.is_visible:
        facts.closed = changed_at(application, state)
    else:
        facts.closed = NEVER
    _credit(talent, facts, application, leads.get(application.candidate_id, []))
    return facts


def _story(application: Application) -> Story:
    visits = application.visits()
    visited = {visit.role_step_id for visit in visits}
    skipped = [
        Visit(step.id, step.stage, step.order, 0, NEVER, None, [], step.step_type, is_skipped=True)
        for record, versions in application.steps.items()
        if status(versions[-1]) == "skipped" and (step := application.templates[record]).id not in visited
    ]
    return Story(
        application.applied,
        states(application),
        visits,
        partial(changed_at, application),
        partial(closing, application),
        partial(carried_at, application),
        skipped,
        in_order,
    )


def _credit(talent: Talent, facts: Facts, application: Application, leads: list[Version]) -> None:
    """Give the application the lead it came from."""
    links = talent.seen.table(PLATFORM, "lead_roles")
    applied_at = application.applied.at
    assert applied_at is not None
    earlier = [lead for lead in leads if (made := lead.instant("created_at")) is not None and made <= applied_at]
    if not earlier:
        return
    first = min(
        earlier,
        key=lambda lead: (
            (lead.values["id"], application.role_id) not in links,
            lead.instant("created_at"),
            lead.values["id"],
        ),
    )
    facts.lead_id = talent.id(first.values["id"])
    facts.lead_created_at = first.instant("created_at")
    link = links.get((first.values["id"], application.role_id))
    facts.resume_fit_score = score(link[-1].values["resume_fit_score"]) if link else None
