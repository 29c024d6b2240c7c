"""What a status other than 200 means, told without repeating what the server wrote."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import msgspec

from connector.errors import Forbidden, KeyRefused, RequestRefused, ScopeMissing, SourceUnavailable

if TYPE_CHECKING:
    import httpx

    from connector.errors import HiringEltError

UNAUTHORIZED: Final = 401
NOT_FOUND: Final = "not_found"
_FORBIDDEN: Final = 403
_NO_SUCH_PATH: Final = 404
# Words of a server that are let into a message: codes and scopes look like this, names and addresses do not.
_CODE: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_SCOPE: Final = re.compile(r"[a-z][a-z0-9_.*-]{0,31}(?::[a-z0-9_.*-]{1,32})?")
_MOST_SCOPES: Final = 40
_HOST: Final = re.compile(r"[a-z0-9.-]{1,253}")


def machine_code(body: bytes) -> str:
    """Return the `error` of an error body when it is a code for programs, else an empty text."""
    code = _fields(body).get("error")
    if not isinstance(code, str):
        return ""
    # `not_found` in another hand means the same; sentences, which may hold names, stay out.
    code = NOT_FOUND if re.fullmatch(r"not[ _-]?found\.?", code, re.IGNORECASE) else code
    return code if _CODE.fullmatch(code) else ""


def refusal(status: int, body: bytes, *, name: str, where: str, key_setting: str) -> HiringEltError:
    """Return the error for a status that no repetition mends."""
    if status == UNAUTHORIZED:
        return KeyRefused(
            f"{name} refused the key (401).", f"Nothing was changed. Make a new key, then set {key_setting}."
        )
    code = machine_code(body)
    if status == _FORBIDDEN and code == "insufficient_scope":
        fields = _fields(body)
        required, granted = _scopes(fields.get("requiredScopes")), _scopes(fields.get("grantedScopes"))
        return ScopeMissing(
            f"The key may not read {where} of {name} (403): it lacks {_listed(required)}, it has {_listed(granted)}.",
            required=required,
            granted=granted,
        )
    told = f"{status}, {code}" if code else f"{status}"
    if status == _FORBIDDEN:
        return Forbidden(f"{name} does not show {where} to the owner of this key ({told}).")
    step = "Its rows stay as they are. Is the base URL in the settings right? Run `hiring-elt check`."
    return RequestRefused(
        f"{name} refused to answer {where} ({told}).", step if status == _NO_SUCH_PATH else "", status=status
    )


def redirect(response: httpx.Response, *, name: str, where: str, host: str) -> SourceUnavailable:
    """Return the error for a redirect, which is never followed; of its target only the host is told."""
    try:
        target = response.headers.get("location", "").split("//", 1)[1].split("/", 1)[0].rsplit("@", 1)[-1]
    except IndexError:
        target = host
    target = target.split(":", 1)[0].lower()
    shown = target if _HOST.fullmatch(target) else "another place"
    return SourceUnavailable(
        f"{name} redirects {where} to {shown} ({response.status_code}), which is not followed.",
        "Nothing was changed. Check the base URL in the settings.",
    )


def _fields(body: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}


def _scopes(value: object) -> tuple[str, ...]:
    listed = value if isinstance(value, list) else []
    return tuple(scope for scope in listed[:_MOST_SCOPES] if isinstance(scope, str) and _SCOPE.fullmatch(scope))


def _listed(scopes: tuple[str, ...]) -> str:
    return ", ".join(scopes) or "none that it names"
