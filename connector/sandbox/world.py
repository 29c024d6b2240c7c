"""The records as they are now. Every change goes through here, and therefore into the log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connector.sandbox import log
from connector.sandbox.kinds import ASSIGNMENT, BY_NAME, CANDIDATE, CANDIDATE_STEP, KINDS, ROLE, ROLE_STEP, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from datetime import datetime

    from connector.sandbox.log import Event, Record

ABSENT = object()
ID_SPACE = 36**6
ID_STRIDE = 1_000_003 * 7
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


class GoneError(KeyError):
    """The record to change does not exist any more."""


class World:
    """All records of both platforms at one instant, with their log. Records are replaced, never changed in place."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.log: list[Event] = []
        self.tables: dict[Kind, dict[str, Record]] = {kind: {} for kind in KINDS}
        self._index: dict[tuple[Kind, str], dict[str, dict[str, None]]] = {
            (kind, name): {} for kind in KINDS for name in kind.indexed
        }
        self._made = 0
        self.moves: Callable[[], Collection[str]] = tuple
        """Which changes of children move their parent's `updatedAt`: assignments, scores, steps, role_steps."""

    # Reading

    def get(self, kind: Kind, record_id: str) -> Record:
        """Return one record, hidden or not."""
        try:
            return self.tables[kind][record_id]
        except KeyError:
            raise GoneError(kind.entity, record_id) from None

    def find(self, kind: Kind, record_id: str) -> Record | None:
        """Return one record, or None."""
        return self.tables[kind].get(record_id)

    def related(self, kind: Kind, name: str, value: str) -> list[Record]:
        """Return the records of `kind` whose field `name` is `value`, oldest first."""
        table = self.tables[kind]
        return [table[record_id] for record_id in self._index[kind, name].get(value, ())]

    def new_id(self, prefix: str) -> str:
        """Return an id that was never used and whose order says nothing about its age."""
        self._made += 1
        number = self._made * ID_STRIDE % ID_SPACE
        digits = ""
        for _ in range(6):
            number, digit = divmod(number, 36)
            digits = DIGITS[digit] + digits
        return f"{prefix}_{digits}"

    # Writing

    def insert(self, kind: Kind, record: Record, event: str = "created") -> Record:
        """Add a record and return it."""
        record_id = record["id"]
        if record_id in self.tables[kind]:
            message = f"{kind.platform} {kind.entity} {record_id!r} exists already"
            raise ValueError(message)
        for name, owner in kind.owners.items():
            self.get(owner, record[name])
        self._append(kind, record_id, event, None, record, record)
        self._bump(kind, record, event)
        return record

    def update(self, kind: Kind, record_id: str, event: str, *, silent: bool = False, **changes: Any) -> Record:
        """Change fields of a record; `updatedAt` moves with it, unless silent."""
        old = self.get(kind, record_id)
        changed = {name: value for name, value in changes.items() if not _same(old.get(name, ABSENT), value)}
        if not changed:
            return old
        if "updatedAt" in old and "updatedAt" not in changed and not silent:
            changed["updatedAt"] = self.now
        before = {name: old.get(name) for name in changed}
        new = {**old, **changed}
        self._append(kind, record_id, event, before, changed, new)
        if not silent:
            self._bump(kind, new, event)
        return new

    def delete(self, kind: Kind, record_id: str, event: str = "deleted") -> None:
        """Remove a record for good, and with it those that cannot exist without it."""
        record = self.get(kind, record_id)
        for child in KINDS:
            for name, owner in child.owners.items():
                if owner is kind:
                    for row in self.related(child, name, record_id):
                        self.delete(child, row["id"], event)
        self._append(kind, record_id, event, record, None, record)
        self._bump(kind, record, event)

    def hide(self, kind: Kind, record_id: str) -> None:
        """Make a record invisible to everybody, as when a role turns confidential."""
        self.update(kind, record_id, "hidden", silent=True, hidden=True)

    def show(self, kind: Kind, record_id: str) -> None:
        """Make a hidden record visible again."""
        self.update(kind, record_id, "shown", silent=True, hidden=False)

    def follow(self, events: Iterable[Event]) -> None:
        """Apply the events of another world, so that this one lags behind it or equals it."""
        for event in events:
            kind = BY_NAME[event.platform, event.entity]
            if event.after is None:
                record = self.tables[kind][event.id]
            else:
                record = {**self.tables[kind].get(event.id, {}), **event.after}
            self.now = event.at
            self._keep(kind, event.id, record, gone=event.after is None)
            self.log.append(event)

    def _append(
        self, kind: Kind, record_id: str, event: str, before: Record | None, after: Record | None, record: Record
    ) -> None:
        ids = {column: record.get(name) for column, name in kind.ids.items()}
        entry = log.Event(len(self.log), self.now, kind.platform, kind.entity, record_id, event, before, after, **ids)
        self.log.append(entry)
        self._keep(kind, record_id, record, gone=after is None)

    def _keep(self, kind: Kind, record_id: str, record: Record, *, gone: bool) -> None:
        if gone:
            del self.tables[kind][record_id]
        else:
            self.tables[kind][record_id] = record
        for name in kind.indexed:
            siblings = self._index[kind, name].setdefault(record[name], {})
            if gone:
                siblings.pop(record_id, None)
            else:
                siblings[record_id] = None

    def _bump(self, kind: Kind, record: Record, event: str) -> None:
        """Move the parent's `updatedAt` where this company's platform is one that does so."""
        moves = self.moves()
        if not moves:
            return
        if (kind is ASSIGNMENT and ("assignments" in moves or ("scores" in moves and event == "scored"))) or (
            kind is CANDIDATE_STEP and "steps" in moves
        ):
            self._touch(CANDIDATE, record["candidateId"])
        elif kind is ROLE_STEP and "role_steps" in moves:
            self._touch(ROLE, record["roleId"])

    def _touch(self, kind: Kind, record_id: str) -> None:
        if record_id in self.tables[kind]:
            self.update(kind, record_id, "touched", updatedAt=self.now)


def _same(old: object, new: object) -> bool:
    return type(old) is type(new) and old == new
