"""One pass over a moving list in windows that overlap.

Why a linked pass misses nothing. A reply is one contiguous slice of the list at one instant. If it holds an anchor, a
row that this pass covered in the same version, then no unchanged row lies unread between the two readings, because
unchanged rows keep their order. A row that changed meanwhile stays where it is (lists sorted by id or creation),
moves to the tail, which is read last and fresh, or moves to the head, which is read again after everything else. This
holds for windows asked ahead and answered in any order too: following the anchors of such a window back leads to the
first window, which was read first and alone.
"""

from collections.abc import Iterator
from itertools import islice

from connector.sweep.reading import Asking, Reading, SizesNotHonouredError, Slice
from connector.sweep.window import OVERLAP_ROWS, Window, chain, farthest, following, is_seam, most_requests

LINK_TRIES = 10
HEAD_TRIES = 8
HEAD_WINDOWS = 40
DOUBTS_BEFORE_LIMIT = 3
STALLED_WINDOWS = 20


def chain_pass(reading: Reading, ahead: int) -> Asking[None]:
    """Read the list once from head to tail, then what moved to its head meanwhile. Flaws go to `reading.gaps`."""
    first = yield from _first_window(reading)
    if first is None:
        return
    yield from _Cursor(reading, ahead, first).to_the_end()
    yield from catch_up_head(reading)


def _first_window(reading: Reading) -> Asking[Slice | None]:
    """Cover the head of the list; `None` when that is all there is, or all that can be had."""
    largest = reading.largest
    first = yield from reading.ask(Window(0, largest))
    if first.total is not None and not first.is_full and first.end < first.total:
        first = yield from reading.ask(
            Window(0, largest)
        )  # the count may have been taken at another instant than the rows
    reading.cover(first)
    reading.advances += 1
    if first.elsewhere:
        reading.is_whole = not first.refused and not first.length and not first.total
        if not reading.is_whole:
            reading.is_barred = True
            reading.gaps.append("the first page did not come as asked")
        else:
            reading.arrive()
        return None
    if not first.is_full and first.length == first.total:
        reading.is_whole = len(set(first.ids)) == len(first.ids)
        if not reading.is_whole:
            reading.gaps.append("the one reply holds an id twice")
        reading.arrive()
        return None
    if not first.size_honoured or (not first.is_full and first.total is not None):
        raise SizesNotHonouredError
    return first


