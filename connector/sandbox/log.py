"""The append-only event log, and how the present state follows from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

Record = dict[str, Any]
State = dict[tuple[str, str], dict[str, Record]]


class Event(NamedTuple):
    """One change of one record. `before` and `after` hold the changed fields only (an insert has no before)."""

    number: int
    at: datetime
    """Whole second, UTC."""
    platform: str
    entity: str
    id: str
    event: str
    before: Record | None
    after: Record | None
    candidate_id: str | None = None
    role_id: str | None = None
    step_id: str | None = None
    """The candidate's progress record on a step."""
    role_step_id: str | None = None
    """The step in the role's pipeline."""
    lead_id: str | None = None
    organization_id: str | None = None
    batch_id: str | None = None
    test_id: str | None = None
    application_id: str | None = None
    snapshot_id: str | None = None


def apply(state: State, event: Event) -> None:
    """Bring `state` from just before `event` to just after it."""
    records = state.setdefault((event.platform, event.entity), {})
    if event.after is None:
        del records[event.id]
    elif event.before is None:
        records[event.id] = event.after
    else:
        records[event.id] = {**records[event.id], **event.after}


def replay(events: Iterable[Event]) -> State:
    """Return every record that exists after `events`, by (platform, entity) and id."""
    state: State = {}
    for event in events:
        apply(state, event)
    return state
