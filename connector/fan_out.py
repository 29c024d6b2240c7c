"""Which parents' children to read this time: one request a parent, so not all of them every time.

In this order: parents that changed, parents with open work, and an audit of the rest, longest unread first. Nobody
knows whether a change of a child shows in its parent. The audit finds out, and grows by itself when it finds a silent
change.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import TypeAlias

AUDIT_SHARE = 1 / 24
OPEN_SHARE_WHEN_TRUSTED = 1 / 4
CLEAN_REFRESHES_TO_HALVE = 24
GROWTH_AFTER_SILENT_CHANGE = 4
CHANGES_TO_TRUST = 300
PASSED = frozenset({"validated", "skipped"})

Step: TypeAlias = tuple[str, float | None, str | None]  # role id, order, status


@dataclass(frozen=True, slots=True)
class Past:
    """What an earlier refresh noted of one nested stream.

    `silent_open` and `silent_audit` count the differences found under unchanged parents with and without open work,
    `accompanied` those that came with a changed parent.
    """

    audit_share: float = AUDIT_SHARE
    silent_open: int = 0
    silent_audit: int = 0
    accompanied: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """The parents to ask, in order; those left for later; and the rest of the audit, should it find something.

    `order` holds `changed`, then `open_work`, then the audit. `unchanged` are those of `order` that did not change: a
    difference under one of them is a silent change.
    """

    order: tuple[str, ...]
    changed: int
    open_work: int
    audit: tuple[str, ...]
    deferred: tuple[str, ...]
    audit_share: float
    later_audit: tuple[str, ...] = ()

    @property
    def unchanged(self) -> frozenset[str]:
        """The parents of `order` that are read although nothing is known to have changed."""
        return frozenset(self.order[self.changed :])

    def more_audit(self) -> Iterator[tuple[str, ...]]:
        """Further parts of the audit, 1/24 of the rest each: read on until one shows no silent change."""
        size = max(1, _portion(AUDIT_SHARE, len(self.audit) + len(self.later_audit)))
        for start in range(0, len(self.later_audit), size):
            yield self.later_audit[start : start + size]


def choose(
    parents: Sequence[str],
    *,
    changed: AbstractSet[str],
    open_work: AbstractSet[str],
    last_read: Mapping[str, datetime],
    audit_share: float = AUDIT_SHARE,
    open_share: float = 1.0,
    budget: int | None = None,
    full: bool = False,
) -> Plan:
    """Choose the parents to ask, `budget` of them at most.

    `changed` are new, changed or reopened parents, and those somebody else's reply made suspicious. A parent never
    read, or deferred by an earlier budget, counts as changed. Within each group the longest unread comes first,
    equals by id.
    """
    stalest = _stalest_first(parents, last_read)
    first = [one for one in stalest if one in changed or one not in last_read]
    taken = set(first)
    still_open = [one for one in stalest if one in open_work and one not in taken]
    taken.update(still_open)
    rest = [one for one in stalest if one not in taken]
    open_now = still_open if full else still_open[: _portion(open_share, len(still_open))]
    audit = rest if full else rest[: _portion(audit_share, len(rest))]
    order = (*first, *open_now, *audit)
    limit = len(order) if budget is None else max(budget, 0)
    left = max(0, limit - len(first) - len(open_now))
    return Plan(
        order=order[:limit],
        changed=min(len(first), limit),
        open_work=min(len(open_now), max(0, limit - len(first))),
        audit=tuple(audit[:left]),
        deferred=order[limit:],
        audit_share=audit_share,
        later_audit=tuple(rest[len(audit) :]) if limit >= len(order) else (),
    )


def next_audit_share(history: Sequence[Past]) -> float:
    """Which share of the unchanged rest to audit, from what earlier refreshes found, newest first.

    Four times as much after a silent change; half as much after 24 clean refreshes at the same share.
    """
    if not history:
        return AUDIT_SHARE
    newest = history[0]
    if newest.silent_audit:
        return min(1.0, newest.audit_share * GROWTH_AFTER_SILENT_CHANGE)
    recent = history[:CLEAN_REFRESHES_TO_HALVE]
    is_long_clean = len(recent) == CLEAN_REFRESHES_TO_HALVE and not any(
        past.silent_audit or past.audit_share != newest.audit_share for past in recent
    )
    return max(AUDIT_SHARE, newest.audit_share / 2) if is_long_clean else newest.audit_share


def next_open_share(history: Iterable[Past]) -> float:
    """Which share of the parents with open work to read: all, until 300 changes in a row came with a changed parent."""
    accompanied = 0
    for past in history:
        if past.silent_open or past.silent_audit:
            break
        accompanied += past.accompanied
        if accompanied >= CHANGES_TO_TRUST:
            return OPEN_SHARE_WHEN_TRUSTED
    return 1.0


def is_open(roles: Collection[str], steps: Iterable[Step]) -> bool:
    """Whether a candidate has an assignment that goes on: no step rejected, the last one neither validated nor skipped.

    An assignment without a known step counts as open, and so does a candidate without anything known.
    """
    by_role: dict[str, list[Step]] = {role: [] for role in roles}
    for step in steps:
        by_role.setdefault(step[0], []).append(step)
    return not by_role or any(_goes_on(assignment) for assignment in by_role.values())


def roles_to_read(named: Iterable[tuple[str | None, str | None]], known_steps: Collection[str]) -> set[str]:
    """Roles of which a candidate's step, a pair of role and template step, names a template step that is not known."""
    return {role for role, step in named if role is not None and step is not None and step not in known_steps}


def _goes_on(steps: Sequence[Step]) -> bool:
    statuses = {(status or "").lower() for _, _, status in steps}
    if not steps:
        return True
    last = max(steps, key=lambda step: float("-inf") if step[1] is None else step[1])
    return "rejected" not in statuses and (last[2] or "").lower() not in PASSED


def _portion(share: float, of: int) -> int:
    """So many that 1/share refreshes cover them all."""
    return min(of, ceil(round(share * of, 6)))


def _stalest_first(parents: Sequence[str], last_read: Mapping[str, datetime]) -> list[str]:
    """The parents by the instant they were last read, never read ones first, equals by id."""
    seconds = {one: float("-inf") if (at := last_read.get(one)) is None else at.timestamp() for one in sorted(parents)}
    return sorted(seconds, key=seconds.__getitem__)
