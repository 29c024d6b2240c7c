"""Reads the rows that hang on parents (steps of candidates and roles), one request a parent, within a budget."""

from __future__ import annotations

import time
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from connector.errors import ContractBroken, Forbidden, RequestRefused, ScopeMissing, StreamFailed
from connector.http.hosts import fill_path
from connector.reading.collecting import Collector
from connector.reading.compare import Comparison
from connector.reading.pages import Page, PageDecoder
from connector.reading.planning import plan_parents

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from datetime import datetime

    from connector.fan_out import Plan
    from connector.reading.absences import Absences
    from connector.reading.access import Access
    from connector.reading.account import StreamReading, Wishes
    from connector.reading.harvest import Harvest

NOT_FOUND = 404
MOST_REFUSALS = 20
"""So many parents whose rows cannot be had, and none whose can: it is not the parents, it is the stream."""


@dataclass(frozen=True)
class ParentRead:
    """One parent's reply: the page, when it came, after how many tries.

    Without a page the parent was not shown (404, 403), or `refusal` says why its rows cannot be had.
    """

    parent: str
    page: Page | None
    at: datetime
    tries: int
    refusal: StreamFailed | None = None


class NestedReading:
    """The reading of one nested stream: choose the parents, ask for each, compare."""

    def __init__(
        self,
        access: Access,
        harvest: Harvest,
        wishes: Wishes,
        reading: StreamReading,
        parent: StreamReading | None,
        absences: Absences,
        began: float,
    ) -> None:
        self.access = access
        self.harvest = harvest
        self.wishes = wishes
        self.reading = reading
        self.parent = parent
        self.absences = absences
        self.began = began
        self.stream = reading.stream
        self.note = reading.note
        self.decoder = PageDecoder(self.stream, access.manners_of(self.stream), access.marker, paged=False)
        self.client = access.client_for(self.stream)
        self.before: dict[str, datetime] = {}
        self.read_at: dict[str, datetime] = {}
        self.missing: set[str] = set()
        self.refusals: dict[str, StreamFailed] = {}

    def read(self) -> None:
        """Read the chosen parents and send what differs; read on while the audit finds silent changes."""
        history = self.reading.history
        self.absences.note_fingerprint(self.stream, history.baseline)
        self.before = dict(self.access.known.child_reads(self.stream.name))
        plan = plan_parents(self.access, self.harvest, self.wishes, self.stream, self.parent, history, self.before)
        self.note.predicted_requests = len(plan.order)
        self.note.audit_share = plan.audit_share
        silent = self._batch(plan.order, plan.unchanged)
        open_work = set(plan.order[plan.changed : plan.changed + plan.open_work])
        self.note.count_silent_open = len(silent & open_work)
        silent -= open_work
        self.note.count_silent_audit = len(silent)
        for further in plan.more_audit():
            if not silent or self._is_spent():
                break
            silent = self._batch(further, frozenset(further))
            self.note.count_silent_audit += len(silent)
        self._judge(plan)

    def _batch(self, parents: Sequence[str], unchanged: AbstractSet[str]) -> set[str]:
        """Read some parents; hands back those of the unchanged ones under which something differs."""
        collector = Collector(self.access, self.stream)
        comparison = Comparison(self.access, self.stream, self.harvest, self.note)
        read: dict[str, datetime] = {}
        unread: set[str] = set()
        for answer in self._answers(parents):
            self._count(answer)
            if answer.refusal is not None:
                self._refused(answer.parent, answer.refusal, is_alone=not read)
                continue
            if answer.page is None:
                self.missing.add(answer.parent)
                continue
            read[answer.parent] = answer.at
            if None in answer.page.ids:
                unread.add(answer.parent)  # a row that cannot be told from others may be any of those we know
            ids = [None if one is None else f"{answer.parent}/{one}" for one in answer.page.ids]
            given = dict.fromkeys(self.stream.from_parent.values(), answer.parent)
            collector.take(answer.page.raw, ids, answer.page.marks, answer.at, given)
        self._compare(collector, comparison, read, unread)
        self.reading.collector.join(collector)
        self.read_at |= read
        differing = comparison.changed_parents & set(self.before)
        self.note.count_accompanied += len(differing - unchanged)
        return differing & unchanged

    def _answers(self, order: Sequence[str]) -> Iterator[ParentRead]:
        """Ask for each parent, a few at a time, until all are read or the budget is spent."""
        tasks: set[Future[ParentRead]] = set()
        waiting = iter(order)
        exhausted = False
        try:
            while True:
                while not exhausted and len(tasks) < self.access.in_flight:
                    parent = next(waiting, None)
                    exhausted = parent is None or self._is_spent()
                    if parent is not None and not exhausted:
                        tasks.add(self.access.pool.submit(self._ask, parent))
                if not tasks:
                    return
                done, tasks = wait(tasks, return_when=FIRST_COMPLETED)
                for task in done:
                    yield task.result()
                    self.access.progress(self.stream.name, self.note.requests, len(order))
        finally:
            for task in tasks:
                task.cancel()
            wait(tasks)

    def _is_spent(self) -> bool:
        wishes = self.wishes
        by_requests = wishes.max_requests is not None and self.client.requests >= wishes.max_requests
        seconds = time.monotonic() - self.began
        return by_requests or (wishes.max_minutes is not None and seconds >= wishes.max_minutes * 60)

    def _ask(self, parent: str) -> ParentRead:
        """One parent's rows; what is wrong with one parent costs no other its reading."""
        asked = 0
        try:
            path = fill_path(self.stream.path, id=parent)
            asked = 1
            answer = self.client.get(path, decode=self.decoder, returned=(NOT_FOUND,))
        except ScopeMissing:
            raise
        except Forbidden:
            return ParentRead(parent, None, self.harvest.started_at or _never(), 1)
        except (ContractBroken, RequestRefused) as error:
            return ParentRead(parent, None, self.harvest.started_at or _never(), asked, error)
        return ParentRead(parent, answer.value, answer.at, answer.tries)

    def _refused(self, parent: str, refusal: StreamFailed, *, is_alone: bool) -> None:
        """Note a parent whose rows cannot be had; raise when that is so of all that were asked."""
        self.refusals[parent] = refusal
        if is_alone and not self.read_at and len(self.refusals) >= MOST_REFUSALS:
            raise refusal

    def _count(self, answer: ParentRead) -> None:
        self.note.requests += answer.tries
        self.note.started_at = min(answer.at, self.note.started_at or answer.at)
        self.note.ended_at = max(answer.at, self.note.ended_at or answer.at)

    def _compare(
        self, collector: Collector, comparison: Comparison, read: Mapping[str, datetime], unread: AbstractSet[str]
    ) -> None:
        forms = comparison.versions(collector.tables(), self.before)
        if not read:
            return
        own = comparison.own
        (column,) = self.stream.from_parent.values()
        missing = comparison.missing_children(
            own,
            pa.table({column: pa.array(list(read), pa.string())}),
            {(parent,): at for parent, at in read.items()},
            forms.get(own.name),
            not_before={(parent,): at for parent, at in self.before.items()},
            unread=unread,
        )
        if self.absences.children_may_be_marked(self.stream, missing):
            comparison.mark_missing(missing)
            comparison.changed_parents.update(self._parents_of(missing.keys, column))

    def _parents_of(self, keys: Sequence[str], column: str) -> list[str]:
        if not keys:
            return []
        wanted = pa.chunked_array([pa.array(keys, pa.string())])
        found: list[str] = self.access.known.rows(self.reading.comparison.own, wanted)[column].to_pylist()
        return found

    def _judge(self, plan: Plan) -> None:
        note = self.note
        if self.refusals and not (self.read_at or self.missing or self.before):
            raise next(iter(self.refusals.values()))
        done = {*self.read_at, *self.missing, *self.refusals}
        unread = [one for one in (*plan.order, *plan.deferred) if one not in done]
        # A parent that changed and was not read must not pass for unchanged the next time.
        still_due = set(plan.order[: plan.changed]) | (set(plan.deferred) & set(self.before))
        not_read = {*unread, *self.refusals}
        reads: dict[str, datetime | None] = {**self.read_at, **dict.fromkeys(still_due & not_read)}
        self.harvest.child_reads[self.stream.name] = reads
        note.count_silent_changes = note.count_silent_open + note.count_silent_audit
        note.count_deferred = len(unread)
        note.count_undecided += len(self.missing) + len(self.refusals)
        note.count_declared = len(plan.order) + len(plan.deferred) + len(plan.later_audit)
        note.count_distinct = self._visible_rows()
        if note.absences not in {"tripped", "suspended"}:
            note.absences = "settled"
        if note.absences == "settled" or note.baseline is None:
            note.baseline = note.fingerprint
        reasons = [*self._not_read(unread)]
        if reasons:
            note.verdict = "unproven"
            note.reason = "; ".join(reasons)
        else:
            note.verdict = "proven"
            note.reason = (
                note.reason if note.absences in {"tripped", "suspended"} else "each reply holds all rows of its parent"
            )
        note.started_at = note.started_at or self.harvest.started_at
        note.ended_at = note.ended_at or note.started_at

    def _not_read(self, unread: Sequence[str]) -> Iterator[str]:
        """Why the rows of some parents were not read."""
        if unread:
            yield f"the budget was spent: {_parents(len(unread))} left for the next refresh"
        if self.missing:
            yield f"{_parents(len(self.missing))} not shown (404 or 403) when asked for; rows are kept"
        if self.refusals:
            first = next(iter(self.refusals.values()))
            yield f"{_parents(len(self.refusals))} passed over, rows are kept: {first.what}"

    def _visible_rows(self) -> int:
        """How many rows are visible after this reading."""
        own = self.reading.comparison.own
        return self.access.known.count_visible(own) + self.note.rows_new - self.note.rows_gone


def _parents(count: int) -> str:
    return "1 parent was" if count == 1 else f"{count:,} parents were"


def _never() -> datetime:
    raise StreamFailed("A reply came before the reading began.")


__all__ = ["NestedReading", "ParentRead", "RequestRefused"]
