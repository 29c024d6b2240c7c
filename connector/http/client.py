"""The client of one platform and key: `get` returns a decoded answer or raises one of our errors."""

from __future__ import annotations

import ssl
import threading
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from importlib import metadata
from typing import TYPE_CHECKING, Final, Generic, TypeVar
from urllib.parse import quote, urlencode

import httpx
import msgspec

from connector.errors import BadBody, ContractBroken, HiringEltError, KeyRefused, SourceUnavailable
from connector.http.body import json_checks, not_json, read_body
from connector.http.hosts import FilledPath
from connector.http.refusals import UNAUTHORIZED, machine_code, redirect, refusal
from connector.http.retry import LONGEST_RETRY_AFTER_SECONDS, Budget, Failure, Policy, http_date
from connector.http.too_many import NOT_IMPLEMENTED, TooMany
from connector.http.transport import CONNECT_SECONDS, KeyTransport, Patience, network

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from pathlib import Path

    from connector.http.rate_limit import RateGate
    from connector.http.secret import Secret

Value = TypeVar("Value")

OK: Final = 200
_REDIRECTS: Final = range(300, 400)
_REFUSALS: Final = range(400, 600)
_SERVER_ERRORS: Final = range(500, 600)
_LARGEST_ERROR_BYTES: Final = 65_536
# How long the gate closes for all after a 429 that says nothing; the thread that got it waits longer.
_SHORTEST_CLOSURE_SECONDS: Final = 1.0
_RUN_BUDGET_SECONDS: Final = 900.0


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _user_agent() -> str:
    try:
        return f"hiring-elt/{metadata.version('hiring-elt')}"
    except metadata.PackageNotFoundError:
        return "hiring-elt"


@dataclass(frozen=True, slots=True)
class Answer(Generic[Value]):
    """A reply. `value` is None unless the status is 200; `at` is when it was sent, by the server's clock, in UTC.

    `code` is the machine-readable error of the other statuses, if one came; `seconds` is what the last try took.
    """

    status: int
    value: Value | None
    at: datetime
    seconds: float
    tries: int
    code: str = ""


