"""The two older surfaces of Talent-Ray: keys under `/api/admin`, career portals under `/api/public`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from connector.sandbox import access, resources
from connector.sandbox.exchange import Answer, Refused, as_json
from connector.sandbox.kinds import ORGANIZATION, ROLE, USER
from connector.sandbox.talent_ray import Route

if TYPE_CHECKING:
    from connector.sandbox.access import Key
    from connector.sandbox.calls import Call
    from connector.sandbox.log import Record

DEFAULT_DAYS, MOST_DAYS = 90, 365
DEFAULT_ROWS, MOST_ROWS = 100, 500
LONGEST_NAME = 255


def legacy_error(status: int, sentence: str) -> Refused:
    """Return an error of the older surfaces, to raise."""
    return Refused(as_json(status, {"error": sentence}))


def _body(call: Call) -> Record:
    try:
        body = msgspec.json.decode(call.request.body or b"{}")
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise legacy_error(400, "Invalid JSON body") from None
    if not isinstance(body, dict):
        raise legacy_error(400, "Invalid request body")
    return body


def _create_key(call: Call, _ids: list[str]) -> Answer:
    body = _body(call)
    name, user_id, days = body.get("name"), body.get("userId"), body.get("expiresInDays", DEFAULT_DAYS)
    if not isinstance(name, str) or not name:
        raise legacy_error(400, "Name is required")
    if len(name) > LONGEST_NAME:
        raise legacy_error(400, "Name must be at most 255 characters")
    if not isinstance(user_id, str) or not user_id:
        raise legacy_error(400, "userId is required")
    if isinstance(days, bool) or not isinstance(days, int) or not 1 <= days <= MOST_DAYS:
        raise legacy_error(400, "expiresInDays must be between 1 and 365")
    if call.world.find(USER, user_id) is None:
        raise legacy_error(404, "User not found")
    scopes = (*access.READ_SCOPES, *access.WRITE_SCOPES) if call.switches.new_key_scopes == "all" else ()
    key = call.company.access.create(user_id, call.now, scopes=scopes, name=name, days=days)
    shown = {
        "id": key.id,
        "name": key.name,
        "key": key.secret,
        "prefix": key.secret[:3],
        "start": key.secret[:7],
        "expiresAt": key.expires_at,
        "userId": key.user_id,
    }
    return as_json(200, {"success": True, "data": shown})


def _list_keys(call: Call, _ids: list[str]) -> Answer:
    keys = [] if "api_keys" in call.switches.empty_lists else resources.api_keys(call.company)
    rows = [msgspec.Raw(row) for row in call.rendered("api_keys", keys)]
    answer = as_json(200, {"success": True, "data": rows})
    answer.ids = [key["id"] for key in keys]
    return answer


def _key(call: Call, key_id: str) -> Key:
    key = call.company.access.keys.get(key_id)
    if key is None or key.tailed:
        raise legacy_error(404, "API key not found")
    return key


def _usage(call: Call, ids: list[str]) -> Answer:
    key = _key(call, ids[0])
    params = call.request.params
    limit = params.get("limit", "")
    count = min(MOST_ROWS, max(1, int(limit))) if limit.isascii() and limit.isdecimal() else DEFAULT_ROWS
    rows = key.usage[::-1]
    if "before" in params:
        before = _instant(params["before"])
        rows = [row for row in rows if row["timestamp"] < before]
    given = rows[:count]
    more = len(rows) > count
    pagination: dict[str, Any] = {"limit": count, "hasMore": more}
    if more or call.switches.last_next_before == "null":
        pagination["nextBefore"] = given[-1]["timestamp"] if more else None
    shown = access.shown(key, call.world.find(USER, key.user_id))
    owner = {name: shown["owner"][name] for name in ("id", "email", "name")}
    about: Record = {name: shown[name] for name in ("id", "name", "createdAt", "lastRequest", "requestCount")}
    raw = [msgspec.Raw(row) for row in call.rendered("usage", given)]
    told = {"key": {**about, "owner": owner}, "rows": raw, "pagination": pagination}
    answer = as_json(200, {"success": True, "data": told})
    answer.ids = [row["id"] for row in given]
    return answer


def _instant(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        raise legacy_error(400, "before must be an ISO 8601 timestamp") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _revoke(call: Call, ids: list[str]) -> Answer:
    _key(call, ids[0])
    call.company.access.revoke(ids[0])
    return as_json(200, {"success": True})


def _organization(call: Call, slug: str) -> Record:
    for organization in call.world.tables[ORGANIZATION].values():
        if organization["slug"] == slug and organization["portal"]:
            return organization
    raise legacy_error(404, "Career portal not found")


def _portal(call: Call, ids: list[str]) -> Answer:
    organization = _organization(call, ids[0])
    roles = [] if "portal" in call.switches.empty_lists else resources.portal_roles(call.world, organization)
    rows = [msgspec.Raw(row) for row in call.rendered("portal", roles)]
    answer = as_json(200, {"org": resources.organization_shown(organization), "roles": rows})
    answer.ids = [role["id"] for role in roles]
    return answer


def _open_role(call: Call, organization: Record, role_id: object) -> Record:
    role = call.world.find(ROLE, role_id) if isinstance(role_id, str) else None
    if role is None or role["organizationId"] != organization["id"] or not resources.is_on_portal(role):
        raise legacy_error(404, "Role not found")
    return role


def _portal_role(call: Call, ids: list[str]) -> Answer:
    organization = _organization(call, ids[0])
    role = resources.portal_role(_open_role(call, organization, ids[1]), organization)
    row = msgspec.Raw(call.rendered("portal", [role])[0])
    answer = as_json(200, {"org": resources.organization_shown(organization), "role": row})
    answer.ids = [ids[1]]
    return answer


def _apply(call: Call, ids: list[str]) -> Answer:
    organization = _organization(call, ids[0])
    body = _body(call)
    if not isinstance(body.get("roleId"), str) or not body["roleId"]:
        raise legacy_error(400, "roleId is required")
    role = _open_role(call, organization, body["roleId"])
    locale = body.get("locale", "en")
    invitation = f"inv_{role['id'].removeprefix('role_')}"
    return as_json(200, {"inviteUrl": f"https://app.talent-ray.com/{locale}/signup/invite/{invitation}"})


LEGACY = (
    Route("POST", "/api/admin/api-keys", _create_key, surface="admin"),
    Route("GET", "/api/admin/api-keys", _list_keys, surface="admin"),
    Route("GET", "/api/admin/api-keys/{}/usage", _usage, surface="admin"),
    Route("DELETE", "/api/admin/api-keys/{}", _revoke, surface="admin"),
    Route("GET", "/api/public/portal/{}", _portal, surface="public"),
    Route("GET", "/api/public/portal/{}/roles/{}", _portal_role, surface="public"),
    Route("POST", "/api/public/portal/{}/apply", _apply, surface="public"),
)
