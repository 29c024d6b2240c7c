"""A platform without a public reference: each assumption by its number, stream by stream."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from connector.contract import Way
from connector.errors import KeyRefused, SourceUnavailable, StreamFailed
from connector.reading.assumption import Finding, Outcome, broken, holds, not_tested
from connector.reading.probe import Probe
from connector.reading.rate_findings import OF_THE_WHOLE, rate_findings
from pipelines.check.clock import check_clock

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from connector.contract import Stream
    from connector.reading.access import Access
    from pipelines.settings import AccountSettings

OF_ALL_STREAMS: Final = ("paths.", "a key", "base_url", "auth.", "deletes.")
A_FIELD: Final = "field "


def check_assumptions(account: AccountSettings, access: Access) -> Iterator[Finding]:
    """All assumptions about the lists that are read, as far as a few requests can tell."""
    streams = [stream for stream in access.platform.streams if stream.name in account.streams]
    found: list[Finding] = []
    lost: Finding | None = None
    for stream in streams:
        if stream.way is not Way.LISTED:
            continue
        if lost is not None:
            found.append(not_tested("A3", stream.name, f"{lost.number} first"))
            continue
        try:
            found += Probe(access, stream).judge()
        except KeyRefused:
            lost = _key_refused(account, access)
        except SourceUnavailable as error:
            lost = broken("A1", OF_THE_WHOLE, account.base_url, error.what, "base_url", exit_status=8)
        except StreamFailed as error:
            found.append(broken("A3", stream.name, stream.path, error.what, f"paths.{stream.name}"))
    yield from _of_the_whole(lost)
    yield from localised(found, streams)
    told = list(rate_findings(access))
    yield from told
    for number in sorted({"A13", "A14"}.difference(one.number for one in told)):
        yield not_tested(number, OF_THE_WHOLE, "a request too many is never provoked; a refresh that meets one tells")
    yield from check_clock(access)


def _key_refused(account: AccountSettings, access: Access) -> Finding:
    manners = access.platform.manners
    value = f"{manners.auth_scheme} <key>".strip()
    return broken(
        "A2",
        OF_THE_WHOLE,
        f"the key accepted as {manners.auth_header}: {value}",
        "401",
        "auth.header, auth.scheme",
        reason=f"or the key of {account.name} is wrong, revoked or expired: that looks the same",
        exit_status=3,
    )


def _of_the_whole(lost: Finding | None) -> Iterator[Finding]:
    """A1 and A2: whether the API was reached, and the key accepted."""
    if lost is None:
        yield from (holds("A1", OF_THE_WHOLE), holds("A2", OF_THE_WHOLE))
    elif lost.number == "A2":
        yield from (holds("A1", OF_THE_WHOLE), lost)
    else:
        yield from (lost, not_tested("A2", OF_THE_WHOLE, "A1 first"))


def localised(found: Sequence[Finding], streams: Sequence[Stream]) -> Iterator[Finding]:
    """Name the setting of one stream where other streams hold, the setting of all where all are broken alike."""
    fields = {stream.name: {one.field for one in stream.columns if not one.optional} for stream in streams}
    for finding in found:
        if not finding.is_broken or finding.setting.startswith(OF_ALL_STREAMS):
            yield finding
            continue
        others = [one for one in found if one.number == finding.number and one.subject != finding.subject]
        if finding.expected.startswith(A_FIELD):
            field = finding.expected.removeprefix(A_FIELD)
            others = [one for one in others if field in fields[one.subject]]
        fine = any(one.outcome is Outcome.HOLDS for one in others)
        unlike = any(one.is_broken and one.remedy != finding.remedy for one in others)
        yield replace(finding, setting=f"{finding.subject}.{finding.setting}") if fine or unlike else finding
