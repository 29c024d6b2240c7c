"""Whole passes by page number, forward and backward: what is left where windows cannot be linked.

Such passes prove nothing. Several of them that agree make it likely that little is missing.
"""

from connector.sweep.reading import Asking, Reading, Slice
from connector.sweep.window import Window, most_requests

STALLED_PAGES = 20


def forward_pass(reading: Reading, ahead: int) -> Asking[None]:
    """Read pages from the first on, until one is empty, or is short and all promised rows came before."""
    longest = length = stalled = page = first_total = 0
    while True:
        promised = (reading.total or 0) // longest if longest else 0  # so many pages are sure to be full
        piece = yield from _page(reading, page, range(page + 1, min(page + 1 + ahead, promised)))
        if piece.elsewhere:
            reading.reached_end = True
            return
        added = reading.cover(piece)
        longest, length = max(longest, piece.length), length + piece.length
        stalled = 0 if added else stalled + 1
        if piece.length < longest and (piece.total is None or length >= piece.total):
            reading.reached_end = True
            return
        first_total = first_total or piece.total or 0
        if stalled >= STALLED_PAGES or page > most_requests(max(first_total, length), longest):
            reading.gaps.append("page after page brought nothing new")
            return
        page += 1


def backward_pass(reading: Reading, ahead: int) -> Asking[None]:
    """Read pages from the last one down, so that rows on their way to the head are met."""
    first = yield from _page(reading, 0)
    reading.cover(first)
    size = max(first.length, 1)
    rows = first.total if first.total is not None else len(reading.seen)
    last = yield from _last_page(reading, max(0, -(-rows // size) - 1), size)
    for page in range(last - 1, -1, -1):
        piece = yield from _page(reading, page, range(page - 1, max(-1, page - 1 - ahead), -1))
        reading.cover(piece)


def _last_page(reading: Reading, page: int, size: int) -> Asking[int]:
    """Walk to the last page that holds rows; the count only hints at it."""
    for _ in range(STALLED_PAGES):
        piece = yield from _page(reading, page)
        if piece.elsewhere or not reading.cover(piece) or piece.length < size:
            break
        page += 1
    return page


def _page(reading: Reading, page: int, ahead: range = range(0)) -> Asking[Slice]:
    later = tuple(Window(number, reading.largest) for number in ahead)
    piece = yield from reading.ask(Window(page, reading.largest), later, fresh=False)
    return piece
