"""Who a key acts for, as the platform's own word on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from connector.errors import BadBody
from connector.reading.harvest import Principal

if TYPE_CHECKING:
    from connector.reading.access import Access


def ask_principal(access: Access) -> Principal:
    """Who the key acts for (https://www.talent-ray.com/docs/api/endpoints/get-me/); empty where no endpoint tells."""
    if access.platform.me_path is None:
        return Principal()
    answer = access.client.get(access.platform.me_path, decode=_object, returned=())
    found = answer.value or {}
    user, auth = found.get("user"), found.get("auth")
    user, auth = (user if isinstance(user, dict) else {}), (auth if isinstance(auth, dict) else {})
    scopes = auth.get("scopes")
    return Principal(
        user_id=str(user.get("id") or ""),
        role=str(user.get("role") or ""),
        scopes=tuple(str(scope) for scope in scopes) if isinstance(scopes, list) else None,
        at=answer.at,
    )


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BadBody("The reply that tells who the key is was not whole JSON.") from None
    return value if isinstance(value, dict) else {}
