"""fct_applications and fct_application_steps of Talent-Ray."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from oracle import words
from oracle.dated import NEVER, Dated, between, days, days_of, exact
from oracle.visits import status

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from oracle.observed import Version
    from oracle.paths import Path, Stay
    from oracle.visits import Visit

Row = dict[str, Any]
EVENTS = (
    "applied", "screening", "assessment", "interview", "offer", "offer_answered", "hired", "rejected", "withdrawn",
    "vanished",
)  # fmt: skip


@dataclass
class Facts:
    """One application of either platform, told in one way; the tables are made of these."""

    platform: str
    account: str
    application_id: str
    candidate_id: str
    role_id: str
    organization_id: str | None
    path: Path
    applied: Dated
    first_observed_at: datetime
    as_of_at: datetime
    application_status: str | None
    is_approved: bool | None = None
    overall_fit_score: float | None = None
    first_overall_fit_score: float | None = None
    resume_fit_score: float | None = None
    lead_id: str | None = None
    lead_created_at: datetime | None = None
    answered: Dated = NEVER
    closed: Dated = NEVER
    rejection_reason: str | None = None
    """Kept with the application, where the platform does so."""
    role_step_ids: dict[str | None, str | None] = field(default_factory=dict)
    change: Callable[[Version], Dated] = lambda _version: NEVER
    """The bounds of what a version of the application shows."""

    @property
    def outcome(self) -> str:
        return self.path.state.outcome

    @property
    def offer(self) -> Stay | None:
        offers = [stay for stay in self.path.walked if stay.visit.stage == "offer"]
        of_type = [stay for stay in offers if words.word(stay.visit.step_type) == "offer"]
        return next(iter(of_type or offers), None)

    def event(self, name: str) -> Dated:
        """One of the milestones."""
        if name == "applied":
            return self.applied
        if name == "offer":
            return self.offer.visit.entered if self.offer else NEVER
        if name == "offer_answered":
            return self.answered
        if name in words.STAGES[:5]:
            return next((stay.visit.entered for stay in self.path.walked if stay.visit.stage == name), NEVER)
        return self.closed if self.path.state.exit_type == name else NEVER


def score(value: float | None) -> float | None:
    return None if value is None or value == -1 else float(value)


def answered(offer: Stay | None, change: Any) -> Dated:
    """When the first offer was answered; `change` gives the bounds of a version."""
    if offer is None:
        return NEVER
    visit = offer.visit
    with_response = [row for row in visit.versions if row.values["offer_response"] is not None]
    if not with_response:
        return NEVER
    when = visit.last("completed_at") or visit.last("validated_at")
    return exact(when) if when is not None else change(with_response[0])


def decision(visit: Visit) -> tuple[str | None, datetime | None]:
    """What was decided in a stay, and when."""
    words_seen = [word for version in visit.versions if (word := status(version)) in ("validated", "rejected")]
    if words_seen:
        word = words_seen[-1]
    else:
        known = [(at, name) for name in ("validated", "rejected") if (at := visit.last(f"{name}_at"))]
        if not known:
            return None, None
        word = max(known, key=lambda item: item[0])[1]
    return word, visit.last(f"{word}_at")


def application_row(facts: Facts) -> Row:
    """One row of fct_applications."""
    state = facts.path.state
    walked = facts.path.walked
    last = walked[-1] if walked else None
    skipped = [stay for stay in facts.path.stays if stay.visit.is_skipped]
    ranks = [1, *(words.RANK.get(stay.visit.stage, 0) for stay in [*walked, *skipped])]
    rank = 6 if state.outcome == "hired" else max(ranks)
    row: Row = {
        "platform": facts.platform,
        "account": facts.account,
        "application_id": facts.application_id,
        "candidate_id": facts.candidate_id,
        "role_id": facts.role_id,
        "organization_id": facts.organization_id,
        "lead_id": facts.lead_id,
        "is_sourced": facts.lead_id is not None,
        "application_status": facts.application_status,
        "outcome": state.outcome,
        "furthest_stage": words.STAGES[rank - 1],
        "last_stage": last.visit.stage if last else None,
        "current_stage": last.visit.stage if last and state.is_in_pipeline else None,
        "furthest_stage_rank": rank,
        "current_role_step_id": _step_id(facts, last.visit) if last and state.is_in_pipeline else None,
        "is_in_pipeline": state.is_in_pipeline,
        "is_closed": state.outcome in words.CLOSED,
        "is_visible": state.is_visible,
        "is_approved": facts.is_approved,
        "overall_fit_score": facts.overall_fit_score,
        "first_overall_fit_score": facts.first_overall_fit_score,
        "resume_fit_score": facts.resume_fit_score,
        "lead_created_at": facts.lead_created_at,
    }
    events = {name: facts.event(name) for name in EVENTS}
    closed = facts.closed if state.outcome in words.CLOSED else NEVER
    for name, event in [*events.items(), ("closed", closed)]:
        row |= event.columns(name)
    applied, hired = facts.applied, events["hired"]
    to_hire = days_of(applied, hired)
    row |= {
        "offer_outcome": _offer_outcome(facts),
        "reason": _application_reason(facts),
        "first_observed_at": facts.first_observed_at,
        "days_to_screening": days_of(applied, events["screening"]),
        "days_to_interview": days_of(applied, events["interview"]),
        "days_to_offer": days_of(applied, events["offer"]),
        "days_to_hire": to_hire,
        "days_to_close": days_of(applied, closed),
        "days_to_hire_low": _floor(days(applied.not_after, hired.not_before)) if to_hire is not None else None,
        "days_to_hire_high": days(applied.not_before, hired.not_after) if to_hire is not None else None,
        "days_to_answer_offer": days_of(events["offer"], events["offer_answered"]),
        "days_in_pipeline": _age(facts, applied) if state.is_in_pipeline else None,
        "days_in_current_step": _age(facts, last.visit.entered) if last and state.is_in_pipeline else None,
        "count_visits": len(walked),
        "count_skipped": len(skipped),
        "count_moves_back": sum(stay.exit_type == "back" for stay in walked),
        "count_reopened": len(facts.path.periods) - 1,
        "has_conflict": state.has_conflict,
    }
    return row


def _step_id(facts: Facts, visit: Visit) -> str | None:
    return facts.role_step_ids.get(visit.role_step_id)


def _floor(value: float | None) -> float | None:
    return None if value is None else max(0.0, value)


def _age(facts: Facts, since: Dated) -> float | None:
    return _floor(days(since.at, facts.as_of_at)) if since.is_datable else None


def _offer_outcome(facts: Facts) -> str | None:
    offer = facts.offer
    if offer is None:
        return None
    visit = offer.visit
    response = word = None
    if facts.platform == "talent_ray" and visit.versions:
        response = words.meaning(words.OFFER_RESPONSE, visit.last_text("offer_response"))
        word = status(visit.versions[-1])
    if response in ("accepted", "declined"):
        return response
    if word == "validated":
        return "accepted"
    if facts.outcome == "withdrawn":
        return "declined"
    if word == "rejected" or facts.outcome == "rejected":
        return "rescinded"
    return "pending" if facts.path.state.is_in_pipeline else "unknown"


def _application_reason(facts: Facts) -> str | None:
    if facts.outcome not in ("rejected", "withdrawn"):
        return None
    if words.word(facts.rejection_reason):
        return words.reason(facts.rejection_reason)
    if facts.platform == "tailed":
        return "not given"
    rejected = [stay for stay in facts.path.walked if decision(stay.visit)[0] == "rejected"]
    return words.reason(rejected[-1].visit.last_text("rejection_reason")) if rejected else "not given"


def step_rows(facts: Facts) -> list[Row]:
    """The rows of fct_application_steps of one application."""
    ordered = sorted(
        facts.path.stays,
        key=lambda stay: (
            stay.is_after_close,
            stay.period,
            stay.visit.entered.at,
            -1 if stay.visit.order is None else stay.visit.order,
            stay.visit.role_step_id or "",
            stay.visit.number,
        ),
    )
    return [_step_row(facts, stay, position) for position, stay in enumerate(ordered, start=1)]


def _step_row(facts: Facts, stay: Stay, position: int) -> Row:
    visit = stay.visit
    step_id = _step_id(facts, visit)
    decided, decided_at = decision(visit) if facts.platform == "talent_ray" else (None, None)
    completed_at = visit.last("completed_at") if facts.platform == "talent_ray" else None
    to_decide = days(completed_at, decided_at)
    in_step = 0.0 if visit.is_skipped else days_of(visit.entered, stay.left)
    reason = None
    if decided == "rejected" or stay.exit_type == "rejected":
        own = visit.last_text("rejection_reason") if facts.platform == "talent_ray" else facts.rejection_reason
        reason = words.reason(own)
    return {
        "visit_id": f"{facts.application_id}:{step_id or 'applied'}:{visit.number}",
        "platform": facts.platform,
        "account": facts.account,
        "application_id": facts.application_id,
        "role_id": facts.role_id,
        "role_step_id": step_id,
        "stage": visit.stage,
        "stage_rank": words.RANK.get(visit.stage),
        "step_order": visit.order,
        "visit_number": visit.number,
        "position": position,
        **visit.entered.columns("entered"),
        **stay.left.columns("left"),
        "exit_type": stay.exit_type,
        "days_in_step": in_step,
        "days_so_far": _age(facts, visit.entered) if stay.is_current else None,
        "completed_at": completed_at,
        "decided_at": decided_at,
        "decision": decided,
        "days_to_decide": to_decide if to_decide is not None and to_decide >= 0 else None,
        "validation_score": visit.score if facts.platform == "talent_ray" else None,
        "reason": reason,
        "is_skipped": visit.is_skipped,
        "is_current": stay.is_current,
        "is_after_close": stay.is_after_close,
        "is_stage_entry": stay.is_stage_entry,
        "is_stage_exit": stay.is_stage_exit,
        "is_entry_datable": visit.entered.is_datable,
        "is_exit_datable": stay.left.is_datable,
    }


__all__ = ["Facts", "answered", "application_row", "between", "score", "step_rows"]
