"""Which hosts we talk to, and paths that cannot lead elsewhere. Pure: nothing here opens a socket."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import quote, urlsplit

from connector.errors import ContractBroken, UsageError

if TYPE_CHECKING:
    from collections.abc import Collection

_LOOPBACK_ADDRESS: Final = re.compile(r"127\.(?:(?:0|[1-9][0-9]{0,2})\.){2}(?:0|[1-9][0-9]{0,2})")
_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST_NAME: Final = re.compile(rf"(?:{_LABEL}\.)+[a-z](?:[a-z0-9-]{{0,61}}[a-z0-9])?")
_BASE_PATH: Final = re.compile(r"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*")
_PLACEHOLDER: Final = re.compile(r"\{([a-z_]+)\}")
_LARGEST_BYTE: Final = 255
_LONGEST_ID: Final = 1024


class FilledPath(str):
    """A path with ids in it. `template` is the same path without them, for messages."""

    __slots__ = ("template",)

    template: str

    def __new__(cls, path: str, template: str) -> Self:
        """Keep the template beside the text."""
        filled = super().__new__(cls, path)
        filled.template = template
        return filled


def allowed_base_url(
    url: str, platform_hosts: Collection[str], *, own_hosts: Collection[str] = (), setting: str = "base_url"
) -> str:
    """Return the base URL, normalised and without a slash at its end, or raise UsageError.

    `platform_hosts` and `own_hosts` hold host names, or `*.example.com` for the hosts below one; `own_hosts` are those
    that the user allowed on purpose. Loopback hosts are always allowed, and they alone may use http.
    """
    allowed = {*platform_hosts, *own_hosts}
    if fault := _fault_in_text(url) or _fault_in_host(url, allowed):
        # The URL itself is not repeated: it may hold a password.
        raise UsageError(
            f"The base URL in {setting} {fault}; nothing was asked.",
            f"Give an https URL of one of these hosts: {', '.join(sorted(allowed))}.",
            setting=setting,
        )
    parts = urlsplit(url)
    host = parts.hostname or ""
    shown_host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown_host}{f':{parts.port}' if parts.port else ''}{parts.path.rstrip('/')}"


def _fault_in_text(url: str) -> str:
    """Return what is wrong with the URL as it is written, or an empty text."""
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        return "holds characters that no host name has"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "is not a URL"
    if "@" in parts.netloc:
        return "holds a user name or a password"
    if "?" in url or "#" in url:
        return "holds a query or a fragment"
    if port == 0 or parts.netloc.endswith(":"):
        return "has no valid port"
    return "" if _BASE_PATH.fullmatch(parts.path.rstrip("/")) else "has a path that could lead elsewhere"


def _fault_in_host(url: str, allowed: Collection[str]) -> str:
    """Return why this host, over this scheme, is not ours to talk to, or an empty text."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme not in {"https", "http"}:
        return "is not an https URL"
    if is_loopback(host):
        return ""
    if parts.scheme != "https":
        return "uses http, which is for loopback only"
    if not _HOST_NAME.fullmatch(host):
        return "has a host that is not a plain name"
    return "" if any(_matches(host, pattern) for pattern in allowed) else "has a host that is not allowed"


def is_loopback(host: str) -> bool:
    """Tell whether the host is this machine: `localhost`, `::1` or a canonical address in 127.0.0.0/8."""
    if host in {"localhost", "::1"}:
        return True
    return bool(_LOOPBACK_ADDRESS.fullmatch(host)) and all(int(part) <= _LARGEST_BYTE for part in host.split("."))


def _matches(host: str, pattern: str) -> bool:
    pattern = pattern.lower()
    return host.endswith(pattern[1:]) if pattern.startswith("*.") else host == pattern


def fill_path(template: str, **ids: str) -> FilledPath:
    """Return the path with each `{name}` replaced by its id, so encoded that it stays one segment.

    An id that no encoding makes safe (empty, `.`, `..`, half a character, above 1,024 characters) raises
    ContractBroken.
    """
    segments = template.count("/")

    def encoded(match: re.Match[str]) -> str:
        name = match.group(1)
        value = ids.get(name)
        if not isinstance(value, str) or value in {"", ".", ".."} or len(value) > _LONGEST_ID:
            raise ContractBroken(f"A record has an {name} that cannot stand in {template}.")
        try:
            return quote(value, safe="")
        except UnicodeEncodeError:
            raise ContractBroken(f"A record has an {name} that is not valid text, for {template}.") from None

    path = _PLACEHOLDER.sub(encoded, template)
    if path.count("/") != segments or "{" in path:
        raise ContractBroken(f"The path {template} was not filled as declared.")
    return FilledPath(path, template)
