"""A request, its answer, and the journal of both."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl, unquote

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

JSON = "application/json"


class Reply(NamedTuple):
    """One line of the journal: what was asked, when, and which rows the answer held."""

    number: int
    at: datetime
    """Virtual instant, as the `Date` header told it."""
    position: int
    """Length of the event log when the answer was made: it shows the state after so many events."""
    platform: str
    method: str
    path: str
    params: Mapping[str, str]
    key_id: str | None
    status: int
    ids: tuple[str, ...]
    fault: str | None
    """Kind of the fault injected, if any: what was sent then is not what `ids` says."""
    monotonic: float
    """Real seconds, for distances between requests."""


@dataclass(slots=True)
class Request:
    """What came over the wire, taken apart."""

    method: str
    path: str
    params: dict[str, str]
    headers: Mapping[str, str]
    body: bytes = b""
    ip: str = "127.0.0.1"
    parts: tuple[str, ...] = ()

    @classmethod
    def of(cls, scope: Mapping[str, Any], body: bytes) -> Request:
        """Read the request out of an ASGI scope; escaped slashes stay inside their segment."""
        raw = scope["raw_path"].decode("latin-1")
        query = scope["query_string"].decode("latin-1")
        params = dict(parse_qsl(query, keep_blank_values=True)) if query else {}
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        client = scope.get("client") or ("127.0.0.1", 0)
        parts = tuple(unquote(part) if "%" in part else part for part in raw.strip("/").split("/"))
        return cls(scope["method"], raw, params, headers, body, client[0], parts)


@dataclass(slots=True)
class Delivery:
    """How an answer goes onto the wire when it does not simply go: reset, hang, drip, cut or wrong_length."""

    manner: str
    seconds: float = 0.0
    octets: int = 0


@dataclass(slots=True)
class Answer:
    """Status, body and headers; `ids` are for the journal."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str | None = JSON
    ids: Sequence[str] = ()
    delivery: Delivery | None = None


class Refused(Exception):  # noqa: N818 - an answer, not a mistake of ours
    """The request ends here, with this answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def as_json(status: int, value: object, **headers: str) -> Answer:
    """Return an answer with a JSON body."""
    return Answer(status, msgspec.json.encode(value), {name.replace("_", "-"): text for name, text in headers.items()})
