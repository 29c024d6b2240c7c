"""Reading a reply's body within bounds, and strict checks of the JSON in it."""

from __future__ import annotations

import itertools
import json
import re
import zlib
from typing import TYPE_CHECKING, Any, Final, NoReturn

from connector.errors import BadBody

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

DEEPEST_JSON: Final = 64

_JSON_TYPE: Final = re.compile(r"(?:application|text)/(?:[\w.-]+\+)?json", re.ASCII)
_CHARSET: Final = re.compile(r"""charset\s*=\s*["']?([\w-]+)""", re.ASCII)
_ESCAPE: Final = re.compile(rb"\\.", re.DOTALL)
_NOT_STRUCTURE: Final = bytes(byte for byte in range(256) if byte not in b'[]{}"')
# One level in, one level out, as signed bytes.
_STEPS: Final = bytes.maketrans(b"[{]}", b"\x01\x01\xff\xff")
_FIRST_BYTES: Final = 16


def read_body(response: httpx.Response, max_bytes: int, check: Callable[[], None]) -> bytes:
    """Return the decoded body, or raise BadBody when it is larger than `max_bytes` or its compression is broken.

    `check` is called after each piece that arrives and may raise.
    """
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding in {"identity", ""}:
        return _read_plain(response, max_bytes, check)
    if encoding in {"gzip", "x-gzip"}:
        return _read_gzip(response, max_bytes, check)
    raise BadBody("a compression that was not asked for")


def _read_plain(response: httpx.Response, max_bytes: int, check: Callable[[], None]) -> bytes:
    pieces, size = [], 0
    for piece in _pieces(response):
        check()
        size += len(piece)
        if size > max_bytes:
            raise BadBody(f"a body above {max_bytes:,} bytes")
        pieces.append(piece)
    return b"".join(pieces)


def _read_gzip(response: httpx.Response, max_bytes: int, check: Callable[[], None]) -> bytes:
    inflate = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    pieces, size = [], 0
    for piece in _pieces(response):
        check()
        if inflate.eof:
            raise BadBody("a compressed body with something behind its end")
        try:
            # Bounded here, not after: 200 kB of gzip can become 200 MB.
            inflated = inflate.decompress(piece, max_bytes - size + 1)
        except zlib.error:
            raise BadBody("a compressed body that is damaged") from None
        size += len(inflated)
        if size > max_bytes:
            raise BadBody(f"a body above {max_bytes:,} bytes once decompressed")
        pieces.append(inflated)
    if not inflate.eof or inflate.unused_data:
        raise BadBody("a compressed body that is cut")
    return b"".join(pieces)


def _pieces(response: httpx.Response) -> Any:
    # The stream itself: `iter_bytes` would decompress without a bound.
    return response.stream


def not_json(content_type: str, body: bytes) -> str:
    """Return what was sent in place of JSON in UTF-8, or an empty text. Judged by type and first byte, not parsed."""
    start = body[:_FIRST_BYTES].lstrip()
    if not start:
        return "an empty body"
    if start.startswith(b"<"):
        return "an HTML page in place of JSON"
    if content_type.strip() and not _JSON_TYPE.match(content_type.strip().lower()):
        return "a body that does not say it is JSON"
    charset = _CHARSET.search(content_type.lower())
    if charset and charset.group(1) not in {"utf-8", "utf8", "us-ascii"}:
        return "JSON in another encoding than UTF-8"
    return ""


def json_checks(body: bytes) -> None:
    """Raise BadBody unless this is strict JSON: no NaN, no key twice in an object, at most 64 deep.

    Costs about as much as parsing with the standard library: meant for records that are new or changed.
    """
    if json_depth_above(body, DEEPEST_JSON):
        raise BadBody(f"JSON nested deeper than {DEEPEST_JSON}")
    try:
        json.loads(body.decode("utf-8"), object_pairs_hook=without_doubles, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise BadBody("a body that is not strict JSON, or is cut") from None


def json_depth_above(body: bytes, depth: int) -> bool:
    """Tell whether brackets are nested deeper than this, without recursion. Meant for valid JSON; never fails."""
    if body.count(b"[") + body.count(b"{") <= depth:
        return False
    if b"\\" in body:
        body = _ESCAPE.sub(b"", body)
    brackets = b"".join(body.translate(None, _NOT_STRUCTURE).split(b'"')[::2])
    steps = memoryview(brackets.translate(_STEPS)).cast("b")
    return max(itertools.accumulate(steps), default=0) > depth


class TwiceError(ValueError):
    """A key stands twice in one object."""


def without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The object of these pairs; raises TwiceError."""
    record = dict(pairs)
    if len(record) != len(pairs):
        raise TwiceError("a key stands twice")
    return record


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)
