"""The manners of servers that we know nothing of: each leaves the reading whole and proven, or costs what is said."""

from __future__ import annotations

import json
from email.utils import formatdate
from time import time
from typing import Any

from tests.foreign.foreign_records import ODD_IDS
from tests.foreign.foreign_server import HTML, Manners

Reply = tuple[int, dict[str, str], bytes]


def now_and_then(status: int, headers: dict[str, str], body: bytes, times: int = 1) -> Any:
    """A fault of the first tries of about a third of the targets."""
    met: dict[str, int] = {}

    def fault(number: int, target: str) -> Reply | None:
        met[target] = met.get(target, 0) + 1
        return (status, headers, body) if met[target] <= times and sum(target.encode()) % 3 == 0 else None

    return fault


def at(path: str, status: int, body: bytes, **headers: str) -> Any:
    """A fault of one path, for ever."""
    return lambda number, target: (status, headers, body) if target.split("?")[0] == path else None


def soon(number: int, target: str) -> Reply | None:
    """Once a 429 that names an instant, as HTTP writes it."""
    return (429, {"Retry-After": formatdate(time() + 2, usegmt=True)}, b"") if number == 3 else None


Case = tuple[Manners, dict[str, Any]]
WHOLE: dict[str, Case] = {
    "as the references say": (Manners(), {}),
    "newest first, past the end 400": (Manners(order="newest_first", past_end="400"), {"count": 230}),
    "by id, past the end 404": (Manners(order="id", past_end="404"), {"count": 230}),
    "by change, the last page again": (Manners(order="updated", past_end="last_page"), {"count": 230}),
    "no rows, no pages": (Manners(), {"count": 0}),
    "no rows, one page": (Manners(pages_of_none=1), {"count": 0}),
    "no rows, past the end 404": (Manners(past_end="404"), {"count": 0}),
    "1 row": (Manners(), {"count": 1}),
    "2 rows": (Manners(past_end="404"), {"count": 2}),
    "99 rows": (Manners(), {"count": 99}),
    "100 rows": (Manners(), {"count": 100}),
    "100 rows, past the end 400": (Manners(past_end="400"), {"count": 100}),
    "100 rows, past the end 404": (Manners(past_end="404"), {"count": 100}),
    "100 rows, the last page again": (Manners(past_end="last_page"), {"count": 100}),
    "101 rows": (Manners(), {"count": 101}),
    "200 rows": (Manners(), {"count": 200}),
    "200 rows, past the end 404": (Manners(past_end="404"), {"count": 200}),
    "201 rows": (Manners(past_end="last_page"), {"count": 201}),
    "thousandths": (Manners(time=lambda text: text.replace("Z", ".123Z")), {"count": 20}),
    "millionths": (Manners(time=lambda text: text.replace("Z", ".123456Z")), {"count": 20}),
    "billionths": (Manners(time=lambda text: text.replace("Z", ".123456789Z")), {"count": 20}),
    "+00:00": (Manners(time=lambda text: text.replace("Z", "+00:00")), {"count": 110}),
    "another zone": (Manners(time=lambda text: text.replace("Z", "+03:00")), {"count": 20}),
    "scores with decimals": (Manners(number=float), {"count": 20}),
    "unknown parameters are refused": (Manners(strict=True), {"count": 120}),
    "fields of tomorrow": (Manners(extra=True), {"count": 20}),
    "fields left out": (Manners(), {"count": 110, "sparse": True}),
    "odd ids": (Manners(order="id"), {"count": 60, "ids": ODD_IDS}),
    "numbers as ids": (Manners(order="id"), {"count": 120, "ids": tuple(range(1, 121))}),
    "scopes are not told": (Manners(me={"auth": {"type": "api_key"}}), {"count": 20}),
    "a session": (Manners(me={"auth": {"type": "session"}}), {"count": 20}),
    "nobody is told": (Manners(me={"user": None, "auth": None}), {"count": 20}),
    "HTTP/1.0": (Manners(protocol="HTTP/1.0", keep_alive=False), {"count": 110}),
    "no connection is kept": (Manners(keep_alive=False), {"count": 110}),
    "in chunks": (Manners(chunked=True), {"count": 110}),
    "compressed": (Manners(compressed=True), {"count": 110}),
    "compressed, in chunks": (Manners(compressed=True, chunked=True), {"count": 110}),
    "a slow first byte": (Manners(first_byte_seconds=0.1), {"count": 12}),
    "a charset": (Manners(content_type="application/json; charset=UTF-8"), {"count": 20}),
    "no type": (Manners(content_type=None), {"count": 20}),
    "no date": (Manners(date=False), {"count": 20}),
    "HTML now and then": (Manners(faults=now_and_then(200, {"Content-Type": "text/html"}, HTML)), {"count": 9}),
    "500 now and then": (Manners(faults=now_and_then(500, {}, b'{"error":"internal_error"}')), {"count": 9}),
    "503 of a gateway": (Manners(faults=now_and_then(503, {"Retry-After": "0"}, HTML)), {"count": 9}),
    "429 with a date": (Manners(faults=soon), {"count": 9}),
}
"""Whole, proven, exit 0."""

WAITING: dict[str, Case] = {
    "429 with seconds": (Manners(faults=now_and_then(429, {"Retry-After": "1"}, b"")), {"count": 6}),
    "429 with nonsense": (Manners(faults=now_and_then(429, {"Retry-After": "soon"}, HTML)), {"count": 3}),
    "429 without a word": (Manners(faults=now_and_then(429, {}, b"{}")), {"count": 3}),
    "500 twice running": (Manners(faults=now_and_then(500, {}, b"", times=2)), {"count": 6}),
}
"""The same, but most of the time is spent waiting."""

TALENT_RAY: dict[str, Case] = {
    "no totalCount": (Manners(leave=("totalCount",)), {"count": 230}),
    "totalCount null": (Manners(count=lambda _: None), {"count": 200}),
    "no pagination": (Manners(pagination=False), {"count": 200}),
    "no pagination, past the end 404": (Manners(pagination=False, past_end="404"), {"count": 100}),
    "no page": (Manners(leave=("page",)), {"count": 101}),
    "no pageSize": (Manners(leave=("pageSize",)), {"count": 101}),
    "no totalPages": (Manners(leave=("totalPages",)), {"count": 101}),
    "seven too few": (Manners(count=lambda rows: max(0, rows - 7)), {"count": 230}),
    "none": (Manners(count=lambda _: 0), {"count": 230}),
    "negative": (Manners(count=lambda _: -1), {"count": 130}),
    "capped at 100": (Manners(count=lambda rows: min(rows, 100)), {"count": 230}),
}
"""Wrong or missing totals: Talent-Ray's lists are whole and proven (Tailed's are refused, since they are assumed)."""


def json_body(**found: Any) -> bytes:
    """A body."""
    return json.dumps(found).encode()
