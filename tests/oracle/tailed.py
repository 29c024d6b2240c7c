"""The applications of Tailed, told as facts: only the present stage and status are ever shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from oracle import words
from oracle.applications import current
from oracle.dated import Dated, between, exact, latest
from oracle.model_applications import Facts
from oracle.outcomes import State
from oracle.paths import Story, path
from oracle.visits import Visit

if TYPE_CHECKING:
    from datetime import datetime

    from oracle.observed import Observed, Version

PLATFORM = "tailed"
CLOSED_AT = {"hired": "hired_at", "rejected": "rejected_at", "withdrawn": "withdrawn_at"}


@dataclass
class Tailed:
    """Everything of Tailed that the tables are made of."""

    seen: Observed
    facts: list[Facts] = field(default_factory=list)

    def id(self, *parts: str | None) -> str:
        return words.entity_id(PLATFORM, self.seen.account, *parts)

    @property
    def organization_id(self) -> str:
        return self.id(self.seen.account)


@dataclass
class Record:
    """One application with its candidate."""

    versions: list[Version]
    candidate: list[Version]

    @property
    def applied(self) -> Dated:
        last = self.versions[-1]
        when = last.instant("applied_at") or last.instant("created_at")
        return (
            exact(when) if when is not None else between(self.versions[0].seen_not_before, self.versions[0].observed_at)
        )

    def change(self, version: Version) -> Dated:
        made = version.instant("created_at")
        candidate_made = self.candidate[-1].instant("created_at") if self.candidate else None
        known = latest(version.seen_not_before, made, candidate_made, self.applied.not_before)
        return between(known, version.observed_at)


def tailed(seen: Observed) -> Tailed:
    """Work out all applications."""
    platform = Tailed(seen)
    candidates = seen.table(PLATFORM, "candidates")
    for (source_id,), versions in seen.table(PLATFORM, "applications").items():
        last = versions[-1].values
        record = Record(versions, candidates.get((last["candidate_id"],), []))
        facts = Facts(
            PLATFORM,
            seen.account,
            platform.id(source_id),
            platform.id(last["candidate_id"]),
            platform.id(last["job_id"]),
            platform.organization_id,
            path(_story(record)),
            record.applied,
            versions[0].observed_at,
            seen.as_of_at(PLATFORM),
            last["status"],
            rejection_reason=last["rejection_reason"],
        )
        facts.change = record.change
        facts.role_step_ids = {step: platform.id(last["job_id"], step) for step in _stages_of(versions)}
        state = facts.path.state
        if state.outcome in words.CLOSED:
            facts.closed = facts.path.periods[-1].close
        elif not state.is_visible:
            facts.closed = _changed_at(record, state)
        platform.facts.append(facts)
    return platform


def _stages_of(versions: list[Version]) -> set[str]:
    return {words.word(version.values["stage"]) or "(none)" for version in versions}


def stage_of(text: str | None) -> str | None:
    """The stage a text stands for; null when it tells an outcome only."""
    found = words.word(text)
    if found in words.TAILED_STAGE:
        return words.TAILED_STAGE[found]
    return None if found in words.TAILED_STAGE_OUTCOME else "unknown"


def _story(record: Record) -> Story:
    return Story(
        record.applied,
        _states(record),
        _visits(record),
        partial(_changed_at, record),
        partial(_closing, record),
        partial(_carried_at, record),
    )


def _visits(record: Record) -> list[Visit]:
    found: list[Visit] = []
    counts: dict[str, int] = {}
    for place, version in enumerate(record.versions):
        step = words.word(version.values["stage"]) or "(none)"
        before = words.word(record.versions[place - 1].values["stage"]) or "(none)" if place else None
        stage = stage_of(version.values["stage"])
        if step != before and stage is not None and stage != "hired":
            counts[step] = counts.get(step, 0) + 1
            entered = record.change(version)
            if not found and place == 0 and stage == "applied":
                entered = record.applied
            found.append(
                Visit(step, stage, words.RANK.get(stage), counts[step], entered, version.observed_at, [], stage)
            )
        if found:
            found[-1].versions.append(version)
    return found


def _outcome(version: Version) -> tuple[str, bool]:
    by_status = words.meaning(words.TAILED_STATUS, version.values["status"])
    by_stage = words.TAILED_STAGE_OUTCOME.get(words.word(version.values["stage"]) or "")
    conflict = by_status in words.CLOSED and by_stage is not None and by_stage != by_status
    if by_status in words.CLOSED:
        return str(by_status), conflict
    if by_stage is not None:
        return by_stage, conflict
    has_stage = stage_of(version.values["stage"]) not in (None, "unknown")
    return ("open" if by_status == "open" or (by_status is None and has_stage) else "unknown"), conflict


def _states(record: Record) -> list[State]:
    first = record.versions[0].observed_at
    instants = {version.observed_at for version in [*record.versions, *record.candidate]}
    found: list[State] = []
    for instant in sorted(at for at in instants if at >= first):
        version, candidate = current(record.versions, instant), current(record.candidate, instant)
        assert version is not None
        outcome, conflict = _outcome(version)
        is_visible = version.visible and (candidate is None or candidate.visible)
        same_outcome = bool(found) and found[-1].outcome == outcome
        if same_outcome and (outcome in words.CLOSED or found[-1].is_visible == is_visible):
            found[-1].until, found[-1].is_visible, found[-1].has_conflict = instant, is_visible, conflict
        else:
            found.append(State(instant, instant, outcome, is_visible, [version], has_conflict=conflict))
    return found


def _changed_at(record: Record, state: State) -> Dated:
    if state.exit_type == "vanished":
        hidden = [
            row for row in [*record.versions, *record.candidate] if row.observed_at <= state.since and not row.visible
        ]
        brought = [row for row in hidden if row.observed_at == state.since]
        # What is first read, or opened again, while the candidate is gone vanishes by its own version.
        brought = brought or [row for row in record.versions if row.observed_at == state.since] or hidden[-1:]
    else:
        brought = [row for row in record.versions if row.observed_at == state.since]
        brought = brought or [row for row in record.candidate if row.observed_at == state.since]
    return between(latest(*(record.change(row).not_before for row in brought)), state.since)


def _closing(record: Record, state: State) -> Dated:
    version = current(record.versions, state.until)
    assert version is not None
    when: datetime | None = version.instant(CLOSED_AT[state.outcome])
    return exact(when) if when is not None else _changed_at(record, state)


def _carried_at(record: Record, state: State) -> datetime | None:
    event = _closing(record, state)
    if not event.is_exact:
        return None
    name = CLOSED_AT[state.outcome]
    return min(version.observed_at for version in record.versions if version.instant(name) == event.at)
