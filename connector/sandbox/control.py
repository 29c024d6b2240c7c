"""The control plane for other processes: under `/sandbox/`, which no API has."""

from __future__ import annotations

from dataclasses import asdict, fields, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from connector.sandbox.exchange import Answer, as_json
from connector.sandbox.faults import Fault
from connector.sandbox.shapes import Drift
from connector.sandbox.switches import Switches, TailedShape

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from connector.sandbox.calls import Service
    from connector.sandbox.exchange import Request
    from connector.sandbox.log import Record

LIMITS = ("requests_per_minute", "tailed_requests_per_minute")
INSTANTS = ("At", "Date")


def answer(service: Service, request: Request) -> Answer:
    """Answer a request of the control plane."""
    act = ACTS.get((request.method, "/".join(request.parts[1:])))
    if act is None:
        return as_json(404, {"error": f"there are {sorted(f'{method} /sandbox/{name}' for method, name in ACTS)}"})
    try:
        body = msgspec.json.decode(request.body) if request.body else {}
        return as_json(200, act(service, request.params, body))
    except (KeyError, TypeError, ValueError) as problem:
        return as_json(400, {"error": f"{type(problem).__name__}: {problem}"})


def _advance(service: Service, _params: Mapping[str, str], body: Record) -> object:
    return {"now": service.company.advance(**body)}


def _switches(service: Service, _params: Mapping[str, str], body: Record) -> object:
    """Change the named switches; `{"reset": true}` first sets all of them back."""
    if body.pop("reset", False):
        service.switches = Switches()
    for name in LIMITS:
        if name in body:
            setattr(service, name, body.pop(name))
    service.switches = changed(service.switches, body)
    return asdict(service.switches)


def changed(switches: Switches, changes: Record) -> Switches:
    """Return switches with some of them set from JSON values. Raises TypeError for one that does not exist."""
    known = {field.name: getattr(switches, field.name) for field in fields(switches)}
    values: dict[str, Any] = {}
    for name, value in changes.items():
        if name == "faults":
            values[name] = [Fault(**_tuples(fault)) for fault in value]
        elif name == "drift":
            values[name] = [Drift(**_tuples(drift)) for drift in value]
        elif name == "tailed":
            values[name] = replace(known.get(name, TailedShape()), **value)
        else:
            values[name] = tuple(value) if isinstance(known.get(name), tuple) else value
    return replace(switches, **values)


def _tuples(fields_given: Record) -> Record:
    return {
        name: tuple(value) if isinstance(value, list) and name in ("requests", "ids") else value
        for name, value in fields_given.items()
    }


def _edit(service: Service, _params: Mapping[str, str], body: Record) -> object:
    """Do `{"act": insert|update|delete|hide|show, "platform", "resource", "id", "fields", "silent"}`."""
    company = service.company
    act, platform, resource = body["act"], body["platform"], body["resource"]
    given = {name: _value(name, value) for name, value in body.get("fields", {}).items()}
    if act == "insert":
        return {"id": company.insert(platform, resource, **given)}
    if act == "update":
        company.update(platform, resource, body["id"], silent=body.get("silent", False), **given)
    elif act in ("delete", "hide", "show"):
        getattr(company, act)(platform, resource, body["id"])
    else:
        raise ValueError(f"no act {act!r}")
    return {"id": body["id"]}


def _value(name: str, value: object) -> object:
    """Read the instants among the fields: those are named so by both APIs."""
    if name.endswith(INSTANTS) and isinstance(value, str):
        return datetime.fromisoformat(value)
    return value


def _truth(service: Service, params: Mapping[str, str], _body: Record) -> object:
    return service.company.truth(params["platform"], params["resource"])


def _journal(service: Service, params: Mapping[str, str], _body: Record) -> object:
    start = int(params.get("since", "0"))
    return [reply._asdict() for reply in service.journal[start:]]


def _log(service: Service, params: Mapping[str, str], _body: Record) -> object:
    start = int(params.get("since", "0"))
    return [event._asdict() for event in service.company.log[start:]]


def _state(service: Service, _params: Mapping[str, str], _body: Record) -> object:
    company = service.company
    return {
        "now": company.now,
        "seed": company.seed,
        "events": len(company.log),
        "requests": len(service.journal),
        "records": {f"{kind.platform}.{kind.entity}": len(rows) for kind, rows in company.world.tables.items()},
        "busiest_minute": {key_id: service.rates.busiest(key_id) for key_id in company.access.keys},
        "requests_per_minute": service.requests_per_minute,
        "tailed_requests_per_minute": service.tailed_requests_per_minute,
        "switches": asdict(service.switches),
    }


def _edit_some(service: Service, _params: Mapping[str, str], body: Record) -> object:
    """Edit a random share of a list: `{"platform", "resource", "share"}`."""
    return {"edited": service.company.edit_some(body["platform"], body["resource"], body["share"])}


ACTS: Mapping[tuple[str, str], Callable[[Service, Mapping[str, str], Record], object]] = {
    ("POST", "advance"): _advance,
    ("POST", "switches"): _switches,
    ("POST", "edit"): _edit,
    ("POST", "edit-some"): _edit_some,
    ("GET", "truth"): _truth,
    ("GET", "journal"): _journal,
    ("GET", "log"): _log,
    ("GET", "state"): _state,
}
