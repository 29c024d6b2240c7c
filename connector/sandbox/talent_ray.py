"""The reading half of the Talent-Ray API, and the order in which a request is checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from connector.sandbox import paging, resources
from connector.sandbox.exchange import Answer, Refused, as_json
from connector.sandbox.kinds import ASSIGNMENT, BATCH, CANDIDATE, LEAD, LEAD_ROLE, ROLE, TEST, USER
from connector.sandbox.paging import BadPageError, Manners
from connector.sandbox.views import Filter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from connector.sandbox.calls import Call
    from connector.sandbox.kinds import Kind
    from connector.sandbox.log import Record
    from connector.sandbox.resources import Listing
    from connector.sandbox.world import World

MANNERS = Manners()
PAGE_PARAMETERS = frozenset({"page", "pageSize"})
Surface = Literal["v1", "admin", "public"]


@dataclass(frozen=True, slots=True)
class Route:
    """One documented endpoint. `{}` in the path stands for an id."""

    method: str
    path: str
    answer: Callable[[Call, list[str]], Answer]
    scope: str | None = None
    surface: Surface = "v1"

    def ids(self, parts: tuple[str, ...]) -> list[str] | None:
        """Return the ids in a path of this route, or None when it is another one."""
        pattern = self.path.strip("/").split("/")
        if len(pattern) != len(parts):
            return None
        found = []
        for expected, part in zip(pattern, parts, strict=True):
            if expected == "{}" and part:
                found.append(part)
            elif expected != part:
                return None
        return found


def failure(status: int, code: str, message: str, **more: object) -> Refused:
    """Return an error of `/api/v1`, to raise."""
    return Refused(as_json(status, {"error": code, "message": message, **more}))


def bad_request(message: str, *details: str) -> Refused:
    """Return a 400 of `/api/v1`, to raise."""
    return failure(400, "bad_request", message, **({"details": list(details)} if details else {}))


def check_parameters(call: Call, allowed: frozenset[str]) -> None:
    """Refuse query parameters nobody documented, where the switches say so."""
    if call.switches.unknown_parameter == "400":
        unknown = sorted(set(call.request.params) - allowed)
        if unknown:
            raise bad_request("Unknown query parameter.", *unknown)


# Filters: name of the parameter -> does the row stay


def _active_role(world: World, record: Record, value: str) -> bool:
    links = world.related(ASSIGNMENT, "candidateId", record["id"])
    return any(link["roleId"] == value and link["status"].lower() == "in pipeline" for link in links)


def _lead_role(world: World, record: Record, value: str) -> bool:
    return any(link["roleId"] == value for link in world.related(LEAD_ROLE, "leadId", record["id"]))


def _equal(name: str) -> Callable[[World, Record, str], bool]:
    def keeps(_world: World, record: Record, value: str) -> bool:
        return bool(record[name] == value)

    return keeps


FILTERS: Mapping[Kind, Mapping[str, Callable[[World, Record, str], bool]]] = {
    CANDIDATE: {"roleId": _active_role},
    ROLE: {"organizationId": _equal("organizationId"), "status": _equal("status")},
    TEST: {name: _equal(name) for name in ("type", "analysisCategory", "language")},
    LEAD: {"roleId": _lead_role, "status": _equal("status")},
}


def _list(listing: Listing) -> Callable[[Call, list[str]], Answer]:
    filters = FILTERS[listing.kind]
    allowed = PAGE_PARAMETERS | set(filters)

    def answer(call: Call, _ids: list[str]) -> Answer:
        params, switches = call.request.params, call.switches
        check_parameters(call, frozenset(allowed))
        try:
            asked = paging.window(params, MANNERS, switches)
            chosen = tuple(Filter(name, params[name], keeps) for name, keeps in filters.items() if name in params)
            call.service.churn.before(call, listing, asked.start)
            view = call.view(listing, chosen)
            count = 0 if listing.resource in switches.empty_lists else len(view)
            stop = count if listing.resource in switches.empty_lists else None
            return paging.page(
                count,
                asked,
                MANNERS,
                switches,
                lambda start, end: view.ids(start, end if stop is None else stop, call.service.chance),
                view.row,
            )
        except BadPageError as bad:
            code = "not_found" if bad.status == 404 else "bad_request"  # noqa: PLR2004
            raise failure(bad.status, code, str(bad)) from None

    return answer


def visible(call: Call, kind: Kind, record_id: str) -> Record:
    """Return a record the caller may see; otherwise 404, whether it exists or not."""
    record = call.world.find(kind, record_id)
    if record is None or not call.seen_by().sees(call.world, kind, record):
        raise failure(404, "not_found", f"No such {kind.entity}.")
    return record


def one(call: Call, listing: Listing, record_id: str) -> Answer:
    """Return one record of a list, without an envelope."""
    visible(call, listing.kind, record_id)
    return Answer(body=call.view(listing).row(record_id), ids=[record_id])


def _one(listing: Listing) -> Callable[[Call, list[str]], Answer]:
    def answer(call: Call, ids: list[str]) -> Answer:
        return one(call, listing, ids[0])

    return answer


def _me(call: Call, _ids: list[str]) -> Answer:
    key = call.key
    assert key is not None  # noqa: S101 - the route needs a key
    user = call.world.get(USER, key.user_id)
    demoted = call.switches.demoted_to is not None and call.switches.demotion_shows_in_me
    role = "user" if demoted else user["platformRole"]
    who = {"id": user["id"], "email": user["email"], "role": role}
    return as_json(200, {"user": who, "auth": {"type": "api_key", "keyId": key.id, "scopes": call.scopes()}})


def _candidate_steps(call: Call, ids: list[str]) -> Answer:
    visible(call, CANDIDATE, ids[0])
    rows = resources.candidate_steps(call.world, ids[0])
    return paging.whole(call.rendered("candidate_steps", rows), [row["id"] for row in rows])


def _role_steps(call: Call, ids: list[str]) -> Answer:
    visible(call, ROLE, ids[0])
    rows = resources.role_steps(call.world, ids[0])
    return paging.whole(call.rendered("role_steps", rows), [row["id"] for row in rows])


def _batch(call: Call, ids: list[str]) -> Answer:
    found = resources.batch(call.world, ids[0], call.seen_by())
    if found is None:
        raise failure(404, "not_found", f"No such {BATCH.entity}.")
    progress, members = found
    check_parameters(call, PAGE_PARAMETERS)
    by_id = {member["id"]: member for member in members}
    order = list(by_id)
    try:
        asked = paging.window(call.request.params, MANNERS, call.switches)
        return paging.page(
            len(order),
            asked,
            MANNERS,
            call.switches,
            lambda start, stop: order[start:stop],
            lambda lead_id: call.rendered("cv_screening", [by_id[lead_id]])[0],
            progress,
        )
    except BadPageError as bad:
        raise failure(bad.status, "bad_request", str(bad)) from None


READING = (
    Route("GET", "/api/v1/me", _me),
    Route("GET", "/api/v1/candidates", _list(resources.CANDIDATES), "candidates:read"),
    Route("GET", "/api/v1/candidates/{}", _one(resources.CANDIDATES), "candidates:read"),
    Route("GET", "/api/v1/candidates/{}/steps", _candidate_steps, "pipeline:read"),
    Route("GET", "/api/v1/roles", _list(resources.ROLES), "roles:read"),
    Route("GET", "/api/v1/roles/{}", _one(resources.ROLES), "roles:read"),
    Route("GET", "/api/v1/roles/{}/steps", _role_steps, "pipeline:read"),
    Route("GET", "/api/v1/tests", _list(resources.TESTS), "tests:read"),
    Route("GET", "/api/v1/tests/{}", _one(resources.TESTS), "tests:read"),
    Route("GET", "/api/v1/sourcing", _list(resources.LEADS), "sourcing:read"),
    Route("GET", "/api/v1/sourcing/{}", _one(resources.LEADS), "sourcing:read"),
    Route("GET", "/api/v1/cv-screening/batches/{}", _batch, "cv-screening:read"),
)
