"""What one sweep has read: the marks, the cover of the running pass, the counts, and the flaws met on the way."""

from collections import Counter
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import compress, count
from operator import eq, le, not_
from typing import TypeAlias, TypeVar, cast

from connector.sweep.order import Order
from connector.sweep.window import Ask, Mark, Reply, Window

Result = TypeVar("Result")
Asking: TypeAlias = Generator[Ask, Reply, Result]


class SizesNotHonouredError(Exception):
    """The server pages by a size of its own, so windows do not overlap."""


@dataclass(frozen=True, slots=True)
class Slice:
    """One reply, judged: where it lies, what it holds, whether it is what was asked for."""

    window: Window
    ids: Sequence[str]
    marks: Sequence[Mark]
    same: Sequence[bool]  # for each row, whether it was read before as it is now
    length: int
    total: int | None
    elsewhere: bool  # past the end, empty, or another page than asked
    refused: bool
    size_honoured: bool

    @property
    def end(self) -> int:
        """Offset behind the last row that came."""
        return self.window.start + self.length

    @property
    def is_full(self) -> bool:
        """Whether as many rows came as were asked for."""
        return self.length >= self.window.size


class Reading:
    """The state of a sweep.

    `seen` holds the mark of the last reading of each id. `rank` holds where the running pass covered a row, in list
    order. A row in both is covered in the version of its mark: whoever reads another version uncovers it.
    """

    def __init__(self, largest: int, first_page: int) -> None:
        self.largest = largest
        self.first_page = first_page
        self.seen: dict[str, Mark] = {}
        self.order = Order()
        self.order_broken = False
        self.requests = self.advances = self.passes = self.duplicates = 0
        self.anomalies: Counter[str] = Counter()
        self.total: int | None = None
        self.started: str | datetime = ""
        self.ended: str | datetime = ""
        self.sizes_honoured = True
        self.depth_limit: int | None = None
        self.reached_end = False
        self.begin_pass()

    def begin_pass(self) -> None:
        """Forget the cover: a pass proves itself alone."""
        self.passes += 1
        self.uncover()
        self.gaps: list[str] = []
        self.totals: set[int | None] = set()
        self.news = 0
        self.older_news = 0
        self.pass_requests = 0
        self.is_whole = False  # one reply held the whole list
        self.is_barred = False  # the server will not show the rest
        self.is_through = False

    def arrive(self) -> None:
        """The running pass came in windows to the end of the list."""
        self.is_through = self.reached_end = True

    @property
    def is_linked(self) -> bool:
        """Whether the running pass went from head to tail in windows without a gap."""
        return self.is_through and not self.gaps

    def uncover(self) -> None:
        """Start the cover anew, in the same pass."""
        self.rank: dict[str, int] = {}
        self._behind = 0
        self._before = 0

    def ask(self, window: Window, ahead: tuple[Window, ...] = (), *, fresh: bool = True) -> Asking[Slice]:
        """Ask one window and judge the reply. Nothing is taken yet."""
        reply = yield Ask(window, ahead, fresh)
        self.requests += 1
        self.pass_requests += 1
        if self.requests == 1:
            self.started = reply.at
        self.ended = reply.at
        length = len(reply.ids)
        if reply.past_end:
            return Slice(window, (), (), (), 0, None, elsewhere=True, refused=True, size_honoured=True)
        ids, marks = self._usable(reply)
        other_page = reply.page is not None and reply.page - self.first_page != window.page
        if length and (other_page or self._is_last_page_again(reply.total_count, window, ids)):
            self.anomalies["another page came than was asked"] += 1
            other_page = True
        total = self._total(reply.total_count, 0 if other_page else window.start + length if length else 0)
        same = list(map(eq, map(self.seen.get, ids), marks))
        size_honoured = length <= window.size and reply.page_size in (None, window.size)
        return Slice(
            window,
            ids,
            marks,
            same,
            length,
            total,
            other_page or not length,
            refused=False,
            size_honoured=size_honoured,
        )

    def anchors(self, piece: Slice) -> bool:
        """Whether the slice holds a row that is covered, in the version that was covered; notes rows out of order."""
        ranks = [place for place in map(self.rank.get, compress(piece.ids, piece.same)) if place is not None]
        if not all(map(le, ranks, ranks[1:])):
            self.order_broken = True
        return bool(ranks)

    def cover(self, piece: Slice) -> int:
        """Place the new and changed rows of a linked slice behind all others; tells how many there were."""
        fresh = self._uncovered(piece)
        self.rank.update(zip(fresh, count(self._behind)))
        self.seen.update(zip(piece.ids, piece.marks, strict=True))
        self._behind += len(fresh)
        return len(fresh)

    def cover_before(self, ids: Sequence[str]) -> None:
        """Place these rows before all others."""
        self._before -= len(ids)
        self.rank.update(zip(ids, count(self._before)))

    def read(self, piece: Slice) -> list[str]:
        """Note what the rows look like now. Rows that changed are uncovered; gives the ids that are not covered."""
        fresh = self._uncovered(piece)
        for row in fresh:
            self.rank.pop(row, None)
        self.seen.update(zip(piece.ids, piece.marks, strict=True))
        return fresh

    def _uncovered(self, piece: Slice) -> list[str]:
        """The rows of a slice that are not covered as they are now, in its order."""
        rank = self.rank
        if all(map(rank.__contains__, compress(piece.ids, piece.same))):
            return list(compress(piece.ids, map(not_, piece.same)))
        return [row for row, same in zip(piece.ids, piece.same, strict=True) if not same or row not in rank]

    def _usable(self, reply: Reply) -> tuple[Sequence[str], Sequence[Mark]]:
        """The rows that have an id, after they were held against the orders and against what was seen before."""
        ids, marks, created, updated = reply.ids, reply.marks, reply.created, reply.updated
        if None in ids:
            self.anomalies["rows without an id"] += 1
            places = [place for place, row in enumerate(ids) if row is not None]
            ids, marks = [ids[place] for place in places], [marks[place] for place in places]
            created = [created[place] for place in places] if created else ()
            updated = [updated[place] for place in places] if updated else ()
        known = cast("Sequence[str]", ids)
        repeated = len(known) - len(set(known))
        if repeated:
            self.duplicates += repeated
            self.order_broken = True
        self.order.observe(known, created, updated)
        if self.passes > 1:
            self._count_news(known, created)
        return known, marks

    def _count_news(self, ids: Sequence[str], created: Sequence[str | None]) -> None:
        unseen = [place for place, row in enumerate(ids) if row not in self.seen]
        self.news += len(unseen)
        start = instant(self.started)
        for place in unseen:
            born = instant(created[place]) if created else None
            if born is None or start is None or born < start:
                self.older_news += 1

    def _is_last_page_again(self, declared: int | None, window: Window, ids: Sequence[str]) -> bool:
        """Whether a window behind the declared end brought only what this pass has read already."""
        return declared is not None and 0 < declared <= window.start and all(map(self.rank.__contains__, ids))

    def _total(self, declared: int | None, reached: int) -> int | None:
        """The declared count where it can be true."""
        self.totals.add(declared)
        self.total = declared
        if declared is None:
            return None
        if declared < 0:
            self.anomalies["totalCount is negative"] += 1
            return None
        if declared < reached:
            self.anomalies["totalCount is smaller than the rows that came"] += 1
            return None
        return declared


def instant(text: str | datetime | None) -> datetime | None:
    """An instant read from text, in UTC unless it says otherwise; `None` when it is none."""
    if isinstance(text, str):
        try:
            text = datetime.fromisoformat(text)
        except ValueError:
            return None
    if text is not None and text.tzinfo is None:
        return text.replace(tzinfo=UTC)
    return text
