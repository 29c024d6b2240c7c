"""Serving until somebody says stop, and telling how to point the connector here."""

from __future__ import annotations

import shlex
import signal
import sys
import threading
from typing import TYPE_CHECKING

from connector.sandbox.company import Company
from connector.sandbox.serving import serve

if TYPE_CHECKING:
    from collections.abc import Callable

    from connector.sandbox.company import Clock
    from connector.sandbox.serving import Server
    from connector.sandbox.switches import Switches


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def settings_text(server: Server) -> str:
    """Return the settings as lines for a shell."""
    return "\n".join(f"export {name}={shlex.quote(value)}" for name, value in server.environment().items())


def run(
    *,
    seed: int = 7,
    candidates: int = 200,
    days: float = 180,
    port: int = 0,
    requests_per_minute: int | None = 600,
    tailed_requests_per_minute: int | None = 100,
    switches: Switches | None = None,
    clock: Clock = "ticking",
    light: bool = False,
    say: Callable[[str], None] = _print,
) -> None:
    """Serve a company on loopback until Ctrl-C or SIGTERM; `say` gets the settings first."""
    company = Company(seed=seed, candidates=candidates, days=days, stories=not light)
    stopped = threading.Event()
    server = serve(
        company,
        switches,
        requests_per_minute=requests_per_minute,
        tailed_requests_per_minute=tailed_requests_per_minute,
        clock=clock,
        port=port,
    )
    before = {number: signal.signal(number, lambda *_: stopped.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        if light:
            server.warm()
        with server:
            say(settings_text(server))
            say(f"# {len(company.log):,} events until {company.now:%Y-%m-%d %H:%M:%S} UTC")
            say(f"# control: {server.url}/sandbox/state")
            stopped.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
