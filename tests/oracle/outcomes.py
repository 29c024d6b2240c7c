"""What became of an application, at each instant it was seen, and when that happened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from oracle import words
from oracle.applications import current
from oracle.dated import Dated, between, exact, latest
from oracle.visits import status

if TYPE_CHECKING:
    from datetime import datetime

    from oracle.applications import Application
    from oracle.observed import Version
    from oracle.visits import Visit


@dataclass
class State:
    """Outcome and visibility between two instants of observation."""

    since: datetime
    """The instant at which this was first seen."""
    until: datetime
    """The last instant at which it was."""
    outcome: str
    is_visible: bool
    cause: list[Version]
    has_conflict: bool = False

    @property
    def is_in_pipeline(self) -> bool:
        return self.is_visible and self.outcome not in words.CLOSED

    @property
    def exit_type(self) -> str | None:
        """How the application left the pipeline, if it is not in it."""
        if self.outcome in words.CLOSED:
            return self.outcome
        return None if self.is_visible else "vanished"


@dataclass
class Said:
    """What each rule says at one instant: the outcome, and the versions it rests on."""

    by_status: str | None
    by_rule: dict[str, list[Version]]
    """Outcome of the rules on steps -> their versions."""


def said(application: Application, instant: datetime) -> Said:
    """Ask the rules on steps and the status, on the versions in force at an instant."""
    assignment = current(application.assignment, instant)
    by_status = words.meaning(words.APPLICATION_STATUS, assignment.values["status"]) if assignment else None
    rows = {
        record: version for record, versions in application.steps.items() if (version := current(versions, instant))
    }
    visits = application.visits(instant)
    by_rule: dict[str, list[Version]] = {}
    declined = [
        row
        for record, row in rows.items()
        if words.meaning(words.OFFER_RESPONSE, row.values["offer_response"]) == "declined"
        and not _entered_after(
            visits, row.instant("completed_at") or _first_with_response(application, record, instant)
        )
    ]
    rejected = [
        row
        for record, row in rows.items()
        if status(row) == "rejected"
        and not _entered_after(visits, row.instant("rejected_at") or _since_status(application, record, instant))
    ]
    offers = [row for record, row in rows.items() if application.templates[record].stage == "offer"]
    if declined:
        by_rule["withdrawn"] = declined
    if rejected:
        by_rule["rejected"] = rejected
    if is_hired(offers):
        by_rule["hired"] = offers
    return Said(by_status, by_rule)


def is_hired(offers: list[Version]) -> bool:
    """Rule 4: every step of stage offer is done with, and at least one of them says yes."""

    def accepted(row: Version) -> bool:
        return words.meaning(words.OFFER_RESPONSE, row.values["offer_response"]) == "accepted"

    done = all(status(row) in ("validated", "skipped") or accepted(row) for row in offers)
    return done and any(status(row) == "validated" or accepted(row) for row in offers)


def _entered_after(visits: list[Visit], instant: datetime) -> bool:
    for visit in visits:
        entered = visit.entered.at if visit.entered.is_exact else visit.entered.not_after
        if entered is not None and entered > instant:
            return True
    return False


def _first_with_response(application: Application, record: str, instant: datetime) -> datetime:
    known = [version for version in application.steps[record] if version.observed_at <= instant]
    response = known[-1].values["offer_response"]
    return next(version.observed_at for version in known if version.values["offer_response"] == response)


def _since_status(application: Application, record: str, instant: datetime) -> datetime:
    known = [version for version in application.steps[record] if version.observed_at <= instant]
    since = known[-1]
    for version in reversed(known):
        if status(version) != status(since):
            break
        since = version
    return since.observed_at


def _state(application: Application, instant: datetime) -> State:
    rules = said(application, instant)
    assignment = current(application.assignment, instant)
    candidate = current(application.candidate, instant)
    steps = [version for versions in application.steps.values() if (version := current(versions, instant))]
    if assignment is None and candidate is None:
        is_visible = any(step.visible for step in steps)
    else:
        is_visible = all(row.visible for row in (assignment, candidate) if row is not None)
    cause: list[Version] = []
    if rules.by_status in words.CLOSED:
        outcome, cause = str(rules.by_status), [assignment] if assignment else []
    elif rules.by_rule:
        outcome = next(word for word in ("withdrawn", "rejected", "hired") if word in rules.by_rule)
        cause = rules.by_rule[outcome]
    elif rules.by_status == "open" or (rules.by_status is None and steps):
        outcome = "open"
    else:
        outcome = "unknown"
    closings = set(rules.by_rule) | ({str(rules.by_status)} & set(words.CLOSED))
    return State(instant, instant, outcome, is_visible, cause, has_conflict=len(closings) > 1)


def states(application: Application) -> list[State]:
    """Return the states an application went through as far as they were seen."""
    found: list[State] = []
    for instant in application.instants():
        state = _state(application, instant)
        same_outcome = bool(found) and found[-1].outcome == state.outcome
        # A closed application stays closed whether it is visible or not.
        if same_outcome and (state.outcome in words.CLOSED or found[-1].is_visible == state.is_visible):
            found[-1].until = instant
            found[-1].is_visible = state.is_visible
            found[-1].has_conflict = state.has_conflict
        else:
            found.append(state)
    return found


def changed_at(application: Application, state: State) -> Dated:
    """The bounds of a change of state: those of the versions that brought it."""
    records = [application.assignment, application.candidate, *application.steps.values()]
    if state.exit_type == "vanished":
        records = [application.assignment, application.candidate] if application.assignment else records
        brought = [row for rows in records for row in rows if row.observed_at == state.since and not row.visible]
    else:
        brought = [row for row in state.cause if row.observed_at == state.since]
        # What is closed by no step is told by the assignment, else by the candidate, else by whichever step is new.
        for rows in (
            application.assignment,
            application.candidate,
            [v for own in application.steps.values() for v in own],
        ):
            brought = brought or [row for row in rows if row.observed_at == state.since]
    bounds = [application.change(row) for row in brought]
    return between(latest(*(bound.not_before for bound in bounds)), state.since)


def closing(application: Application, state: State) -> Dated:
    """When the application was closed in this way, by the versions of the last instant it was."""
    rows = {
        record: version for record, versions in application.steps.items() if (version := current(versions, state.until))
    }
    when: datetime | None = None
    if state.outcome == "rejected":
        when = latest(*(row.instant("rejected_at") for row in rows.values() if status(row) == "rejected"))
    elif state.outcome == "withdrawn":
        declined = [
            row
            for row in rows.values()
            if words.meaning(words.OFFER_RESPONSE, row.values["offer_response"]) == "declined"
        ]
        when = latest(*(row.instant("completed_at") for row in declined))
    elif state.outcome == "hired":
        offers = [row for record, row in rows.items() if application.templates[record].stage == "offer"]
        if is_hired(offers):
            when = latest(*(row.instant("validated_at") or row.instant("completed_at") for row in offers))
    return exact(when) if when is not None else changed_at(application, state)


def carried_at(application: Application, state: State) -> datetime | None:
    """The reply that carried the exact instant of a closing."""
    event = closing(application, state)
    if not event.is_exact:
        return None
    names = ("validated_at", "completed_at", "rejected_at")
    carriers = [
        version.observed_at
        for versions in application.steps.values()
        for version in versions
        if version.observed_at <= state.until and any(version.instant(name) == event.at for name in names)
    ]
    return min(carriers, default=None)
