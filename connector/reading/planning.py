"""Gathers what the fan-out is chosen by: the parents, which changed, which have open work, when each was read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow.compute as pc

from connector.reading.open_work import open_candidates

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from connector.contract import Stream
    from connector.reading.access import Access
    from connector.reading.account import StreamReading, Wishes
    from connector.reading.harvest import Harvest
    from connector.reading.known import SweepHistory


@dataclass(frozen=True)
class ParentPlan:
    """Which parents to ask, in order; how many wait for a later refresh; those chosen without a change of their own."""

    order: Sequence[str]
    deferred: int
    parents: int
    unchanged: frozenset[str]
    audit_share: float


def plan_parents(
    access: Access,
    harvest: Harvest,
    wishes: Wishes,
    stream: Stream,
    parent: StreamReading | None,
    history: SweepHistory,
    child_reads: Mapping[str, datetime],
) -> ParentPlan:
    """Choose the parents whose rows are read this time."""
    ids = parents_of(access, stream, parent)
    changed = changed_parents(access, harvest, stream, parent)
    still_open = open_candidates(access.platform, access.known) if stream.parent == "candidates" else set()
    del wishes, history
    never = [one for one in ids if one not in child_reads]
    order = list(
        dict.fromkeys([*(one for one in ids if one in changed), *never, *(one for one in ids if one in still_open)])
    )
    rest = sorted(set(ids) - set(order), key=lambda one: (child_reads[one], one))
    order += rest[: -(-len(rest) // 24)]
    return ParentPlan(order, 0, len(ids), frozenset(set(order) - changed), 1 / 24)


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
        changed |= {one for one in parent.collector.marks if parent.known_marks.holds(one)}
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
