"""A plain server of both APIs, written from their references alone; what they leave open is a matter of manners."""

from __future__ import annotations

import gzip
import json
import re
import threading
import time
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tests.foreign.foreign_records import Record, Records

KEY = "tr_" + "F" * 64
TAILED_KEY = "tailed-key-of-a-foreign-server"
HTML = b"<!doctype html><html><body>Bad gateway</body></html>"


@dataclass(frozen=True)
class Manners:
    """How the server does what the references do not say."""

    past_end: str = "empty"  # 400, 404, last_page
    largest: int = 100  # rows on a page, whatever is asked
    over: str = "clamped"  # echo_asked, 400
    pages_of_none: int = 0
    count: Callable[[int], Any] = int  # what is told as totalCount
    leave: tuple[str, ...] = ()  # keys that the pagination does not have
    pagination: bool = True
    strict: bool = False  # unknown parameters are refused
    order: str = "as it is"  # newest_first, id, updated
    time: Callable[[str], str] = str  # how instants are written
    number: Callable[[int], Any] = int  # how scores are written
    extra: bool = False  # fields nobody declared, at each level
    me: Mapping[str, Any] = field(default_factory=dict)
    not_found: bytes = b'{"error":"not_found","message":"absent"}'
    faults: Callable[[int, str], tuple[int, dict[str, str], bytes] | None] = lambda number, path: None
    limit: int | None = None  # requests in a window
    window: str = "sliding"  # fixed
    window_seconds: float = 60.0
    protocol: str = "HTTP/1.1"
    keep_alive: bool = True
    chunked: bool = False
    compressed: bool = False
    first_byte_seconds: float = 0.0
    content_type: str | None = "application/json"
    date: bool = True


