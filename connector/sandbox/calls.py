"""What every route of an API goes through: key, rate, scope; and what it may use while answering."""

# ruff: noqa: S311 - repeatable chance is wanted; nothing here is secret.

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import format_datetime
from random import Random
from typing import TYPE_CHECKING

from connector.sandbox import shapes
from connector.sandbox.access import Key, RateLimit, Viewer, viewer
from connector.sandbox.churn import Churn
from connector.sandbox.exchange import Answer, Refused, Reply, Request, as_json
from connector.sandbox.replicas import Replicas
from connector.sandbox.views import View, Views

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from connector.sandbox.company import Company
    from connector.sandbox.log import Record
    from connector.sandbox.resources import Listing
    from connector.sandbox.switches import Switches
    from connector.sandbox.views import Filter
    from connector.sandbox.world import World

HTML = b"<!doctype html><html><head><title>Refused</title></head><body><h1>Not now</h1></body></html>"


@dataclass(slots=True)
class Service:
    """The company behind a counter: its switches, limits and journal."""

    company: Company
    switches: Switches
    requests_per_minute: int | None = 600
    tailed_requests_per_minute: int | None = 100
    rates: RateLimit = field(default_factory=RateLimit)
    views: Views = field(default_factory=Views)
    journal: list[Reply] = field(default_factory=list)
    churn: Churn = field(default_factory=lambda: Churn(0))
    replicas: Replicas = field(default_factory=Replicas)
    chance: Random = field(default_factory=lambda: Random(0))
    monotonic: Callable[[], float] = time.monotonic


@dataclass(slots=True)
class Call:
    """One request on its way through a route."""

    service: Service
    request: Request
    world: World
    key: Key | None = None
    viewer: Viewer | None = None

    @property
    def company(self) -> Company:
        """The company that is asked."""
        return self.service.company

    @property
    def switches(self) -> Switches:
        """The switches in force."""
        return self.service.switches

    @property
    def now(self) -> datetime:
        """The virtual instant."""
        return self.company.world.now

    def seen_by(self) -> Viewer:
        """Return the eyes of the key's owner."""
        if self.viewer is None:
            assert self.key is not None  # noqa: S101 - routes without a key do not ask
            self.viewer = viewer(self.company.world, self.key.user_id, self.switches)
        return self.viewer

    def scopes(self) -> tuple[str, ...]:
        """Return the scopes the key still has."""
        assert self.key is not None  # noqa: S101 - as above
        return tuple(scope for scope in self.key.scopes if scope not in self.switches.removed_scopes)

    def view(self, listing: Listing, filters: tuple[Filter, ...] = ()) -> View:
        """Return the list as the caller sees it."""
        look = shapes.look(self.switches, listing.name)
        render = shapes.renderer(self.switches, listing.name)
        return self.service.views.get(self.world, listing, self.seen_by(), self.switches, filters, look, render)

    def rendered(self, resource: str, rows: list[Record]) -> list[bytes]:
        """Return rows of a list that comes whole as JSON."""
        render = shapes.renderer(self.switches, resource)
        return [render(row) for row in rows]


def admit(call: Call, limit: int | None, *, tailed: bool = False) -> Key:
    """Check key and rate, in this order, and return the key. Raises Refused."""
    service, key = call.service, call.key
    if key is None or key.tailed != tailed:
        raise Refused(refusal(call.switches, 401, "unauthorized", "No valid API key."))
    sliding = call.switches.rate_window == "sliding"
    wait = service.rates.admit(key.id, service.monotonic(), limit, sliding=sliding)
    if wait > 0:
        raise Refused(too_many(call.switches, call.now, wait))
    return key


def identify(call: Call, secret: str | None) -> None:
    """Note whose request this is, for the limit, the usage log and the journal, before anything can go wrong."""
    service, request = call.service, call.request
    call.key = key = service.company.access.valid(secret, call.now)
    if key is None:
        return
    service.rates.see(key.id, service.monotonic())
    if call.switches.counts_usage:
        agent = request.headers.get("user-agent")
        service.company.access.note(key, call.now, request.method, request.path, request.ip, agent)


def too_many(switches: Switches, now: datetime, seconds: float, form: str | None = "") -> Answer:
    """Return a 429 with this form of `Retry-After`, else the one that the switches ask for."""
    answer = refusal(switches, 429, "too_many_requests", "Slow down.")
    whole = int(seconds) + 1
    forms = {
        "seconds": str(whole),
        "date": format_datetime(now + timedelta(seconds=whole), usegmt=True),
        "past_date": format_datetime(now - timedelta(hours=1), usegmt=True),
        "negative": "-5",
        "zero": "0",
        "fraction": f"{seconds:.2f}",
        "text": "soon",
        "huge": "86400",
    }
    form = switches.retry_after if form == "" else form
    if form is not None:
        answer.headers[switches.retry_header] = forms.get(form, form)
    return answer


def refusal(switches: Switches, status: int, code: str, message: str) -> Answer:
    """Return a 401 or 429 with the body that the switches ask for."""
    if switches.refusal_body == "empty":
        return Answer(status, b"", content_type=None)
    if switches.refusal_body == "html":
        return Answer(status, HTML, content_type="text/html; charset=utf-8")
    return as_json(status, {"error": code, "message": message})
