"""The words a sweep and its driver speak: windows out, replies in.

`page` and `size` are all that addresses a list, so a window starts at `page * size`. Sizes that vary make windows
overlap, and overlaps are what a sweep proves its completeness with.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import repeat, takewhile
from math import lcm
from operator import mod, sub
from typing import Literal, TypeAlias

Mark: TypeAlias = bytes | int
Verdict: TypeAlias = Literal["proven", "count_complete", "unproven"]

OVERLAP_ROWS = 2
MOST_REQUESTS = 200_000  # a pass, whatever the server promises


@dataclass(frozen=True, slots=True)
class Window:
    """A slice of the list: row `start` up to, not including, row `end`.

    `page` counts from 0, whatever the API counts from.
    """

    page: int
    size: int

    @property
    def start(self) -> int:
        """Offset of the first row."""
        return self.page * self.size

    @property
    def end(self) -> int:
        """Offset behind the last row of a full reply."""
        return self.start + self.size


@dataclass(frozen=True, slots=True)
class Ask:
    """The window needed now, and windows likely to be needed next.

    The driver may ask the windows of `ahead` at the same time, in any order, and keep the replies until they are
    wanted. `fresh` forbids that for this one: drop what was asked ahead, wait until nothing of this list is in
    flight, then ask.
    """

    window: Window
    ahead: tuple[Window, ...] = ()
    fresh: bool = True


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply in parallel sequences, an entry a row, in the order received; texts and echoes raw.

    A row without a usable id keeps its place as `None`. `created` and `updated` may be empty for a list without them.
    `past_end` tells that the server answered 400 or 404 for this page. `at` is the instant by the platform's clock.
    """

    ids: Sequence[str | None]
    marks: Sequence[Mark]
    created: Sequence[str | None] = ()
    updated: Sequence[str | None] = ()
    page: int | None = None
    page_size: int | None = None
    total_count: int | None = None
    past_end: bool = False
    at: str | datetime = ""


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep read, and how far it can be trusted.

    `seen` maps ids to the mark of their last reading. `distinct` counts the last pass if it was linked throughout,
    else all passes. `reached_end` is false when no pass came to the end of the list. `depth_limit` is the offset
    behind which the server gave nothing although its count promises more.
    """

    verdict: Verdict
    reason: str
    seen: dict[str, Mark]
    total_count: int | None
    distinct: int
    requests: int
    re_reads: int
    passes: int
    duplicate_in_window: int
    order: str | None
    started: str | datetime
    ended: str | datetime
    sizes_honoured: bool
    depth_limit: int | None
    anomalies: tuple[str, ...]
    reached_end: bool = True


@lru_cache(maxsize=2**14)  # more windows than the predicted ones of a list of a million rows
def farthest(limit: int, beyond: int, largest: int) -> Window | None:
    """The window that starts at row `limit` or before and reaches farthest; `None` if none ends behind row `beyond`."""
    limit = max(limit, 0)
    sizes = range(largest, 0, -1)
    gains = list(map(sub, sizes, map(mod, repeat(limit), sizes)))
    size = largest - gains.index(max(gains))
    window = Window(limit // size, size)
    return window if window.end > beyond else None


def following(end: int, largest: int) -> Window:
    """The window that continues a list covered up to row `end`, overlapping it where the sizes allow."""
    for overlap in range(OVERLAP_ROWS, 0, -1):
        if window := farthest(end - overlap, end, largest):
            return window
    return Window(end // largest, largest)  # every size divides `end`: no window straddles it


@lru_cache
def seam_rows(largest: int) -> int:
    """Each multiple of so many rows is a seam: all sizes up to `largest` divide it, so no window lies across it.

    With pages of 100 the first seam is beyond any list; with pages of 10 it is at row 2,520, with pages of 5 at 60.
    """
    return lcm(*range(1, largest + 1))


def is_seam(end: int, largest: int) -> bool:
    """Whether no window holds both the row before and the row behind this offset."""
    return end > 0 and end % seam_rows(largest) == 0


def chain(end: int, largest: int) -> Iterator[Window]:
    """The windows that continue a list covered up to row `end`, as long as each of them comes full."""
    while True:
        window = following(end, largest)
        yield window
        end = window.end


def most_requests(rows: int, largest: int) -> int:
    """After how many requests a pass over so many rows is given up: the list moves faster than it can be read."""
    return min(8 * (rows // largest + 10), MOST_REQUESTS)


def predicted_requests(rows: int, *, is_sorted: bool = True, largest: int = 100) -> int:
    """How many requests a sweep of a quiet list of so many rows takes."""
    if rows < largest:
        return 1
    head_catch_up = 1
    windows = bisect_right(_ends(1 << rows.bit_length(), largest), rows) + 1
    passes = 1 if is_sorted and rows < seam_rows(largest) else 2
    return (windows + head_catch_up) * passes


@lru_cache
def _ends(rows: int, largest: int) -> tuple[int, ...]:
    """Where the windows of a quiet list of at least so many rows end, but for the last."""
    onward = (window.end for window in chain(largest, largest))
    return (largest, *takewhile(lambda end: end <= rows, onward))
