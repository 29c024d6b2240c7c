"""The sweep as a whole: passes until the list is proven complete, or until more of them would not help."""

from collections.abc import Generator

from connector.sweep.chain import chain_pass
from connector.sweep.pages import backward_pass, forward_pass
from connector.sweep.reading import Asking, Reading, SizesNotHonouredError
from connector.sweep.window import Ask, Reply, Swept, Verdict

MOST_PASSES = 12


def sweep(*, largest: int = 100, first_page: int = 0, ahead: int = 0) -> Generator[Ask, Reply, Swept]:
    """Read a list that moves while it is read, and say how complete the reading is.

    `largest` is the largest page size of the API, `first_page` the number of its first page as echoed (the driver
    sends `window.page + first_page`), `ahead` how many windows may be asked before the reply to the current one is
    in. If each reply is one slice at one instant and unchanged rows keep their order, a `proven` sweep holds every
    row that was alive all the time, in a version that was current at some moment of it.
    """
    reading = Reading(largest, first_page)
    try:
        yield from chain_pass(reading, ahead)
    except SizesNotHonouredError:
        _give_up_sizes(reading)
        yield from forward_pass(reading, ahead)
    is_quiet = yield from _repeat(reading, ahead)
    verdict, reason = _verdict(reading, is_quiet=is_quiet)
    return Swept(
        verdict=verdict,
        reason=reason,
        seen=reading.seen,
        total_count=reading.total,
        distinct=_distinct(reading),
        requests=reading.requests,
        re_reads=reading.requests - reading.advances,
        passes=reading.passes,
        duplicate_in_window=reading.duplicates,
        order=reading.order.known,
        started=reading.started,
        ended=reading.ended,
        sizes_honoured=reading.sizes_honoured,
        reached_end=reading.reached_end,
        depth_limit=reading.depth_limit,
        anomalies=tuple(f"{what} ({times} times)" for what, times in reading.anomalies.items()),
    )


def _repeat(reading: Reading, ahead: int) -> Asking[bool]:
    """Pass after pass until one proves itself, or enough in a row brought nothing older than the sweep.

    Tells whether the latter happened.
    """
    quiet = 0
    while reading.passes < MOST_PASSES and not _is_settled(reading):
        by_pages = reading.order_broken or not reading.sizes_honoured
        reading.begin_pass()
        try:
            if not by_pages:
                yield from chain_pass(reading, ahead)
            elif reading.passes % 2:
                yield from forward_pass(reading, ahead)
            else:
                yield from backward_pass(reading, ahead)
        except SizesNotHonouredError:
            _give_up_sizes(reading)
            continue
        quiet = 0 if reading.older_news else quiet + 1
        if quiet >= (2 if reading.order_broken else 1):
            return True
    return False


def _give_up_sizes(reading: Reading) -> None:
    reading.sizes_honoured = False
    reading.gaps.append("page sizes are not honoured")
    reading.uncover()


def _is_proven(reading: Reading) -> bool:
    if reading.is_whole:
        return True
    return reading.is_linked and not reading.order_broken and reading.order.known is not None


def _is_settled(reading: Reading) -> bool:
    return _is_proven(reading) or reading.is_barred


def _distinct(reading: Reading) -> int:
    return len(reading.rank) if reading.is_linked else len(reading.seen)


def _verdict(reading: Reading, *, is_quiet: bool) -> tuple[Verdict, str]:
    if reading.is_whole:
        return "proven", "the whole list came in one reply"
    if _is_proven(reading):
        return "proven", f"every window is linked to the one before, and the list is sorted by {reading.order.known}"
    doubt = _doubt(reading)
    if reading.is_barred or not is_quiet:
        return "unproven", doubt
    distinct = _distinct(reading)
    if reading.totals != {distinct}:
        return "unproven", f"{doubt}; {distinct} rows were read where the list declares {reading.total}"
    return "count_complete", f"{doubt}; repeated passes brought nothing more, and the count agrees"


def _doubt(reading: Reading) -> str:
    """Why there is no proof, in words."""
    if not reading.sizes_honoured:
        return "the server pages by a size of its own"
    if reading.order_broken:
        return "rows change places between requests"
    if reading.gaps:
        return reading.gaps[-1]
    return "no sort order was recognised"
