"""A platform with a public reference: who the key is, what it opens, and whether the lists are as documented."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from connector.contract import Way
from connector.errors import HiringEltError, KeyRefused, SourceUnavailable, StreamFailed
from connector.http.hosts import fill_path
from connector.reading.assumption import Finding, Outcome, broken, holds, not_tested
from connector.reading.principal import ask_principal
from connector.reading.probe import Probe
from connector.reading.rate_findings import OF_THE_WHOLE
from connector.sweep.order import Order
from pipelines.check.clock import check_clock
from pipelines.check.lineage import reports_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.contract import Stream
    from connector.reading.access import Access
    from connector.reading.harvest import Principal
    from pipelines.settings import AccountSettings

WORDS: Final = {
    "A3": "path",
    "A4": "rows",
    "A5": "totals",
    "A6": "pages",
    "A7": "paging",
    "A8": "page size",
    "A9": "ids",
    "A10": "time field",
    "A11": "times",
    "A15": "fields",
}
"""What an assumption is called where it is documented."""
NOT_FOUND: Final = 404
REPORTS_SHOWN: Final = 4


def check_documented(account: AccountSettings, access: Access) -> Iterator[Finding]:
    """All checks of the account; the first refusal of the key ends them."""
    try:
        principal = ask_principal(access)
    except KeyRefused as error:
        yield broken("key", OF_THE_WHOLE, "the key accepted", "401", error.next_step, exit_status=3)
        return
    except HiringEltError as error:
        yield broken("connect", OF_THE_WHOLE, account.base_url, error.what, "base_url", exit_status=8)
        return
    yield holds("key", OF_THE_WHOLE, "accepted")
    yield from _owner(principal)
    yield from _scopes(account, access, principal)
    for stream in access.platform.streams:
        if stream.name in account.streams and _is_open(stream, principal):
            yield from _stream(stream, access)
    yield from check_clock(access)


def _owner(principal: Principal) -> Iterator[Finding]:
    if principal.role == "admin":
        yield Finding(
            "owner",
            Outcome.WARNING,
            OF_THE_WHOLE,
            expected="an owner who may only read what is needed",
            got="a platform admin, who sees every organization and may write",
            setting="a key of a member, unless all organizations are wanted",
        )
    else:
        yield holds("owner", OF_THE_WHOLE, f"role {principal.role}" if principal.role else "role not told")
    yield not_tested("key age", OF_THE_WHOLE, "not told; keys end 90 days after they are made unless made for longer")


def _scopes(account: AccountSettings, access: Access, principal: Principal) -> Iterator[Finding]:
    """What each missing scope costs, and scopes that a reader should not have."""
    if principal.scopes is None:
        yield not_tested("scopes", OF_THE_WHOLE, "the key's scopes were not told")
        return
    streams = [stream for stream in access.platform.streams if stream.name in account.streams]
    needed = dict.fromkeys(stream.scope for stream in streams if stream.scope)
    missing = [scope for scope in needed if scope not in principal.scopes]
    for scope in missing:
        lost = [stream for stream in streams if stream.scope == scope]
        tables = [table.name for stream in lost for table in stream.tables]
        reports = reports_of(account.platform.name, tables)
        shown = ", ".join(reports[:REPORTS_SHOWN])
        more = f" and {len(reports) - REPORTS_SHOWN} more" if len(reports) > REPORTS_SHOWN else ""
        cost = f"{', '.join(stream.name for stream in lost)} not read; {len(reports)} reports lack them"
        until = f"{cost}: {shown}{more}" if reports else cost
        yield broken("scope", scope, "granted", "missing", f"a key with {scope}", until_then=until)
    if not missing:
        yield holds("scopes", OF_THE_WHOLE, f"all {len(needed)} that are needed")
    for scope in sorted(scope for scope in principal.scopes if scope.endswith(":write")):
        yield Finding(
            "scope",
            Outcome.WARNING,
            scope,
            expected="read scopes alone",
            got="a key that may write",
            setting="a key without it: nothing is ever written",
        )


def _is_open(stream: Stream, principal: Principal) -> bool:
    return stream.scope is None or principal.scopes is None or stream.scope in principal.scopes


def _stream(stream: Stream, access: Access) -> Iterator[Finding]:
    try:
        if stream.way is Way.LISTED:
            yield from _list(Probe(access, stream))
        elif stream.way is Way.PAGED_BY_PARENT:
            for parent in access.parents.get(stream.parent_setting or "", ()):
                yield _answers(access, stream, parent, paged=True)
        elif stream.way is Way.WHOLE:
            for parent in access.parents.get(stream.parent_setting or "", ("",)):
                yield _answers(access, stream, parent, paged=False)
    except KeyRefused as error:
        yield broken("key", stream.name, "the key accepted", "401", error.next_step, exit_status=3)
    except SourceUnavailable as error:
        yield broken("connect", stream.name, stream.path, error.what, "try again later", exit_status=8)
    except StreamFailed as error:
        yield broken("path", stream.name, stream.path, error.what, error.next_step)


def _list(probe: Probe) -> Iterator[Finding]:
    """One list by its reference, then what no reference tells: its order, and what comes past its end."""
    for finding in probe.judge():
        if finding.number in WORDS:
            yield replace(finding, number=WORDS[finding.number], setting=_told(finding))
        elif finding.number == "scope":
            yield finding
    full = next((shot for shot in probe.shots if shot.size == probe.manners.max_size and shot.is_ok), None)
    if full is None:
        return
    yield _order(probe, probe.rows(full))
    last = -(-(probe.total(full) or len(probe.rows(full))) // full.size)
    beyond = probe.ask(probe.first_page + last, full.size)
    got = f"{beyond.status}, {len(probe.rows(beyond))} rows" if beyond.is_ok else str(beyond.status)
    yield holds("past end", probe.name, got)


def _told(finding: Finding) -> str:
    """What to do where the documented is broken: no setting is at fault, though one may bridge it."""
    return f"{finding.setting}, or report it to the platform" if finding.is_broken else finding.setting


def _order(probe: Probe, rows: list[dict[str, object]]) -> Finding:
    order, stream = Order(), probe.stream
    texts = {
        name: [value if isinstance(value := row.get(name), str) else None for row in rows]
        for name in (stream.created_at, stream.updated_at)
    }
    ids = [str(row.get(probe.manners.id_field)) for row in rows]
    order.observe(ids, texts[stream.created_at], texts[stream.updated_at])
    if len(rows) < 2:  # noqa: PLR2004 - order takes two
        return not_tested("order", probe.name, "fewer than two rows")
    return holds("order", probe.name, f"{order.known or 'none that can be told'}, by {len(rows)} rows")


def _answers(access: Access, stream: Stream, parent: str, *, paged: bool) -> Finding:
    """Whether a configured batch or portal exists, or an administrator's list is open."""
    path = fill_path(stream.path, id=parent) if parent else stream.path
    query = {access.platform.manners.size_param: 1} if paged else None
    answer = access.client_for(stream).get(path, query, decode=len, returned=(403, NOT_FOUND))
    subject = f"{stream.name} {parent}".strip()
    if answer.status == NOT_FOUND:
        return broken("path", subject, "something there", "404", stream.parent_setting or stream.path)
    if not answer.value:
        return broken("owner", subject, "an administrator's key", str(answer.status), "api_key_audit = false")
    return holds("path", subject, "no key sent" if stream.public else "")
