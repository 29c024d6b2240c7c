"""Reads one moving list: asks the windows that the sweep wants, keeps the records that are not as they were."""

from __future__ import annotations

import time
from collections import deque
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connector.errors import BadBody, ContractBroken, RequestRefused
from connector.http.hosts import fill_path
from connector.http.keys_twice import has_a_key_twice
from connector.reading.pages import Page, PageDecoder
from connector.records.typed import inner
from connector.sweep import Reply, Swept, predicted_requests, sweep

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from connector.contract import Stream
    from connector.http.client import Client
    from connector.reading.access import Access
    from connector.reading.collecting import Collector
    from connector.reading.pages import KnownMarks
    from connector.sweep import Ask, Window

NOT_FOUND = 404
PAST_THE_END = (400, NOT_FOUND)
# Replies that come faster than this are asked one by one: that is some thousands a minute, more than rate limits allow,
# and threads that take turns cost more than they hide. The fastest of a few counts: others may have waited for us.
QUICK_SECONDS = 0.01
REPLIES_REMEMBERED = 8


@dataclass(frozen=True)
class ListRead:
    """One list as it was read: what the sweep says of it, the envelope of its first page, when, at what cost.

    `seen` holds the id of every record, prefixed by `parent/` when the list belongs to a parent. `predicted` is what
    the count in the first reply let expect.
    """

    swept: Swept
    envelope: Mapping[str, Any]
    envelope_at: datetime | None
    seconds: float
    predicted: int | None = None


class ListReader:
    """Reads the list of one stream, or of one parent of it."""

    def __init__(
        self, access: Access, stream: Stream, collector: Collector, known_marks: KnownMarks, parent: str = ""
    ) -> None:
        self.access = access
        self.stream = stream
        self.collector = collector
        self.known_marks = known_marks
        self.parent = parent
        self.manners = access.manners_of(stream)
        self.client: Client = access.client_for(stream)
        self.decoder = PageDecoder(stream, self.manners, access.marker)
        self.path = fill_path(stream.path, id=parent) if parent else stream.path
        self.first: tuple[Mapping[str, Any], datetime] | None = None
        self.requests = 0
        self.predicted: int | None = None
        self._in_flight: dict[Window, Future[tuple[Page | None, datetime]]] = {}
        self._seconds: deque[float] = deque(maxlen=REPLIES_REMEMBERED)

    def read(self, *, ahead: int) -> ListRead:
        """Read it all; raises what the client raises, RequestRefused when there is no such list."""
        began = time.monotonic()
        planner = sweep(largest=self.manners.max_size, first_page=self.manners.first_page, ahead=ahead)
        ask = next(planner)
        try:
            while True:
                ask = planner.send(self._answer(ask))
        except StopIteration as stop:
            swept: Swept = stop.value
        finally:
            self._wait_for_what_is_in_flight()
        envelope, at = self.first or ({}, None)
        return ListRead(swept, envelope, at, time.monotonic() - began, self.predicted)

    def _answer(self, ask: Ask) -> Reply:
        if ask.fresh:
            self._wait_for_what_is_in_flight()
            page, at = self._get(ask.window)
        else:
            for window in ask.ahead if min(self._seconds, default=0.0) > QUICK_SECONDS else ():
                if window not in self._in_flight:
                    self._in_flight[window] = self.access.pool.submit(self._get, window)
            pending = self._in_flight.pop(ask.window, None)
            page, at = self._get(ask.window) if pending is None else pending.result()
        self.requests += 1
        if page is None:
            return Reply((), (), past_end=True, at=at)
        self._keep_changed(page, at)
        rows = page.total_count
        expected = predicted_requests(rows, largest=self.manners.max_size) if rows and rows > 0 else None
        self.predicted = expected if self.predicted is None else self.predicted
        self.access.progress(self.stream.name, self.requests, expected)
        return page.reply(at)

    def _get(self, window: Window) -> tuple[Page | None, datetime]:
        query = {self.manners.page_param: window.page + self.manners.first_page, self.manners.size_param: window.size}
        returned = PAST_THE_END if window.page else ()
        answer = self.client.get(self.path, query, decode=self._strictly, returned=returned)
        self._seconds.append(answer.seconds)
        if answer.status == NOT_FOUND and not window.page:
            raise RequestRefused(
                f"{self.stream.name}: {self.path} answered 404.", stream=self.stream.name, status=NOT_FOUND
            )
        page = answer.value
        if page is not None and not window.page and not page.ids and page.total_count is None and self.manners.data:
            # No rows and no count: that is as likely a failure with a friendly face as an empty list.
            raise ContractBroken(
                f"{self.stream.name}: the first reply holds no row and no {self.manners.total_count}, so nothing tells"
                " an empty list from a failure.",
                stream=self.stream.name,
            )
        return page, answer.at

    def _strictly(self, body: bytes) -> Page:
        """The page of a body; raises BadBody when a record that will be kept names a field twice."""
        page = self.decoder(body)
        page.differing = self.known_marks.differing(self._ids(page), page.marks)
        if page.differing and has_a_key_twice([page.raw[i] for i in page.differing]):
            raise BadBody(f"{self.stream.name}: a record names a field twice.")
        return page

    def _ids(self, page: Page) -> Sequence[str | None]:
        return [f"{self.parent}/{one}" for one in page.ids] if self.parent else page.ids

    def _keep_changed(self, page: Page, at: datetime) -> None:
        ids = self._ids(page)
        given: dict[str, str] = dict.fromkeys(self.stream.from_parent.values(), self.parent)
        for path, name in self.stream.envelope_columns.items():
            given[name] = inner(page.envelope, path)
        positions = page.differing
        self.collector.unchanged += len(ids) - len(positions)
        if self.first is None:
            self.first = (page.envelope, at)
        if len(positions) == len(ids):
            self.collector.take(page.raw, ids, page.marks, at, given)
        elif positions:
            raw, changed = [page.raw[i] for i in positions], [ids[i] for i in positions]
            self.collector.take(raw, changed, [page.marks[i] for i in positions], at, given)

    def _wait_for_what_is_in_flight(self) -> None:
        while self._in_flight:
            done, _ = wait(self._in_flight.values(), return_when=FIRST_COMPLETED)
            self._in_flight = {window: task for window, task in self._in_flight.items() if task not in done}
            for task in done:
                task.exception()