class _Cursor:
    """The end of what is covered, moving towards the end of the list."""

    def __init__(self, reading: Reading, ahead: int, first: Slice) -> None:
        self.reading = reading
        self.ahead = ahead
        self.largest = reading.largest
        self.end = first.length
        self.total = first.total
        self.first_total = first.total or 0
        self.offered: set[Window] = set()
        self.farthest_end = self.end
        self.doubts = self.stalled = 0

    def to_the_end(self) -> Asking[None]:
        """Go on while rows are promised or the last window was full: a count alone never ends a list."""
        more = True
        while more:
            if self._is_spent():
                return
            piece = yield from self._next_linked()
            if piece is None:
                return
            added = self.reading.cover(piece)
            self.stalled = 0 if added else self.stalled + 1
            self.end, self.total = piece.end, piece.total
            if self.end > self.farthest_end:
                self.farthest_end, self.doubts = self.end, 0
                self.reading.advances += 1
            falls_short = piece.total is not None and piece.end < piece.total
            if falls_short and not piece.is_full:
                yield from self._doubt()
            if self.reading.depth_limit is not None:
                return
            more = piece.is_full or falls_short
        self.reading.arrive()

    def _next_linked(self) -> Asking[Slice | None]:
        """The next window that holds an anchor, stepping back as far as that needs."""
        reading = self.reading
        if is_seam(self.end, self.largest):
            piece = yield from self._over_the_seam()
            if not piece.elsewhere:
                return piece
            if piece.total is None or piece.total == self.end:
                reading.arrive()
                return None
            self.end = min(self.end, piece.total)  # the list shrank
        tries, steps, refused = 0, _steps_back(), -1
        while tries < LINK_TRIES:
            back = next(steps)
            window = (
                following(self.end, self.largest)
                if back == OVERLAP_ROWS
                else _window_back(self.end, back, self.largest)
            )
            piece, linked = yield from self._ask(window, in_order=back == OVERLAP_ROWS)
            tries += 1
            if piece.elsewhere:
                refused = max(refused, window.start)
                if piece.total is not None and piece.total < self.end:
                    self.end, steps = piece.total, _steps_back()  # the list shrank
                if window.start == 0:
                    break
                continue
            if linked or window.start == 0:
                if refused >= 0 and (piece.total is None or refused < piece.total):
                    yield from self._doubt()
                return piece
        if window.start == 0:
            reading.arrive()  # the list is empty by now
            return None
        reading.gaps.append("the list shifted farther than could be followed")
        return None if piece.elsewhere else piece

    def _over_the_seam(self) -> Asking[Slice]:
        """The window behind a row at which no two windows overlap: read, but never linked to what was read before."""
        reading = self.reading
        reading.gaps.append(f"pages of {self.largest} cannot be made to overlap at row {self.end:,}")
        self.offered = set()
        piece = yield from reading.ask(following(self.end, self.largest))
        if not piece.size_honoured and not piece.elsewhere:
            raise SizesNotHonouredError
        return piece

    def _ask(self, window: Window, *, in_order: bool) -> Asking[tuple[Slice, bool]]:
        """Ask a window; one that was asked ahead and does not fit is asked again."""
        reading = self.reading
        stale = in_order and window in self.offered
        later = tuple(self._next_windows(window)) if in_order else ()
        self.offered = set(later)
        piece = yield from reading.ask(window, later, fresh=not stale)
        linked = self._judge(piece)
        if stale and (piece.elsewhere or not linked or not piece.is_full):
            self.offered = set()
            piece = yield from reading.ask(window)
            linked = self._judge(piece)
        return piece, linked

    def _judge(self, piece: Slice) -> bool:
        """Whether the slice is linked; one that is not is read without being covered."""
        if not piece.size_honoured and not piece.elsewhere:
            raise SizesNotHonouredError
        linked = not piece.elsewhere and self.reading.anchors(piece)
        if not linked:
            if piece.window.start == 0 and not piece.elsewhere:
                self.reading.uncover()  # every row we knew has changed: begin the cover here
            else:
                self.reading.read(piece)
        return linked

    def _next_windows(self, window: Window) -> Iterator[Window]:
        """Windows worth asking ahead: never the tail, which must be read after all else."""
        if not self.ahead or self.total is None or self.doubts:
            return
        before = window
        for later in islice(chain(window.end, self.largest), self.ahead):
            if later.end > self.total - self.largest or is_seam(before.end, self.largest):
                return
            yield later
            before = later

    def _doubt(self) -> Asking[None]:
        """Rows are promised that do not come. Insist, then look behind, then call it a limit."""
        self.doubts += 1
        if self.doubts < DOUBTS_BEFORE_LIMIT:
            return
        reading = self.reading
        beyond = yield from reading.ask(Window(-(-self.farthest_end // self.largest), self.largest))
        reading.read(beyond)
        if beyond.elsewhere or not beyond.ids:
            reading.depth_limit = self.farthest_end
            reading.is_barred = True
            reading.gaps.append(f"the server gives nothing behind row {self.farthest_end}")
        else:
            reading.gaps.append("windows come with rows left out")
            self.end, self.doubts = beyond.end, 0

    def _is_spent(self) -> bool:
        reading = self.reading
        if reading.pass_requests > most_requests(max(self.first_total, self.farthest_end), self.largest):
            reading.gaps.append("the list moved faster than it could be read")
            return True
        if self.stalled >= STALLED_WINDOWS:
            reading.gaps.append("window after window brought nothing new")
            return True
        return False


def catch_up_head(reading: Reading) -> Asking[None]:
    """Read what came to the head while the rest was read, until one single window is enough."""
    for _ in range(HEAD_TRIES):
        windows = yield from _head_once(reading)
        if windows == 1:
            return
    reading.gaps.append("the head of the list moved faster than it could be read")


def _head_once(reading: Reading) -> Asking[int]:
    """Windows down from row 0 until one holds an anchor; gives how many it took, 0 when they did not hold together."""
    moved: dict[str, None] = {}
    end = windows = 0
    while windows < HEAD_WINDOWS:
        window = following(end, reading.largest) if windows else Window(0, reading.largest)
        before = {row: reading.seen[row] for row in moved}
        piece = yield from reading.ask(window)
        windows += 1
        if not piece.size_honoured and not piece.elsewhere:
            raise SizesNotHonouredError
        linked = not piece.elsewhere and reading.anchors(piece)
        shared = any(before.get(row) == mark for row, mark in zip(piece.ids, piece.marks, strict=True))
        moved.update(dict.fromkeys(reading.read(piece)))
        if windows > 1 and not shared:
            return 0
        end = piece.end
        if linked or not piece.is_full:
            reading.cover_before(tuple(moved))
            return windows
    return 0


def _steps_back() -> Iterator[int]:
    """How far before the end of the cover to look for an anchor: 2, 8, 32, 128, 228 ..."""
    back = OVERLAP_ROWS
    while True:
        yield back
        back = back * 4 if back < 100 else back + 100  # noqa: PLR2004 - by then a page at a time


def _window_back(end: int, back: int, largest: int) -> Window:
    """The window that starts `back` rows before the end of the cover, or earlier, and reaches farthest."""
    window = farthest(end - back, max(0, end - back), largest)
    return window or Window(0, largest)
