"""Reads a list that comes whole in one reply, such as a career portal or the list of API keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.errors import ContractBroken, RequestRefused
from connector.http.hosts import fill_path
from connector.reading.lists import ListRead
from connector.reading.pages import PageDecoder
from connector.records.typed import inner
from connector.sweep import Swept

if TYPE_CHECKING:
    from connector.contract import Stream
    from connector.reading.access import Access
    from connector.reading.collecting import Collector

NOT_FOUND = 404


def read_whole(access: Access, stream: Stream, collector: Collector, parent: str) -> ListRead:
    """Read it; one reply is one instant, so it is proven.

    Raises RequestRefused when it does not exist, ContractBroken when the reply has another shape.
    """
    decoder = PageDecoder(stream, access.manners_of(stream), access.marker, paged=False)
    path = fill_path(stream.path, id=parent) if parent else stream.path
    answer = access.client_for(stream).get(path, decode=decoder, returned=(NOT_FOUND,))
    if answer.status == NOT_FOUND:
        raise RequestRefused(f"{stream.name}: {path} answered 404.", stream=stream.name, status=NOT_FOUND)
    page = answer.value
    if page is None:
        raise ContractBroken(f"{stream.name}: an empty reply.", stream=stream.name)
    given = dict.fromkeys(stream.from_parent.values(), parent)
    for place, name in stream.envelope_columns.items():
        given[name] = inner(page.envelope, place)
    ids = [None if one is None else f"{parent}/{one}" if parent else one for one in page.ids]
    collector.take(page.raw, ids, page.marks, answer.at, given)
    seen = {one: mark for one, mark in zip(page.ids, page.marks, strict=True) if one is not None}
    swept = Swept(
        verdict="proven",
        reason="one reply holds the whole list",
        seen=seen,  # type: ignore[arg-type]
        total_count=None,
        distinct=len(seen),
        requests=answer.tries,
        re_reads=0,
        passes=1,
        duplicate_in_window=len(page.ids) - len(seen),
        order=None,
        started=answer.at,
        ended=answer.at,
        sizes_honoured=True,
        depth_limit=None,
        anomalies=(),
    )
    return ListRead(swept, page.envelope, answer.at, answer.seconds)
