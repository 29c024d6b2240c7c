"""How many requests the next reading of an account will take, stream by stream, before it takes them."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from connector.contract import Way
from connector.http.hosts import fill_path
from connector.reading.open_work import open_candidates
from connector.reading.pages import PageDecoder
from connector.reading.probe import usual_requests
from connector.sweep import predicted_requests

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from connector.contract import Stream
    from connector.reading.access import Access

AUDIT_SHARE = 1 / 24
LOOK_BACK = 5


@dataclass(frozen=True)
class Forecast:
    """What one stream will cost; `basis` says what the figure rests on."""

    stream: str
    requests: int
    rows: int | None
    basis: str


def forecast(access: Access, streams: Sequence[str], *, full: bool = False) -> Iterator[Forecast]:
    """The forecast of each named stream; asks one small page of each list for its count, and nothing else."""
    rows: dict[str, int] = {}
    for stream in access.platform.streams:
        if stream.name not in streams:
            continue
        if stream.way in {Way.LISTED, Way.PAGED_BY_PARENT}:
            found = list(_lists(access, stream))
            rows[stream.name] = sum(found)
            manners = access.manners_of(stream)
            requests = sum(predicted_requests(count, largest=manners.max_size) for count in found)
            probing = usual_requests(manners)
            basis = _rows(sum(found)) + (f", and {probing} to see whether the API is as assumed" if probing else "")
            yield Forecast(stream.name, requests + probing, sum(found), basis)
        elif stream.way is Way.WHOLE:
            parents = access.parents.get(stream.parent_setting or "", ("",))
            yield Forecast(stream.name, len(parents), None, "one reply holds the whole list")
        elif stream.parent is not None:
            yield _nested(access, stream, rows.get(stream.parent), full=full)


def _rows(count: int) -> str:
    return "1 row now" if count == 1 else f"{count:,} rows now"


def _lists(access: Access, stream: Stream) -> Iterator[int]:
    """The declared count of each list of a stream; of a list that answers nothing useful, what was read last time."""
    manners = access.manners_of(stream)
    decoder = PageDecoder(stream, manners, access.marker)
    parents = access.parents.get(stream.parent_setting, ()) if stream.parent_setting else ("",)
    for parent in parents:
        path = fill_path(stream.path, id=parent) if parent else stream.path
        query = {manners.page_param: manners.first_page, manners.size_param: 1}
        page = access.client.get(path, query, decode=decoder, returned=(404,)).value
        if page is not None:
            yield max(0, page.total_count or len(page.ids))


def _nested(access: Access, stream: Stream, parents: int | None, *, full: bool) -> Forecast:
    reads = access.known.child_reads(stream.name)
    history = access.known.history(stream.parent or "").rows[:LOOK_BACK]
    known = len(reads)
    parents = known if parents is None else parents
    if full or not known:
        return Forecast(stream.name, parents, None, f"all {parents:,} {stream.parent} are asked for theirs")
    new = max(0, parents - known)
    usual = ceil(sum(row["rows_changed"] for row in history) / len(history)) if history else 0
    still_open = len(open_candidates(access.platform, access.known)) if stream.parent == "candidates" else 0
    audit = ceil(max(0, parents - still_open - new) * AUDIT_SHARE)
    total = min(parents, new + usual + still_open + audit)
    basis = f"of {parents:,} {stream.parent}: {new:,} new, about {usual:,} changed"
    basis += f", {still_open:,} with open work" if stream.parent == "candidates" else ""
    basis += f", {audit:,} whose turn it is"
    return Forecast(stream.name, total, None, basis)
