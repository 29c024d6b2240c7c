"""The ASGI application: finds the route, lets faults interfere, dates and journals every reply."""

from __future__ import annotations

import asyncio
import socket
import struct
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

from connector.sandbox import calls, control, tailed, talent_ray, talent_ray_admin, talent_ray_writes
from connector.sandbox.calls import Call, Service
from connector.sandbox.exchange import Answer, Refused, Reply, Request, as_json
from connector.sandbox.faults import Faults
from connector.sandbox.kinds import TAILED, TALENT_RAY

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    from connector.sandbox.talent_ray import Route

ROUTES: tuple[Route, ...] = (*talent_ray.READING, *talent_ray_writes.WRITING, *talent_ray_admin.LEGACY)
PUBLIC = ("api", "public")
MOST_WAITS = 1000
BY_SIZE: dict[int, tuple[Route, ...]] = {
    size: tuple(route for route in ROUTES if len(route.path.strip("/").split("/")) == size) for size in range(1, 8)
}


class App:
    """Serves both APIs of a company, and the control plane beside them."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self._date = ("", b"")
        self._faults = Faults()

    def forget(self) -> None:
        """Begin to count faults anew."""
        self._faults = Faults()

    async def __call__(
        self,
        scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
        send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
    ) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        body = await _body(receive) if scope["method"] not in ("GET", "HEAD") else b""
        request = Request.of(scope, body)
        with self.service.company.lock:
            self.service.company.tick_along()
            answer, date = self._answer(request)
        await _deliver(answer, date, send)

    def _answer(self, request: Request) -> tuple[Answer, bytes]:
        if request.parts[0] == "sandbox":
            answer = control.answer(self.service, request)
        elif request.parts[0] == "api":
            answer = self._exchange(TALENT_RAY, request)
        else:
            answer = self._exchange(TAILED, request)
        return answer, self._dated()

    def _exchange(self, platform: str, request: Request) -> Answer:
        service = self.service
        company, switches = service.company, service.switches
        number = len(service.journal) + 1
        call = Call(service, request, company.world)
        if request.parts[:2] != PUBLIC:
            calls.identify(call, tailed.secret(call) if platform == TAILED else _secret(request))
        fault = self._faults.strike(switches.faults, request)
        try:
            if fault is not None and fault.instead_of_answering:
                answer = fault.answer(call)
            else:
                call.world = service.replicas.world(company, switches)
                answer = self._talent_ray(call) if platform == TALENT_RAY else tailed.answer(call)
                if fault is not None:
                    answer = fault.spoil(answer)
        except Refused as refused:
            answer = refused.answer
        reply = Reply(
            number,
            company.world.now,
            len(call.world.log),
            platform,
            request.method,
            request.path,
            request.params,
            call.key.id if call.key else None,
            answer.status,
            tuple(answer.ids),
            fault.kind if fault else None,
            service.monotonic(),
        )
        service.journal.append(reply)
        return answer

    def _talent_ray(self, call: Call) -> Answer:
        request = call.request
        known = [
            (route, ids)
            for route in BY_SIZE.get(len(request.parts), ())
            if (ids := route.ids(request.parts)) is not None
        ]
        matching = [(route, ids) for route, ids in known if route.method == request.method]
        if not matching:
            return as_json(405 if known else 404, {"error": "not_found", "message": "No such endpoint."})
        route, ids = matching[0]
        if route.surface == "public":
            return route.answer(call, ids)
        calls.admit(call, self.service.requests_per_minute)
        if route.surface == "admin" and call.seen_by().position != "admin":
            raise talent_ray_admin.legacy_error(403, "Forbidden - Admin access required")
        if route.scope is not None and route.scope not in call.scopes():
            raise talent_ray.failure(
                403,
                "insufficient_scope",
                f"This key lacks {route.scope}.",
                requiredScopes=[route.scope],
                grantedScopes=call.scopes(),
            )
        return route.answer(call, ids)

    def _dated(self) -> bytes:
        """Return the `Date` header: the virtual clock."""
        now = self.service.company.world.now
        stamp = now.isoformat()
        if self._date[0] != stamp:
            self._date = (stamp, format_datetime(now, usegmt=True).encode())
        return self._date[1]


def _secret(request: Request) -> str | None:
    header = request.headers.get("authorization", "")
    if header[:7].lower() == "bearer ":
        return header[7:].strip()
    return request.headers.get("x-api-key")


async def _body(receive: Callable[[], Awaitable[MutableMapping[str, Any]]]) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


async def _deliver(answer: Answer, date: bytes, send: Callable[[MutableMapping[str, Any]], Awaitable[None]]) -> None:
    """Put an answer on the wire, or what a fault leaves of it."""
    delivery = answer.delivery
    body, told = answer.body, len(answer.body)
    if delivery is not None:
        if delivery.manner == "hang":
            await asyncio.sleep(delivery.seconds)
        if delivery.manner in ("reset", "hang"):
            await _break(send, politely=False)
            return
        if delivery.manner == "cut":
            body = body[: delivery.octets]
        elif delivery.manner == "wrong_length":
            told = max(0, told + delivery.octets)
            body = body[:told]
        elif delivery.manner == "late":
            await asyncio.sleep(delivery.seconds)
    headers = [(b"date", date)]
    if answer.status != 204:  # noqa: PLR2004
        headers.append((b"content-length", str(told).encode()))
    if answer.content_type:
        headers.append((b"content-type", answer.content_type.encode()))
    headers += [(name.lower().encode(), value.encode()) for name, value in answer.headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    if delivery is not None and delivery.manner == "drip":
        for place in range(len(body)):
            await send({"type": "http.response.body", "body": body[place : place + 1], "more_body": True})
            await asyncio.sleep(delivery.seconds)
        await send({"type": "http.response.body", "body": b""})
        return
    if len(body) < told:
        await send({"type": "http.response.body", "body": body, "more_body": True})
        await _break(send, politely=True)
        return
    await send({"type": "http.response.body", "body": body})


async def _break(send: object, *, politely: bool) -> None:
    """End the connection: uvicorn's `send` is a method of the exchange that owns the transport."""
    exchange = getattr(send, "__self__", None)
    transport = getattr(exchange, "transport", None)
    if transport is None:
        return
    if politely:
        transport.close()
    else:
        plug = transport.get_extra_info("socket")
        plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    for _ in range(MOST_WAITS):
        if getattr(exchange, "disconnected", True):
            return
        await asyncio.sleep(0.001)
