"""What goes wrong on the way: which requests are hit, and what becomes of their answers."""

# ruff: noqa: S311 - repeatable chance is wanted; nothing here is secret.

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any

from connector.sandbox import calls
from connector.sandbox.exchange import JSON, Answer, Delivery, as_json

if TYPE_CHECKING:
    from connector.sandbox.calls import Call
    from connector.sandbox.exchange import Request

HTML = "text/html; charset=utf-8"
BEFORE = ("429", "401", "status", "reset", "hang", "redirect", "html", "bomb", "huge", "deep")


@dataclass(frozen=True)
class Fault:
    """One kind of trouble and when it strikes.

    Kinds: `status` (5xx or any), `429`, `401`, `reset`, `hang` (then the connection breaks), `redirect`, `html` (status
    200), `bomb` (gzip), `huge`, `deep` come instead of an answer. `late`, `drip`, `cut`, `wrong_length`,
    `content_type`, `bad_utf8`, `nan`, `duplicate_keys`, `data_null`, `data_object`, `list_at_top`, `null`,
    `error_inside`, `no_data`, `no_pagination`, `empty` spoil the real one.

    It strikes at a `rate`, or at the numbers in `requests` (counted from 1 over all requests that its `path` begins),
    at most `times` times.
    """

    kind: str
    rate: float = 0.0
    requests: tuple[int, ...] = ()
    path: str = "/"
    method: str | None = None
    times: int | None = None
    status: int = 503
    retry_after: str | None = "seconds"
    """As the switch of that name; for 429 and status."""
    seconds: float = 1.0
    octets: int = 40
    location: str = "http://127.0.0.1:9/elsewhere"

    @property
    def instead_of_answering(self) -> bool:
        """Tell whether the request never reaches the route."""
        return self.kind in BEFORE

    def answer(self, call: Call) -> Answer:
        """Return what comes instead."""
        if self.kind == "429":
            answer = calls.too_many(call.switches, call.now, self.seconds, self.retry_after)
        elif self.kind == "401":
            answer = calls.refusal(call.switches, 401, "unauthorized", "No valid API key.")
        elif self.kind == "redirect":
            answer = Answer(self.status if self.status < 400 else 302, b"", {"Location": self.location}, None)  # noqa: PLR2004
        elif self.kind == "html":
            answer = Answer(200, calls.HTML, content_type=HTML)
        elif self.kind == "bomb":
            answer = Answer(200, _bomb(self.octets), {"Content-Encoding": "gzip"})
        elif self.kind == "huge":
            answer = Answer(200, b'{"data":[{"id":"' + b"x" * self.octets + b'"}]}')
        elif self.kind == "deep":
            answer = Answer(200, b'{"data":' + b"[" * self.octets + b"]" * self.octets + b"}")
        elif self.kind in ("reset", "hang"):
            answer = Answer(0, delivery=Delivery(self.kind, self.seconds))
        else:
            answer = as_json(self.status, {"error": "internal_error", "message": "Try again."})
            if self.retry_after is not None and self.status == 503:  # noqa: PLR2004
                answer.headers["Retry-After"] = "1"
        return answer

    def spoil(self, answer: Answer) -> Answer:
        """Return the real answer, spoilt."""
        if self.kind in ("late", "drip", "cut", "wrong_length"):
            answer.delivery = Delivery(self.kind, self.seconds, self.octets)
        elif self.kind == "content_type":
            answer.content_type = "text/plain"
        elif self.kind == "bad_utf8":
            answer.body = answer.body.replace(b'"id":"', b'"id":"\xff\xfe', 1)
        elif self.kind == "nan":
            answer.body = answer.body.replace(b'"id":', b'"weight":NaN,"id":', 1)
        elif self.kind == "duplicate_keys":
            answer.body = answer.body.replace(b'"id":', b'"id":"twice","id":', 1)
        elif answer.content_type == JSON and answer.body:
            answer.body = json.dumps(self._reshaped(json.loads(answer.body)), ensure_ascii=False).encode()
        return answer

    def _reshaped(self, body: Any) -> Any:
        rows = body.get("data") if isinstance(body, dict) else body
        rest = {name: value for name, value in body.items() if name != "data"} if isinstance(body, dict) else {}
        empty = {"page": 0, "pageSize": 100, "totalCount": 0, "totalPages": 0}
        shapes: dict[str, Any] = {
            "data_null": {**rest, "data": None},
            "data_object": {**rest, "data": {"0": rows}},
            "list_at_top": rows,
            "null": None,
            "error_inside": {"error": "internal_error", "message": "Try again."},
            "no_data": rest,
            "no_pagination": {"data": rows},
            "empty": {**rest, "data": [], "pagination": empty},
        }
        return shapes.get(self.kind, body)


@dataclass
class Faults:
    """Decides which request is hit by what."""

    seed: int = 0
    _kept: dict[int, Fault] = field(default_factory=dict)
    """Keeps each fault alive, so that its identity stays its own."""
    _matched: dict[int, int] = field(default_factory=dict)
    _struck: dict[int, int] = field(default_factory=dict)
    _chance: Random | None = None

    def strike(self, faults: list[Fault], request: Request) -> Fault | None:
        """Return the fault that hits this request, if any."""
        if not faults:
            return None
        if self._chance is None:
            self._chance = Random(f"faults {self.seed}")
        found = None
        for fault in faults:
            if not request.path.startswith(fault.path) or fault.method not in (None, request.method):
                continue
            place = id(fault)
            self._kept[place] = fault
            number = self._matched[place] = self._matched.get(place, 0) + 1
            spent = fault.times is not None and self._struck.get(place, 0) >= fault.times
            hit = number in fault.requests or (fault.rate > 0 and self._chance.random() < fault.rate)
            if hit and not spent and found is None:
                found = fault
                self._struck[place] = self._struck.get(place, 0) + 1
        return found


def _bomb(octets: int) -> bytes:
    """Return a small gzip stream that unpacks to so many octets."""
    return gzip.compress(b'{"data":["' + b"0" * octets + b'"]}', 9)
