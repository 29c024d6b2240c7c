"""Reads the rows that hang on parents (steps of candidates and roles), one request a parent, within a budget."""

from __future__ import annotations

import time
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from connector.errors import Forbidden, RequestRefused, StreamFailed
from connector.http.hosts import fill_path
from connector.reading.pages import Page, PageDecoder
from connector.reading.planning import ParentPlan, plan_parents

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from connector.reading.absences import Absences
    from connector.reading.access import Access
    from connector.reading.account import StreamReading, Wishes
    from connector.reading.harvest import Harvest

NOT_FOUND = 404


@dataclass(frozen=True)
class ParentRead:
    """One parent's reply: the page (None when the parent answered 404), when it came, after how many tries."""

    parent: str
    page: Page | None
    at: datetime
    tries: int


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

    def read(self) -> None:
        """Read the chosen parents and send what differs."""
        history = self.access.known.history(self.stream.name)
        child_reads = self.access.known.child_reads(self.stream.name)
        plan = plan_parents(self.access, self.harvest, self.wishes, self.stream, self.parent, history, child_reads)
        self.note.predicted_requests = len(plan.order)
        self.note.audit_share = plan.audit_share
        read: dict[str, datetime] = {}
        missing = 0
        for answer in self._answers(plan.order):
            self._count(answer)
            if answer.page is None:
                missing += 1
                continue
            read[answer.parent] = answer.at
            ids = [f"{answer.parent}/{one}" for one in answer.page.ids]
            given = dict.fromkeys(self.stream.from_parent.values(), answer.parent)
            self.reading.collector.take(answer.page.raw, ids, answer.page.marks, answer.at, given)
        self._compare(plan, read, dict(child_reads))
        self._judge(plan, read, missing)
        self.harvest.child_reads[self.stream.name] = read

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
        try:
            answer = self.client.get(fill_path(self.stream.path, id=parent), decode=self.decoder, returned=(NOT_FOUND,))
        except Forbidden:
            return ParentRead(parent, None, self.harvest.started_at or _never(), 1)
        return ParentRead(parent, answer.value, answer.at, answer.tries)

    def _count(self, answer: ParentRead) -> None:
        self.note.requests += answer.tries
        self.note.started_at = min(answer.at, self.note.started_at or answer.at)
        self.note.ended_at = max(answer.at, self.note.ended_at or answer.at)

    def _compare(self, plan: ParentPlan, read: dict[str, datetime], before: dict[str, datetime]) -> None:
        comparison = self.reading.comparison
        forms = comparison.versions(self.reading.collector.tables(), before)
        if not read:
            return
        own = comparison.own
        (column,) = self.stream.from_parent.values()
        missing = comparison.missing_children(
            own,
            pa.table({column: pa.array(list(read), pa.string())}),
            {(parent,): at for parent, at in read.items()},
            forms.get(own.name),
            not_before={(parent,): at for parent, at in before.items()},
        )
        if self.absences.children_may_be_marked(self.stream, missing):
            comparison.mark_missing(missing)
            silent_parents = set(self._parents_of(missing.keys, column))
        else:
            silent_parents = set()
        changed = comparison.changed_parents | silent_parents
        self.note.count_silent_changes = len(changed & plan.unchanged & set(before))

    def _parents_of(self, keys: Sequence[str], column: str) -> list[str]:
        if not keys:
            return []
        wanted = pa.chunked_array([pa.array(keys, pa.string())])
        found: list[str] = self.access.known.rows(self.reading.comparison.own, wanted)[column].to_pylist()
        return found

    def _judge(self, plan: ParentPlan, read: dict[str, datetime], missing: int) -> None:
        note = self.note
        note.count_deferred = plan.deferred + len(plan.order) - len(read) - missing
        note.count_undecided += missing
        note.count_declared = plan.parents
        note.absences = note.absences if note.absences == "tripped" else "settled"
        if note.count_deferred:
            note.verdict = "unproven"
            note.reason = f"the budget was spent: {note.count_deferred:,} parents are left for the next refresh"
        elif missing:
            note.verdict = "unproven"
            note.reason = f"{missing:,} parents answered 404 for their {self.stream.name}; their rows are kept"
        else:
            note.verdict = "proven"
            note.reason = "each reply holds all rows of its parent"
        note.started_at = note.started_at or self.harvest.started_at
        note.ended_at = note.ended_at or note.started_at


def _never() -> datetime:
    raise StreamFailed("A reply came before the reading began.")


__all__ = ["NestedReading", "ParentRead", "RequestRefused"]
