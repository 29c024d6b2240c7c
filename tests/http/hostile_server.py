"""A loopback server that does to its clients whatever a test tells it to."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    import ssl

CANARY_KEY = "tr_" + "CanaryKey0123456789" * 3 + "Zz12345"


class DreamClock:
    """A clock that moves only while somebody sleeps by it."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class Page(msgspec.Struct):
    data: list[dict[str, Any]]


decode_page = msgspec.json.Decoder(Page).decode

Script = Callable[[int, socket.socket], "bytes | None"]


def reply(body: bytes = b"{}", status: str = "200 OK", *, length: int | None = -1, **headers: str) -> bytes:
    """Return a reply as it goes over the wire. Without a length (None), the body ends where the connection ends."""
    lines = {"Content-Type": "application/json", "Date": "Wed, 04 Mar 2026 05:06:07 GMT"}
    lines |= {name.replace("_", "-"): value for name, value in headers.items()}
    if length not in {-1, len(body)}:
        lines["Connection"] = "close"
    if length is not None:
        lines["Content-Length"] = str(len(body) if length < 0 else length)
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value)
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body


@dataclass
class HostileServer:
    """Hands request number n (from 0) and the connection to the script; bytes it returns are sent, None hangs up.

    `heads` holds each request's head as it came, `connections` how many were opened.
    """

    script: Script
    tls: ssl.SSLContext | None = None
    heads: list[str] = field(default_factory=list)
    connections: int = 0

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self) -> int:
        return self._listener.getsockname()[1]

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    @property
    def targets(self) -> list[str]:
        return [head.split(" ", 2)[1] for head in self.heads]

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._open.add(connection)
        try:
            if self.tls is not None:
                connection = self.tls.wrap_socket(connection, server_side=True)
            self._talk(connection)
        except OSError:
            return  # the client went away, as some tests want it to
        finally:
            self._open.discard(connection)
            connection.close()

    def _talk(self, connection: socket.socket) -> None:
        heard = b""
        while True:
            while b"\r\n\r\n" not in heard:
                if not (piece := connection.recv(65_536)):
                    return
                heard += piece
            head, heard = heard.split(b"\r\n\r\n", 1)
            with self._lock:
                number = len(self.heads)
                self.heads.append(head.decode("latin-1"))
            answer = self.script(number, connection)
            if answer is None:
                return
            connection.sendall(answer)
            if b"\r\nConnection: close\r\n" in answer:
                return
