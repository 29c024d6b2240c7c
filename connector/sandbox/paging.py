"""One page of a list, with all that a server may do differently about pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from connector.sandbox.exchange import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from connector.sandbox.switches import Switches

DEFAULT_SIZE = 20


class BadPageError(ValueError):
    """The request asks for a page that does not exist or cannot be understood."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Manners:
    """How a platform speaks of pages: names of parameters and keys, and the number of the first page."""

    page: str = "page"
    size: str = "pageSize"
    first: int = 0
    data_key: str = "data"
    echo_keys: tuple[str, str, str, str] = (
        "pagination.page",
        "pagination.pageSize",
        "pagination.totalCount",
        "pagination.totalPages",
    )


@dataclass(frozen=True, slots=True)
class Window:
    """A page as asked for, and as it will be given."""

    page: int
    size: int
    echoed_size: int
    start: int
    stop: int


def window(
    params: Mapping[str, str], manners: Manners, switches: Switches, most: int | None = None, over: str | None = None
) -> Window:
    """Read page number and size from the parameters; `most` and `over` overrule the switches. Raises BadPageError."""
    most, over = most or switches.page_size_max, over or switches.page_size_over_max
    page = _number(params, manners.page, manners.first, manners.first, switches)
    asked = _number(params, manners.size, DEFAULT_SIZE, 1, switches)
    size = asked
    if switches.page_size_ignored is not None:
        size = switches.page_size_ignored
    elif asked > most and over != "ignored":
        if over == "400":
            raise BadPageError(f"{manners.size} must be at most {most}")
        size = most
    start = (page - manners.first) * size
    if switches.deepest_row is not None and start + size > switches.deepest_row:
        raise BadPageError(f"only the first {switches.deepest_row} rows can be paged")
    if switches.page_size_echo == "applied" and over != "clamped_echo_requested":
        echoed = size
    else:
        echoed = size + 1 if switches.page_size_echo == "wrong" else asked
    return Window(page, size, echoed, start, start + size)


def _number(params: Mapping[str, str], name: str, default: int, least: int, switches: Switches) -> int:
    text = params.get(name)
    if text is None:
        return default
    value = int(text) if text.removeprefix("-").isdecimal() and text.isascii() and len(text) < 10 else least - 1  # noqa: PLR2004
    if value >= least:
        return value
    if switches.bad_page == "default":
        return default
    raise BadPageError(f"{name} must be an integer of at least {least}")


def page(
    count: int,
    asked: Window,
    manners: Manners,
    switches: Switches,
    ids_of: Callable[[int, int], list[str]],
    row_of: Callable[[str], bytes],
    head: Mapping[str, Any] | None = None,
) -> Answer:
    """Return the page as an answer. Raises BadPageError."""
    number, start, stop = asked.page, asked.start, asked.stop
    if start > 0 and start >= count:
        if switches.past_the_end in ("400", "404"):
            raise BadPageError("no such page", int(switches.past_the_end))
        if switches.past_the_end == "last_page" and count:
            number = (count - 1) // asked.size + manners.first
            start = (number - manners.first) * asked.size
            stop = start + asked.size
    ids = ids_of(start, stop)
    rows = b"[" + b",".join([row_of(record_id) for record_id in ids]) + b"]"
    return Answer(body=envelope(rows, number, asked, count, manners, switches, head), ids=ids)


def envelope(
    rows: bytes,
    number: int,
    asked: Window,
    count: int,
    manners: Manners,
    switches: Switches,
    head: Mapping[str, Any] | None,
) -> bytes:
    """Put the rows and what is said about them into one object, under the keys of the platform."""
    if not manners.data_key:
        return rows
    total = _told_total(count, switches)
    pages = -(-count // asked.size) or switches.empty_total_pages
    if switches.total_pages != "true":
        pages = 0 if switches.total_pages == "zero" else pages + 1
    body: dict[str, Any] = dict(head or {})
    _put(body, manners.data_key, msgspec.Raw(rows))
    for key, value in zip(manners.echo_keys, (number, asked.echoed_size, total, pages), strict=True):
        if value is not None:
            _put(body, key, value)
    return msgspec.json.encode(body)


def _told_total(count: int, switches: Switches) -> Any:
    told = switches.total_count
    if told == "capped":
        return min(count, 100)
    by_word: dict[str, Any] = {"plus_one": count + 1, "negative": -1, "zero": 0, "text": str(count), "absent": None}
    return by_word.get(told, count)


def _put(body: dict[str, Any], path: str, value: object) -> None:
    *parents, last = path.split(".")
    for name in parents:
        body = body.setdefault(name, {})
    body[last] = value


def whole(rows: Sequence[bytes], ids: Sequence[str], key: str = "data") -> Answer:
    """Return a list that comes whole, without pages."""
    return Answer(body=b'{"' + key.encode() + b'":[' + b",".join(rows) + b"]}", ids=ids)
