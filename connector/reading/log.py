"""Reads a log, newest first, by a cursor in time, back to where the last reading began.

The cursor is an instant without more, so rows that share it with the last row of a page would be lost between pages:
each page is asked from a little later, and what comes twice is dropped by its id. A page counts as joined to the one
before when it holds a row of where that one ended.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import msgspec

from connector.contract import Kind
from connector.errors import BadBody, ContractBroken
from connector.http.hosts import fill_path
from connector.reading.lists import ListRead
from connector.reading.pages import Page, PageDecoder
from connector.sweep import Mark, Swept

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.contract import Stream
    from connector.reading.access import Access
    from connector.reading.collecting import Collector

LARGEST_PAGE: Final = 500
OVERLAPS: Final = (timedelta(seconds=1), timedelta(milliseconds=1), timedelta(microseconds=1))
"""How much later than its end a page is joined; the shorter ones where more happens at once than a page holds."""
NOT_FOUND: Final = 404


@dataclass(frozen=True, slots=True)
class LogPage:
    """One page of a log: its rows, their instants, whether older ones follow."""

    page: Page
    instants: tuple[datetime, ...]
    has_more: bool


@dataclass
class _Log:
    """What one reading of one log has gathered, and how far back it reaches."""

    seen: dict[str, Mark] = field(default_factory=dict)
    requests: int = 0
    started: datetime | None = None
    ended: datetime | None = None
    edge: datetime | None = None
    at_edge: frozenset[str] = frozenset()
    tries: int = 0
    gap: datetime | None = None

    @property
    def before(self) -> datetime | None:
        """Where the next page begins: a little later than where the last one ended."""
        if self.edge is None or self.tries == len(OVERLAPS):
            return self.edge
        return self.edge + OVERLAPS[self.tries]

    def joined(self, found: LogPage) -> bool:
        """Whether a page leads on from where the last one ended; if not, it is asked for again with less overlap."""
        oldest = min(found.instants, default=self.edge)
        is_forced = self.tries == len(OVERLAPS)
        if self.edge is not None and not is_forced and self.at_edge.isdisjoint(filter(None, found.page.ids)):
            return self._again()
        if oldest is not None and self.edge is not None and oldest >= self.edge and found.has_more:
            return self._again()
        if is_forced:
            self.gap = self.gap or self.edge
        self.edge, self.tries = oldest, 0
        pairs = zip(found.page.ids, found.instants, strict=True)
        self.at_edge = frozenset(one for one, at in pairs if one is not None and at == oldest)
        return True

    def _again(self) -> bool:
        self.tries += 1
        if self.tries > len(OVERLAPS):
            raise ContractBroken("The cursor of a log does not lead back in time.", "Report it to the platform.")
        return False


def read_log(access: Access, stream: Stream, collector: Collector, parent: str, since: datetime | None) -> ListRead:
    """Read the rows of one log that are not older than `since`, the newest instant known (None: all there are).

    Rows of that instant are read again, because more may have been written in the same second. The verdict is `proven`
    when the log was read back without a gap. Raises what the client raises; nothing may be loaded then, or the next
    reading would begin after a gap.
    """
    began = time.monotonic()
    decode = _decoder(access, stream)
    path = fill_path(stream.path, id=parent)
    client = access.client_for(stream)
    given = dict.fromkeys(stream.from_parent.values(), parent)
    log = _Log()
    while True:
        query: dict[str, str | int] = {"limit": LARGEST_PAGE}
        if log.before is not None:
            query["before"] = _written(log.before)
        answer = client.get(path, query, decode=decode, returned=(NOT_FOUND,))
        log.requests += answer.tries
        log.started, log.ended = log.started or answer.at, answer.at
        found = answer.value
        if found is None:
            return _read(log, "unproven", f"the log of {parent} answered 404; its rows are kept", began)
        _keep(log, collector, found.page, parent, answer.at, given)
        access.progress(stream.name, log.requests, None)
        if not log.joined(found):
            continue
        if not found.has_more or log.edge is None or (since is not None and log.edge < since):
            break
    if log.gap is not None:
        reason = f"more rows at {_written(log.gap)} than a page of {LARGEST_PAGE} holds: some may be missing"
        return _read(log, "unproven", reason, began)
    return _read(log, "proven", "read back without a gap", began)


def newest_of_each(access: Access, stream: Stream) -> dict[str, datetime]:
    """The newest instant known of each log: where its next reading ends."""
    (owner,) = stream.from_parent.values()
    at = _time_column(stream)
    known = access.known.visible(access.platform.table(stream.name), [owner, at])
    newest = known.group_by(owner).aggregate([(at, "max")]).to_pydict()
    return {
        parent: instant.astimezone(UTC)
        for parent, instant in zip(newest[owner], newest[f"{at}_max"], strict=True)
        if instant is not None
    }


def _keep(log: _Log, collector: Collector, page: Page, parent: str, at: datetime, given: Mapping[str, str]) -> None:
    """Take the rows that were not taken yet."""
    news = [place for place, one in enumerate(page.ids) if one is None or one not in log.seen]
    log.seen |= {one: page.marks[place] for place in news if (one := page.ids[place]) is not None}
    ids = [None if page.ids[place] is None else f"{parent}/{page.ids[place]}" for place in news]
    collector.take([page.raw[place] for place in news], ids, [page.marks[place] for place in news], at, given)


def _read(log: _Log, verdict: Any, reason: str, began: float) -> ListRead:
    swept = Swept(
        verdict=verdict,
        reason=reason,
        seen=log.seen,
        total_count=None,
        distinct=len(log.seen),
        requests=log.requests,
        re_reads=0,
        passes=1,
        duplicate_in_window=0,
        order=None,
        started=log.started or datetime.now(UTC),
        ended=log.ended or datetime.now(UTC),
        sizes_honoured=True,
        depth_limit=None,
        anomalies=(),
    )
    return ListRead(swept, {}, log.started, time.monotonic() - began)


def _time_column(stream: Stream) -> str:
    return next(column.name for column in stream.columns if column.kind is Kind.TIMESTAMP)


def _decoder(access: Access, stream: Stream) -> Any:
    page_of = PageDecoder(stream, access.manners_of(stream), access.marker, paged=False)
    at = next(column.field for column in stream.columns if column.kind is Kind.TIMESTAMP)
    beside = stream.data.rsplit(".", 1)[0]

    def decode(body: bytes) -> LogPage:
        page = page_of(body)
        try:
            envelope: dict[str, Any] = msgspec.json.decode(body)[beside]["pagination"]
            rows = [msgspec.json.decode(record) for record in page.raw]
            # A row whose time cannot be read is set aside later; here it must not lead the way.
            found = [_instant(row.get(at)) for row in rows]
            newest = max(filter(None, found), default=datetime.now(UTC))
            return LogPage(page, tuple(instant or newest for instant in found), bool(envelope["hasMore"]))
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise BadBody(f"{stream.name}: a reply is not whole JSON.") from None
        except (KeyError, TypeError, AttributeError):
            raise ContractBroken(f"{stream.name}: the reply has no cursor.", stream=stream.name) from None

    return decode


def _instant(value: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(value))
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _written(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
