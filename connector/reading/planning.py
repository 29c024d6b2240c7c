"""Gathers what the fan-out is chosen by: the parents, which changed, which have open work, when each was read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc

from connector.fan_out import Past, Plan, choose, next_audit_share, next_open_share
from connector.reading.open_work import open_candidates

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from connector.contract import Stream
    from connector.reading.access import Access
    from connector.reading.account import StreamReading, Wishes
    from connector.reading.harvest import Harvest
    from connector.reading.known import SweepHistory


def plan_parents(
    access: Access,
    harvest: Harvest,
    wishes: Wishes,
    stream: Stream,
    parent: StreamReading | None,
    history: SweepHistory,
    child_reads: Mapping[str, datetime],
) -> Plan:
    """Choose the parents whose rows are read this time."""
    past = [_past(row) for row in history.rows if row.get("audit_share") is not None]
    budget = None if wishes.max_requests is None else max(0, wishes.max_requests - access.client.requests)
    parents = parents_of(access, stream, parent)
    erased = access.policy.erased.among(access.platform.name, stream.parent or "", parents)
    return choose(
        [one for one in parents if one not in erased],
        changed=changed_parents(access, harvest, stream, parent),
        open_work=open_candidates(access.platform, access.known) if stream.parent == "candidates" else frozenset(),
        last_read=child_reads,
        audit_share=next_audit_share(past),
        open_share=next_open_share(past),
        budget=budget,
        full=wishes.full,
    )


def _past(row: Mapping[str, Any]) -> Past:
    return Past(
        audit_share=row["audit_share"],
        silent_open=row["count_silent_open"] or 0,
        silent_audit=row["count_silent_audit"] or 0,
        accompanied=row["count_accompanied"] or 0,
    )


def parents_of(access: Access, stream: Stream, parent: StreamReading | None) -> list[str]:
    """The parents that are there: as the list just showed them, or as the warehouse knows them if it was not read."""
    if parent is not None and not parent.failed:
        return [*(one for read in parent.reads.values() for one in read.swept.seen), *parent.rescued]
    table = access.platform.table(stream.parent or "")
    found: list[str] = access.known.visible(table, [table.key[0]])[table.key[0]].to_pylist()
    return found


def changed_parents(access: Access, harvest: Harvest, stream: Stream, parent: StreamReading | None) -> set[str]:
    """Parents that are new, changed, or back; and roles of which a candidate's step names a template step not known."""
    changed: set[str] = set()
    if parent is not None:
        changed = set(parent.comparison.changed_parents)
        if parent.known_marks:  # else all are told apart by their rows alone
            changed |= parent.collector.marks.keys()
    if stream.parent == "roles":
        changed |= _roles_with_unknown_steps(access, harvest)
    return changed


def _roles_with_unknown_steps(access: Access, harvest: Harvest) -> set[str]:
    steps = access.platform.table("role_steps")
    known = access.known.visible(steps, ["id"])["id"]
    found: set[str] = set()
    for rows in harvest.tables.get("candidate_steps", []):
        unknown = pc.and_(pc.is_valid(rows["role_step_id"]), pc.invert(pc.is_in(rows["role_step_id"], value_set=known)))
        found |= set(rows.filter(unknown)["role_id"].to_pylist())
    return {one for one in found if one is not None}