class Foreign:
    """The server: its records, its manners, and what it was asked."""

    def __init__(self, records: Records, manners: Manners) -> None:
        self.records = records
        self.manners = manners
        self.asked: list[str] = []
        self.refused = 0
        self.url = ""
        self._sent: deque[float] = deque()
        self._lock = threading.Lock()

    def settings(self) -> dict[str, str]:
        """The environment that points here."""
        return {
            "SOURCES__TALENT_RAY__API_KEY": KEY,
            "SOURCES__TALENT_RAY__BASE_URL": self.url,
            "SOURCES__TAILED__API_KEY": TAILED_KEY,
            "SOURCES__TAILED__BASE_URL": self.url,
            "SOURCES__TALENT_RAY__REQUESTS_PER_MINUTE": "60000",
            "SOURCES__TAILED__REQUESTS_PER_MINUTE": "60000",
            "PRIVACY__PROFILE": "full",
        }

    def reply(self, target: str, headers: Mapping[str, str]) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body for a target."""
        with self._lock:
            self.asked.append(target)
            number = len(self.asked)
            too_many = self._is_too_many()
        parts = urlsplit(target)
        segments = [unquote(part) for part in parts.path.split("/")[1:]]
        key = headers.get("Authorization", "")
        if key != f"Bearer {TAILED_KEY if segments[0] == 'v1' else KEY}":
            return 401, {}, b""
        if too_many:
            self.refused += 1
            return 429, {"Retry-After": "1"}, b""
        if fault := self.manners.faults(number, target):
            return fault
        status, found = self._found(segments, dict(parse_qsl(parts.query, keep_blank_values=True)))
        if status == 404 and found is None:
            return 404, {}, self.manners.not_found
        return status, {}, json.dumps(self._told(found), ensure_ascii=False).encode()

    def _is_too_many(self) -> bool:
        manners, now = self.manners, time.monotonic()
        if manners.limit is None:
            return False
        since = now % manners.window_seconds if manners.window == "fixed" else manners.window_seconds
        while self._sent and self._sent[0] <= now - since:
            self._sent.popleft()
        if len(self._sent) >= manners.limit:
            return True
        self._sent.append(now)
        return False

    def _found(self, segments: list[str], query: dict[str, str]) -> tuple[int, Any]:
        records = self.records
        match segments:
            case ["api", "v1", "me"]:
                return 200, {
                    "user": {"id": "user_7", "email": "warehouse@example.com", "role": "user"},
                    "auth": {"type": "api_key", "keyId": "apikey_7", "scopes": SCOPES_OF_ALL},
                } | dict(self.manners.me)
            case ["api", "v1", "candidates", one, "steps"]:
                return self._steps(records.candidates, records.candidate_steps, one)
            case ["api", "v1", "roles", one, "steps"]:
                return self._steps(records.roles, records.role_steps, one)
            case ["api", "v1", resource, one]:
                found = [record for record in self._list(resource) or () if str(record["id"]) == one]
                return (200, found[0]) if found else (404, None)
            case ["api", "v1", resource] | ["v1", resource] | ["v1", "analytics", resource]:
                listed = self._list(resource if segments[0] == "api" else f"tailed {resource}")
                return (404, None) if listed is None else self._page(listed, query)
        return 404, None

    def _list(self, name: str) -> list[Record] | None:
        records = self.records
        return {
            "candidates": records.candidates,
            "roles": records.roles,
            "tests": records.tests,
            "sourcing": records.leads,
            "tailed jobs": records.jobs,
            "tailed candidates": records.people,
            "tailed applications": records.applications,
            "tailed snapshots": records.snapshots,
        }.get(name)

    def _steps(self, owners: list[Record], steps: dict[str, list[Record]], one: str) -> tuple[int, Any]:
        found = [owner["id"] for owner in owners if str(owner["id"]) == one]
        return (200, {"data": steps.get(found[0], [])}) if found else (404, None)

    def _page(self, listed: list[Record], query: dict[str, str]) -> tuple[int, Any]:
        manners = self.manners
        if manners.strict and set(query) - {"page", "pageSize"}:
            return 400, {"error": "bad_request", "message": "unknown parameter"}
        page, asked = int(query.get("page", "0")), int(query.get("pageSize", "20"))
        if page < 0 or asked < 1 or (asked > manners.largest and manners.over == "400"):
            return 400, {"error": "bad_request", "message": "bad page"}
        size = min(asked, manners.largest)
        listed = self._ordered(listed)
        total = len(listed)
        pages = -(-total // size) or manners.pages_of_none
        if page and page * size >= total:
            if manners.past_end in ("400", "404"):
                return int(manners.past_end), {"error": "bad_request", "message": "no such page"}
            if manners.past_end == "last_page" and total:
                page = (total - 1) // size
        told = {
            "page": page,
            "pageSize": asked if manners.over == "echo_asked" else size,
            "totalCount": manners.count(total),
            "totalPages": pages,
        }
        rows = listed[page * size : (page + 1) * size]
        told = {name: value for name, value in told.items() if name not in manners.leave}
        return 200, {"data": rows} | ({"pagination": told} if manners.pagination else {})

    def _ordered(self, listed: list[Record]) -> list[Record]:
        match self.manners.order:
            case "newest_first":
                return sorted(listed, key=lambda one: (one.get("createdAt", ""), one["id"]), reverse=True)
            case "id":
                return sorted(listed, key=lambda one: one["id"])
            case "updated":
                return sorted(listed, key=lambda one: (one.get("updatedAt", ""), one["id"]))
        return listed

    def _told(self, found: Any, name: str = "") -> Any:
        """The records in the server's own hand."""
        if isinstance(found, dict):
            more = {"aFieldOfTomorrow": {"x": [1]}} if self.manners.extra and "id" in found else {}
            return {key: self._told(value, key) for key, value in found.items()} | more
        if isinstance(found, list):
            return [self._told(one) for one in found]
        if isinstance(found, str) and name.endswith("At"):
            return self.manners.time(found)
        return self.manners.number(found) if name.endswith("Score") and found is not None else found


SCOPES_OF_ALL = ["candidates:read", "roles:read", "pipeline:read", "tests:read", "sourcing:read", "cv-screening:read"]


def _handler(foreign: Foreign) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = foreign.manners.protocol
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            manners = foreign.manners
            status, headers, body = foreign.reply(self.path, self.headers)
            if manners.first_byte_seconds:
                time.sleep(manners.first_byte_seconds)
            self.send_response_only(status)
            if manners.date:
                self.send_header("Date", formatdate(usegmt=True))
            if manners.content_type is not None and "Content-Type" not in headers:
                self.send_header("Content-Type", manners.content_type)
            for name, value in headers.items():
                self.send_header(name, value)
            if manners.compressed and "gzip" in self.headers.get("Accept-Encoding", ""):
                body = gzip.compress(body)
                self.send_header("Content-Encoding", "gzip")
            if not manners.keep_alive:
                self.send_header("Connection", "close")
                self.close_connection = True
            if manners.chunked:
                self.send_header("Transfer-Encoding", "chunked")
                pieces = re.findall(rb"(?s).{1,1000}", body)
                body = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
            elif manners.protocol == "HTTP/1.1":
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    return Handler


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, *_: Any) -> None:
        """A client that hangs up is no news."""


@contextmanager
def foreign(records: Records, manners: Manners | None = None) -> Iterator[Foreign]:
    """Serve the records on loopback."""
    found = Foreign(records, manners or Manners())
    server = _Quiet(("127.0.0.1", 0), _handler(found))
    found.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
