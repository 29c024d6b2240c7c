"""The writing half of the Talent-Ray API: PATCH, POST and DELETE of `/api/v1`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from connector.sandbox import resources
from connector.sandbox.exchange import Answer
from connector.sandbox.kinds import LEAD, LEAD_ORGANIZATION, ORGANIZATION, ROLE
from connector.sandbox.talent_ray import Route, bad_request, failure, one, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from connector.sandbox.calls import Call
    from connector.sandbox.kinds import Kind
    from connector.sandbox.log import Record
    from connector.sandbox.resources import Listing

PHONE = re.compile(r"\+?\d{7,15}")
EMAIL = re.compile(r"[^@]+@[^@]+")


@dataclass(frozen=True, slots=True)
class Field:
    """What a body may say about one field."""

    types: tuple[type, ...]
    check: str | None = None
    """email, phone, or the name of a documented set."""


TEXT = Field((str,))
MAYBE_TEXT = Field((str, type(None)))
MAYBE_NUMBER = Field((int, type(None)))
EMAIL_FIELD = Field((str, type(None)), "email")
PHONE_FIELD = Field((str, type(None)), "phone")
SETS = {"work_type": ("remote", "hybrid", "onsite", None)}

CANDIDATE_BODY = {"fullName": TEXT, "status": TEXT, "email": EMAIL_FIELD, "phone": PHONE_FIELD, "summary": MAYBE_TEXT}
ROLE_BODY = {
    "name": TEXT,
    "status": TEXT,
    "isPublic": Field((bool,)),
    "salaryMin": MAYBE_NUMBER,
    "salaryMax": MAYBE_NUMBER,
    "targetHireCount": MAYBE_NUMBER,
    "priority": MAYBE_TEXT,
    "department": MAYBE_TEXT,
    "location": MAYBE_TEXT,
    "workType": Field((str, type(None)), "work_type"),
    "salaryCurrency": MAYBE_TEXT,
    "salaryPeriod": MAYBE_TEXT,
    "roleLevel": MAYBE_TEXT,
}
TEST_BODY = dict.fromkeys(("name", "description", "analysisCategory", "language", "type"), TEXT) | {
    "targetPersona": MAYBE_TEXT,
    "duration": Field((int,)),
}
LEAD_BODY = {
    "fullName": TEXT,
    "status": TEXT,
    "email": EMAIL_FIELD,
    "contactEmail": EMAIL_FIELD,
    "phone": PHONE_FIELD,
    "summary": MAYBE_TEXT,
    "skills": Field((list,)),
}
NEW_LEAD_BODY = LEAD_BODY | {"organizationId": TEXT}


def _body(call: Call) -> Record:
    try:
        body = msgspec.json.decode(call.request.body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise bad_request("The body is not JSON.") from None
    if not isinstance(body, dict):
        raise bad_request("The body is not an object.")
    return body


def _accepted(call: Call, body: Record, fields: Mapping[str, Field]) -> Record:
    """Return what a body may change; fields nobody knows are ignored."""
    changes = {name: value for name, value in body.items() if name in fields}
    if not body or (not changes and call.switches.patch_unknown_only == "400"):
        raise bad_request("Nothing to change.")
    complaints = [
        complaint for name, value in changes.items() if (complaint := _complaint(call, name, value, fields[name]))
    ]
    if complaints:
        raise bad_request("Some fields are not valid.", *complaints)
    return changes


def _complaint(call: Call, name: str, value: Any, field: Field) -> str | None:
    # A boolean is an int to Python, not to the API.
    if not isinstance(value, field.types) or (isinstance(value, bool) and bool not in field.types):
        return f"{name} has the wrong type"
    if isinstance(value, list) and not all(isinstance(item, str) for item in value):
        return f"{name} must hold strings"
    if field.check in SETS and value not in SETS[field.check] and call.switches.patch_unlisted_value == "400":
        return f"{name} is not one of the listed values"
    if isinstance(value, str) and call.switches.contact_check:
        pattern = {"email": EMAIL, "phone": PHONE}.get(field.check or "")
        if pattern is not None and not pattern.fullmatch(value):
            return f"{name} is not well-formed"
    return None


def _organizations(call: Call, kind: Kind, record: Record) -> Collection[str]:
    if kind is ROLE:
        return (record["organizationId"],)
    if kind is LEAD:
        return [link["organizationId"] for link in call.world.related(LEAD_ORGANIZATION, "leadId", record["id"])]
    return tuple(record["organizationIds"])


def _check_authority(call: Call, organizations: Collection[str]) -> None:
    if not call.seen_by().may_write(organizations):
        raise failure(403, "forbidden", "The owner of this key may not write here.")


def _patch(listing: Listing, fields: Mapping[str, Field]) -> Callable[[Call, list[str]], Answer]:
    def answer(call: Call, ids: list[str]) -> Answer:
        record = visible(call, listing.kind, ids[0])
        _check_authority(call, _organizations(call, listing.kind, record))
        changes = _accepted(call, _body(call), fields)
        # The clock of the row moves also when it already was as asked.
        call.company.world.update(listing.kind, ids[0], "edited", **changes, updatedAt=call.now)
        return one(call, listing, ids[0])

    return answer


def _create_lead(call: Call, _ids: list[str]) -> Answer:
    body = _body(call)
    changes = _accepted(call, body, NEW_LEAD_BODY)
    missing = [name for name in ("fullName", "organizationId") if name not in changes]
    if missing:
        raise bad_request("Required fields are missing.", *missing)
    organization_id = changes.pop("organizationId")
    if call.world.find(ORGANIZATION, organization_id) is None:
        raise bad_request("Unknown organization.")
    _check_authority(call, (organization_id,))
    given: Record = {
        "email": None,
        "contactEmail": None,
        "phone": None,
        "summary": None,
        "skills": [],
        "status": "uploaded",
    }
    lead_id = call.company.talent_ray.sourcing.lead(organization_id, **(given | changes))
    answer = one(call, resources.LEADS, lead_id)
    answer.status = 201
    return answer


def _delete_lead(call: Call, ids: list[str]) -> Answer:
    record = visible(call, LEAD, ids[0])
    _check_authority(call, _organizations(call, LEAD, record))
    call.company.world.delete(LEAD, ids[0])
    return Answer(204, content_type=None)


WRITING = (
    Route("PATCH", "/api/v1/candidates/{}", _patch(resources.CANDIDATES, CANDIDATE_BODY), "candidates:write"),
    Route("PATCH", "/api/v1/roles/{}", _patch(resources.ROLES, ROLE_BODY), "roles:write"),
    Route("PATCH", "/api/v1/tests/{}", _patch(resources.TESTS, TEST_BODY), "tests:write"),
    Route("PATCH", "/api/v1/sourcing/{}", _patch(resources.LEADS, LEAD_BODY), "sourcing:write"),
    Route("POST", "/api/v1/sourcing", _create_lead, "sourcing:write"),
    Route("DELETE", "/api/v1/sourcing/{}", _delete_lead, "sourcing:write"),
)
