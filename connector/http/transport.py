"""Between us and the socket: the key goes in here, GET alone comes through, and no reply may take for ever."""

from __future__ import annotations

import re
import ssl
import threading
import time
from typing import TYPE_CHECKING, Any, Final

import httpcore
import httpx

from connector.errors import Stopped, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from connector.http.secret import Secret

CONNECT_SECONDS: Final = 8.0
# While a reply is awaited, the wish to stop is looked at this often.
_GLANCE_SECONDS: Final = 1.0

_TOKEN: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_VISIBLE: Final = re.compile(r"[\x21-\x7e]+")


class Patience(threading.local):
    """How long this thread waits for the reply it is waiting for. Each thread has one request at a time."""

    def __init__(self, stop: threading.Event | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self.ends = float("inf")
        self._stop = stop
        self._clock = clock

    def start(self, seconds: float) -> None:
        """Begin to wait."""
        self.ends = self._clock() + seconds

    def left(self) -> float:
        """Return the seconds left; raise Stopped when somebody wants to stop."""
        if self._stop is not None and self._stop.is_set():
            raise Stopped
        return self.ends - self._clock()

    def check(self) -> None:
        """Raise a timeout when there is no time left."""
        if self.left() <= 0:
            raise httpx.ReadTimeout("the reply took too long")


class KeyTransport(httpx.BaseTransport):
    """Adds the key to requests for one host, and lets nothing but GET to that host through."""

    def __init__(self, inner: httpx.BaseTransport, base: httpx.URL, key: Secret | None, header: str, scheme: str):
        if header.lower() == "x-api-key":
            raise UsageError("The header x-api-key is not used: it travels on to other hosts.", "Use Authorization.")
        if not _TOKEN.fullmatch(header) or (scheme and not _TOKEN.fullmatch(scheme)):
            raise UsageError("The header or the scheme for the key is not one that HTTP allows.")
        if key is not None and not _VISIBLE.fullmatch(key.reveal()):
            # Libraries repeat a value that they cannot send in their own messages.
            raise UsageError("The key is empty or holds blanks or letters that no key has.", "Copy it again.")
        self._inner = inner
        self._origin = (base.scheme, base.host, base.port)
        self._key = key
        self._header = header
        self._prefix = f"{scheme} " if scheme else ""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request."""
        url = request.url
        if request.method != "GET" or (url.scheme, url.host, url.port) != self._origin:
            raise AssertionError("Only GET to the host of the settings is ever sent.")
        if self._key is not None:
            request.headers[self._header] = f"{self._prefix}{self._key.reveal()}"
        try:
            return self._inner.handle_request(request)
        finally:
            if self._key is not None:
                del request.headers[self._header]

    def close(self) -> None:
        """Close the connections."""
        self._inner.close()


def network(
    base: httpx.URL, patience: Patience, *, connections: int, ca_file: Path | None = None, proxy: str | None = None
) -> httpx.HTTPTransport:
    """Return the real transport: a pool of kept connections, certificates always verified, no environment read.

    `ca_file` adds a certificate authority to the usual ones.
    """
    if base.scheme == "https":
        context = httpx.create_ssl_context(trust_env=False)
    else:
        # Loopback needs none, and loading them takes longer than a request. This one trusts nobody.
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if ca_file is not None:
        try:
            context.load_verify_locations(cafile=ca_file)
        except (OSError, ssl.SSLError):
            raise UsageError(
                f"The file of certificate authorities {ca_file} cannot be read as PEM.", setting="ca_file"
            ) from None
    transport = httpx.HTTPTransport(
        verify=context,
        http2=False,
        limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections, keepalive_expiry=30.0),
        trust_env=False,
        proxy=proxy,
    )
    # httpx has no public way to give its pool a network. Its read timeout starts anew with each byte, so a server that
    # drips would hold us for hours: a total deadline can only be kept where the socket is read.
    pool: Any = transport._pool  # noqa: SLF001 - see above; tests/http hold it to what we need
    pool._network_backend = _Network(pool._network_backend, patience)  # noqa: SLF001 - the same
    return transport


class _Network(httpcore.NetworkBackend):
    """Opens connections whose reading heeds the patience of the thread that reads."""

    def __init__(self, inner: httpcore.NetworkBackend, patience: Patience) -> None:
        self._inner = inner
        self._patience = patience

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        return _Stream(self._inner.connect_tcp(host, port, timeout, local_address, socket_options), self._patience)


class _Stream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream, patience: Patience) -> None:
        self._inner = inner
        self._patience = patience

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - ours is the stricter one
        while (left := self._patience.left()) > 0:
            try:
                return self._inner.read(max_bytes, min(left, _GLANCE_SECONDS))
            except httpcore.ReadTimeout:
                continue
        raise httpcore.ReadTimeout("the reply took too long")

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, timeout)

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, timeout), self._patience)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