class Client:
    """Asks one platform, with one key. Threads may share it; they share its gate and its budget.

    `base_url` must have passed `allowed_base_url`. `platform` names the platform in messages and settings
    (`talent_ray`), `key_setting` the setting that holds the key, `too_many` how it refuses a request too many.
    `deadline_seconds` bounds each try, `max_bytes` each decoded body, `budget_seconds` what failures
    may cost in all. `stop` ends waiting within about a second. `transport` replaces the network, for tests.
    """

    def __init__(
        self,
        base_url: str,
        key: Secret | None,
        *,
        platform: str,
        gate: RateGate,
        header: str = "Authorization",
        scheme: str = "Bearer",
        key_setting: str = "",
        too_many: TooMany | None = None,
        deadline_seconds: float = 60.0,
        max_bytes: int = 32 * 2**20,
        budget_seconds: float = _RUN_BUDGET_SECONDS,
        stop: threading.Event | None = None,
        transport: httpx.BaseTransport | None = None,
        ca_file: Path | None = None,
        proxy: str | None = None,
        connections: int = 16,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] | None = None,
        now: Callable[[], datetime] = _utc_now,
    ) -> None:
        self.name: Final = platform.replace("_", "-").title()
        self.gate: Final = gate
        self.requests = 0
        self.skew: timedelta | None = None
        self.too_many: Final = too_many or TooMany()
        self._key_setting = key_setting or f"SOURCES__{platform.upper()}__API_KEY"
        self._base = httpx.URL(base_url)
        self._origin = f"{self._base.scheme}://{self._base.netloc.decode('ascii')}"
        self._base_path = self._base.raw_path.decode("ascii").rstrip("/")
        self._max_bytes = max_bytes
        self._deadline_seconds = deadline_seconds
        self._stop = stop
        self._clock = clock
        self._now = now
        self._patience = Patience(stop, clock)
        self._budget = Budget(budget_seconds)
        self._policy = Policy(self._budget, stop, clock=clock, sleep=sleep)
        self._counting = threading.Lock()
        self._key_refused: HiringEltError | None = None
        self._headers = [
            (b"Host", self._base.netloc),
            (b"Accept", b"application/json"),
            (b"Accept-Encoding", b"gzip"),
            (b"User-Agent", _user_agent().encode("ascii")),
        ]
        seconds = {"connect": CONNECT_SECONDS, "read": deadline_seconds, "write": deadline_seconds}
        self._extensions = {"timeout": {**seconds, "pool": deadline_seconds}}
        inner = transport or network(self._base, self._patience, connections=connections, ca_file=ca_file, proxy=proxy)
        self._transport = KeyTransport(inner, self._base, key, header, scheme)

    def get(
        self,
        path: str,
        query: Mapping[str, str | int] | None = None,
        *,
        decode: Callable[[bytes], Value],
        returned: Collection[int] = (404,),
    ) -> Answer[Value]:
        """Ask for a path and return the answer, its body decoded by `decode`.

        `decode` raises BadBody when the body is not whole, strict JSON (it is asked for again) and ContractBroken when
        it has another shape. Statuses in `returned` are handed back without a value. Raises KeyRefused, ScopeMissing,
        Forbidden, ContractBroken, RequestRefused, SourceUnavailable, Stopped.
        """
        where = path.template if isinstance(path, FilledPath) else path
        url = self._url(path, query)
        tries = 0

        def attempt() -> Answer[Value] | Failure | HiringEltError:
            nonlocal tries
            tries += 1
            return self._try(url, where, decode, returned, tries)

        outcome = self._policy.run(attempt)
        # Raised here, where no frame holds the request, the key or the body any more.
        if isinstance(outcome, HiringEltError):
            raise outcome
        if isinstance(outcome, Failure):
            raise self._unavailable(outcome, where, tries)
        return outcome

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def _url(self, path: str, query: Mapping[str, str | int] | None) -> httpx.URL:
        """Return the URL, after making sure that it has the host and the path that were meant."""
        target = f"{self._base_path}{path}"
        if query:
            target = f"{target}?{urlencode(query, quote_via=quote)}"
        if not path.startswith("/") or "//" in path or "?" in path or "#" in path or not target.isascii():
            raise ContractBroken(f"{self.name}: a path was built wrongly, so nothing was asked.")
        url = httpx.URL(f"{self._origin}{target}")
        if url.raw_path != target.encode("ascii") or url.netloc != self._base.netloc or _walks(path):
            raise ContractBroken(f"{self.name}: a path would lead elsewhere, so nothing was asked.")
        return url

    def _try(
        self, url: httpx.URL, where: str, decode: Callable[[bytes], Value], returned: Collection[int], tries: int
    ) -> Answer[Value] | Failure | HiringEltError:
        """Ask once. Errors are returned, not raised: raised ones would carry the frames of this try along."""
        if self._key_refused is not None:
            return KeyRefused(self._key_refused.what, self._key_refused.next_step)
        ticket = self.gate.take(self._stop)
        with self._counting:
            self.requests += 1
        began = self._clock()
        self._patience.start(self._deadline_seconds)
        try:
            request = httpx.Request("GET", url, headers=self._headers, extensions=self._extensions)
            response = self._transport.handle_request(request)
            try:
                at = self._instant(response.headers.get("date"))
                outcome = self._judged(response, where, decode, returned, at)
            finally:
                response.close()
        except httpx.TransportError as error:
            outcome = self._lost(error, where)
        except BadBody as error:
            outcome = Failure(error.what)
        except HiringEltError as error:
            error.__context__ = error.__cause__ = None
            outcome = error.with_traceback(None)
        finally:
            self.gate.settle(ticket)
        seconds = self._clock() - began
        if isinstance(outcome, Failure):
            return replace(outcome, seconds=seconds)
        if isinstance(outcome, HiringEltError):
            return outcome
        status, value, code = outcome
        return Answer(status, value, at, seconds, tries, code)

    def _judged(
        self,
        response: httpx.Response,
        where: str,
        decode: Callable[[bytes], Value],
        returned: Collection[int],
        at: datetime,
    ) -> tuple[int, Value | None, str] | Failure | HiringEltError:
        """Return status, value and code of a reply that counts, or what is wrong with it."""
        status = response.status_code
        if status == OK:
            return status, self._decoded(response, where, decode), ""
        if status in _REDIRECTS:
            return redirect(response, name=self.name, where=where, host=self._base.host)
        body = self._error_body(response)
        if self.too_many.is_one(status, response.headers, at):
            wait = self.too_many.seconds(response.headers, at)
            self.gate.refused(_SHORTEST_CLOSURE_SECONDS if wait is None else wait)
            return Failure(f"status {status}", wait_seconds=wait, too_many=True)
        if status == UNAUTHORIZED:
            refused = refusal(status, body, name=self.name, where=where, key_setting=self._key_setting)
            self._key_refused = refused
            return refused
        if status in returned:
            return status, None, machine_code(body)
        if status in _SERVER_ERRORS and status != NOT_IMPLEMENTED:
            return Failure(f"status {status}", wait_seconds=self.too_many.seconds(response.headers, at))
        if status in _REFUSALS:
            return refusal(status, body, name=self.name, where=where, key_setting=self._key_setting)
        return Failure(f"status {status} in place of 200")

    def _decoded(self, response: httpx.Response, where: str, decode: Callable[[bytes], Value]) -> Value:
        body = read_body(response, self._max_bytes, self._patience.check)
        if wrong := not_json(response.headers.get("content-type", ""), body):
            raise BadBody(wrong)
        try:
            return decode(body)
        except msgspec.ValidationError:
            # A wrong shape is told before the rest is read, and the rest may be cut.
            json_checks(body)
            raise ContractBroken(f"{self.name} sent {where} in a shape that the contract does not know.") from None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise BadBody("a body that is not strict JSON, or is cut") from None

    def _error_body(self, response: httpx.Response) -> bytes:
        try:
            return read_body(response, _LARGEST_ERROR_BYTES, self._patience.check)
        except BadBody:
            return b""

    def _lost(self, error: httpx.TransportError, where: str) -> Failure | SourceUnavailable:
        """Tell what became of a request that got no whole reply."""
        cause: BaseException | None = error
        while cause is not None:
            if isinstance(cause, ssl.SSLError) and not isinstance(cause, ssl.SSLEOFError):
                return SourceUnavailable(
                    f"{self.name} has no connection for {where} that can be trusted: TLS failed.",
                    "Nothing was changed. Check the base URL, the clock of this machine, and ca_file if you need one.",
                )
            cause = cause.__cause__ or cause.__context__
        if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
            return Failure("no connection")
        if isinstance(error, httpx.TimeoutException):
            return Failure(f"no whole reply within {self._deadline_seconds:g} s")
        return Failure("the connection broke")

    def _instant(self, date: str | None) -> datetime:
        """Return the instant of a reply by the server's clock, and learn how far the local clock is from it."""
        now = self._now()
        at = http_date(date)
        if at is None:
            return now + self.skew if self.skew is not None else now
        self.skew = at - now
        return at

    def _unavailable(self, failure: Failure, where: str, tries: int) -> SourceUnavailable:
        if failure.hopeless:
            what = f"{failure.what}, and it asks to wait longer than {LONGEST_RETRY_AFTER_SECONDS / 60:.0f} minutes"
        elif self._budget.spent > self._budget.seconds:
            what = f"{failure.what}, and the {self._budget.seconds:g} s that failures may cost a run are used up"
        else:
            what = f"{failure.what}, {tries} tries"
        return SourceUnavailable(f"{self.name} did not answer {where} as it should: {what}.")


def _walks(path: str) -> bool:
    return not {".", ".."}.isdisjoint(path.split("/"))
