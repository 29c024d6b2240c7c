"""A real server on loopback, in a thread of its own."""

from __future__ import annotations

import json
import socket
import threading
from typing import TYPE_CHECKING, Self

import uvicorn

from connector.sandbox import resources
from connector.sandbox.access import READ_SCOPES, RateLimit, viewer
from connector.sandbox.app import App
from connector.sandbox.calls import Call, Service
from connector.sandbox.exchange import Request
from connector.sandbox.kinds import BATCH, ORGANIZATION, USER
from connector.sandbox.switches import Switches

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

    from connector.sandbox.access import Key
    from connector.sandbox.company import Clock, Company
    from connector.sandbox.exchange import Reply

LOOPBACK = "127.0.0.1"


class Server:
    """Both APIs of a company at one address."""

    def __init__(
        self,
        company: Company,
        switches: Switches | None = None,
        *,
        requests_per_minute: int | None = 600,
        tailed_requests_per_minute: int | None = 100,
        clock: Clock = "ticking",
        port: int = 0,
    ) -> None:
        self.company = company
        if requests_per_minute is None:
            tailed_requests_per_minute = None
        self.service = Service(company, switches or Switches(), requests_per_minute, tailed_requests_per_minute)
        self._app = App(self.service)
        self._clock: Clock = clock
        self._port = port
        self._plug: socket.socket | None = None
        self._uvicorn: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self.url = ""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Listen; returns once requests are taken."""
        # Named as TCP, so that the event loop switches off the delay for small packets.
        plug = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        plug.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        plug.bind((LOOPBACK, self._port))
        plug.listen(128)
        self._plug = plug
        self.url = f"http://{LOOPBACK}:{plug.getsockname()[1]}"
        config = uvicorn.Config(
            self._app,
            http="httptools",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            date_header=False,
            server_header=False,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=1,
        )
        self._uvicorn = uvicorn.Server(config)
        self.company.tick(self._clock)
        self.company.world.moves = lambda: self.switches.updated_at_moves_with
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,), name="sandbox", daemon=True)
        self._thread.start()
        ready.wait(10)

    def _run(self, ready: threading.Event) -> None:
        assert self._uvicorn is not None  # noqa: S101 - set by start
        assert self._plug is not None  # noqa: S101 - as above
        server, plug = self._uvicorn, self._plug
        # The socket listens already, so whoever connects from now on is served.
        ready.set()
        server.run(sockets=[plug])

    def show(self, company: Company, switches: Switches | None = None) -> None:
        """Serve another company at the same address from now on, with fresh limits and an empty journal."""
        old = self.service
        self.company.tick("frozen")
        self.company = company
        self.service = Service(company, switches or Switches(), old.requests_per_minute, old.tailed_requests_per_minute)
        self._app.service = self.service
        self._app.forget()
        company.tick(self._clock)
        company.world.moves = lambda: self.switches.updated_at_moves_with

    def warm(self) -> None:
        """Write the rows of every list once, as the default key sees them, so that the first reader need not wait."""
        request = Request("GET", "/", {}, {})
        for listing in resources.TALENT_RAY_LISTINGS:
            call = Call(self.service, request, self.company.world, self.company.talent_ray_key)
            call.view(listing).warm()

    def stop(self) -> None:
        """Let go of the address; the clock stands still again."""
        if self._uvicorn is not None and self._thread is not None:
            self._uvicorn.should_exit = True
            self._thread.join(10)
        if self._plug is not None:
            self._plug.close()
        self.company.tick("frozen")
        self.company.world.moves = tuple

    # What a test or a user needs

    @property
    def switches(self) -> Switches:
        """The switches in force; change them at any time."""
        return self.service.switches

    @switches.setter
    def switches(self, switches: Switches) -> None:
        self.service.switches = switches

    @property
    def journal(self) -> list[Reply]:
        """Every reply so far."""
        return self.service.journal

    @property
    def rates(self) -> RateLimit:
        """The counters of requests."""
        return self.service.rates

    @property
    def talent_ray_key(self) -> str:
        """A key of a platform admin with all six read scopes."""
        return self.company.talent_ray_key.secret

    @property
    def tailed_key(self) -> str:
        """The organization's key."""
        return self.company.tailed_key.secret

    @property
    def tailed_url(self) -> str:
        """Where Tailed answers: the same address, other paths."""
        return self.url

    @property
    def batch_ids(self) -> list[str]:
        """The CV-screening batches that the default key can see."""
        world = self.company.world
        eyes = viewer(world, "user_admin", Switches())
        return [batch_id for batch_id, batch in world.tables[BATCH].items() if eyes.sees(world, BATCH, batch)]

    @property
    def portal_slugs(self) -> list[str]:
        """The career portals that are switched on."""
        return [row["slug"] for row in self.company.world.tables[ORGANIZATION].values() if row["portal"]]

    def key(
        self,
        owner: str = "admin",
        scopes: Iterable[str] = READ_SCOPES,
        *,
        organization_id: str = "org_north",
        days: int | None = 90,
    ) -> str:
        """Make a further key, of a user id or an admin, owner, member, hiring_manager or bystander (no rights)."""
        company = self.company
        with company.lock:
            return self._make_key(owner, scopes, organization_id, days).secret

    def _make_key(self, owner: str, scopes: Iterable[str], organization_id: str, days: int | None) -> Key:
        company = self.company
        users = company.world.tables[USER]
        position = {"member": "employer", "bystander": "member"}.get(owner, owner)
        if owner == "admin":
            user_id = "user_admin"
        elif owner in users:
            user_id = owner
        else:
            user_id = next(
                row["id"]
                for row in users.values()
                if row["organizationId"] == organization_id and row["orgRole"] == position
            )
        return company.access.create(user_id, company.now, scopes=scopes, name=f"key of {user_id}", days=days)

    def key_id(self, secret: str) -> str:
        """Return the id of a key."""
        return self.company.access.by_secret[secret].id

    def busiest_minute(self, secret: str) -> int:
        """Return the most requests this key sent within any 60 seconds."""
        return self.rates.busiest(self.key_id(secret))

    def environment(self) -> dict[str, str]:
        """Return the settings that point the connector here."""
        return {
            "SOURCES__TALENT_RAY__API_KEY": self.talent_ray_key,
            "SOURCES__TALENT_RAY__BASE_URL": self.url,
            "SOURCES__TALENT_RAY__CV_SCREENING_BATCH_IDS": json.dumps(self.batch_ids),
            "SOURCES__TALENT_RAY__PORTAL_SLUGS": json.dumps(self.portal_slugs),
            "SOURCES__TAILED__API_KEY": self.tailed_key,
            "SOURCES__TAILED__BASE_URL": self.tailed_url,
        }


def serve(
    company: Company,
    switches: Switches | None = None,
    *,
    requests_per_minute: int | None = 600,
    tailed_requests_per_minute: int | None = 100,
    clock: Clock = "ticking",
    port: int = 0,
) -> Server:
    """Return a server of this company, to be used in a `with` statement. No `requests_per_minute`: no limit at all."""
    return Server(
        company,
        switches,
        requests_per_minute=requests_per_minute,
        tailed_requests_per_minute=tailed_requests_per_minute,
        clock=clock,
        port=port,
    )
