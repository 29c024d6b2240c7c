"""What really happened, from the event log alone: when steps were entered, statuses changed, records went away.

Only words and instants of the log count here; nothing that a reply told, and no rule on bounds.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from oracle import words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connector.sandbox import Event

Instants = dict[tuple[str, ...], list[datetime]]
ENTERED = ("active", "completed", "validated", "rejected")
UNUSUAL = ("restarted", "moved_back", "locked", "reopened", "corrected", "deleted", "hidden", "shown")


@dataclass
class Truth:
    """Instants by what happened and to whom."""

    assigned: Instants = field(default_factory=lambda: defaultdict(list))
    """(candidate, role)."""
    statuses: Instants = field(default_factory=lambda: defaultdict(list))
    """(candidate, role, outcome): when the status turned to a word of that meaning; Tailed: (application, outcome)."""
    entries: Instants = field(default_factory=lambda: defaultdict(list))
    """(candidate, role, role step): when the step was entered; Tailed: (application, stage text)."""
    gone: Instants = field(default_factory=lambda: defaultdict(list))
    """(candidate,) or (candidate, role): hidden or deleted; Tailed: (application,) or (candidate,)."""
    returned: Instants = field(default_factory=lambda: defaultdict(list))
    """The same keys: shown or restored."""
    unusual: set[tuple[str, str]] = field(default_factory=set)
    """(candidate, role) with a restart, a move back, a correction, or something removed or hidden."""


def truth(log: Sequence[Event]) -> Truth:
    """Read the whole log."""
    found = Truth()
    for event in log:
        if event.platform == "talent_ray":
            _talent_ray(found, event)
        else:
            _tailed(found, event)
    return found


def _talent_ray(found: Truth, event: Event) -> None:
    if event.entity not in ("candidate", "assignment", "candidate_step"):
        return
    candidate, role = event.candidate_id or "", event.role_id or ""
    after, before = event.after or {}, event.before or {}
    if event.event in UNUSUAL:
        found.unusual.add((candidate, role if event.entity != "candidate" else "*"))
    if event.entity == "candidate" and event.event in ("hidden", "deleted"):
        found.gone[candidate,].append(event.at)
    elif event.entity == "candidate" and event.event == "shown":
        found.returned[candidate,].append(event.at)
    elif event.entity == "assignment":
        if event.event == "assigned":
            found.assigned[candidate, role].append(event.at)
        if event.after is None:
            found.gone[candidate, role].append(event.at)
        if "status" in after:
            outcome = words.meaning(words.APPLICATION_STATUS, after["status"]) or "unknown"
            found.statuses[candidate, role, outcome].append(event.at)
    elif event.entity == "candidate_step" and "status" in after:
        was = before.get("status", "locked")
        if after["status"] in ENTERED and (was not in ENTERED or after["status"] == "active"):
            found.entries[candidate, role, event.role_step_id or ""].append(event.at)


def _tailed(found: Truth, event: Event) -> None:
    after = event.after or {}
    if event.entity not in ("candidate", "application"):
        return
    application = event.application_id or ""
    if "deletedAt" in after and event.before is not None:
        where = found.returned if after["deletedAt"] is None else found.gone
        where[event.id,].append(event.at)
    if event.entity == "candidate":
        return
    if "stage" in after:
        found.entries[application, words.word(after["stage"]) or "(none)"].append(event.at)
    if "status" in after:
        outcome = words.meaning(words.TAILED_STATUS, after["status"]) or "unknown"
        found.statuses[application, outcome].append(event.at)


def event_instants(log: Sequence[Event], until: datetime) -> list[datetime]:
    """Every instant at which something changed: reading then misses nothing."""
    return [*sorted({event.at for event in log if event.at < until}), until]
