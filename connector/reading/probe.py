"""Holds one list to what is assumed of it, with at most seven small requests: path, envelope, pages (A3 to A8).

What the rows of the list look like is judged in `probe_rows`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import msgspec

from connector.errors import BadBody, ContractBroken, ScopeMissing
from connector.platforms.assumed import AssumedManners
from connector.reading.assumption import Finding, broken, holds, not_tested, shown
from connector.reading.probe_rows import ROWS_NUMBERS, judge_rows
from connector.reading.times import form_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.contract import Manners, Stream
    from connector.reading.access import Access

MOST_REQUESTS: Final = 7
OK: Final = 200
FORBIDDEN: Final = 403
NO_SCOPE: Final = "a key with that scope, on a plan with API access (Trial and Starter have none)"
NO_SUCH_PATH: Final = (404, 405)
HANDED_BACK: Final = frozenset({400, 403, 404, 405, 406, 409, 410, 414, 415, 416, 422})
TOTALS: Final = {
    "page": r"page(?!s|.?size)|offset",
    "page_size": r"size|limit|per",
    "total_count": r"total(?!.?pages)|count",
    "total_pages": r"pages",
}
"""The keys of an envelope, with what an API may call them."""


@dataclass(frozen=True, slots=True)
class Shot:
    """One reply of a probe: the page and size asked for, the status, the body decoded."""

    page: int
    size: int
    status: int
    body: Any = None

    @property
    def is_ok(self) -> bool:
        """Whether a body came."""
        return self.status == OK


@dataclass
class Probe:
    """The probing of one list.

    `ask` raises what the client raises when the platform cannot be reached (A1) or refuses the key (A2).
    """

    access: Access
    stream: Stream
    path: str = ""
    requests: int = 0
    shots: list[Shot] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.manners = self.access.manners_of(self.stream)
        self.name = self.stream.name
        self.path = self.path or self.stream.path
        self.data = self.stream.data if self.stream.data != "data" else self.manners.data
        self.first_page = self.manners.first_page

    def ask(self, page: int, size: int) -> Shot:
        """One small request."""
        status, body = self._get({self.manners.page_param: page, self.manners.size_param: size})
        shot = Shot(page, size, status, body)
        self.shots.append(shot)
        return shot

    def _get(self, query: dict[str, str | int] | None) -> tuple[int, Any]:
        answer = self.access.client_for(self.stream).get(self.path, query, decode=_json, returned=HANDED_BACK)
        self.requests += 1
        return answer.status, answer.value

    def rows(self, shot: Shot) -> list[dict[str, Any]]:
        """The rows of a reply; empty when there are none, or no such thing."""
        found = _inner(shot.body, self.data) if shot.is_ok else None
        return found if isinstance(found, list) and all(isinstance(row, dict) for row in found) else []

    def total(self, shot: Shot) -> int | None:
        """The declared number of rows."""
        found = _inner(shot.body, self.manners.total_count) if self.data else None
        return found if type(found) is int else None

    def judge(self) -> list[Finding]:
        """All that can be said of the list."""
        first = self.ask(self.first_page, 1)
        refusal = self._judge_refusal(first)
        if refusal is not None and refusal.number == "A7":
            return [holds("A3", self.name), refusal, *self._untested("A3", "A7")]
        if refusal is not None and refusal.number != "A6":
            return [refusal, *self._untested(refusal.number)]
        findings = [holds("A3", self.name)]
        if refusal is not None:
            first = self.shots[-1]
            if not first.is_ok:
                return [*findings, refusal, *self._untested("A3", "A6")]
            self.first_page = first.page
        envelope = self._judge_rows_key(first)
        findings.append(envelope)
        if envelope.is_broken:
            return [*findings, *([refusal] if refusal else []), *self._untested("A3", "A4", "A6" if refusal else "")]
        findings.append(self._judge_totals(first))
        findings += self._judge_pages(first, refusal)
        found = {one.number: one for one in findings if one.is_broken}
        start = int(found["A6"].given) if "A6" in found and found["A6"].given else first.page
        findings.append(self._judge_size(start, size_is_heeded="A7" not in found))
        fullest = max(self.shots, key=lambda shot: len(self.rows(shot)))
        findings += judge_rows(self.access, self.stream, self.rows(fullest))
        return sorted(findings, key=_by_number)

    def _untested(self, *done: str) -> Iterator[Finding]:
        cause = next(number for number in reversed(done) if number)
        for number in ("A3", "A4", "A5", "A6", "A7", "A8", *ROWS_NUMBERS):
            if number not in done:
                yield not_tested(number, self.name, f"{cause} first")

    def _judge_refusal(self, first: Shot) -> Finding | None:
        """What a status other than 200 means: no such path, not allowed, or no such page."""
        if first.is_ok:
            return None
        if first.status == FORBIDDEN:
            scope = self.stream.scope or "a right that the key lacks"
            return broken("scope", self.name, scope, "403", NO_SCOPE)
        before = self._before(first)
        if before is not None and before.is_ok:
            got = f"page {first.page} -> {first.status}, page {before.page} -> {before.status}"
            return broken("A6", self.name, f"first page {first.page}", got, "page.first", str(before.page))
        after = None if first.status == NO_SUCH_PATH[1] else self.ask(first.page + 1, 1)
        if after is not None and (after.is_ok or first.status not in NO_SUCH_PATH):
            got = f"page {first.page} -> {first.status}, page {after.page} -> {after.status}"
            if not after.is_ok and self._get(None)[0] == OK:
                expected = f"{self.manners.page_param}={first.page}&{self.manners.size_param}=1 accepted"
                got += ", without parameters -> 200"
                return broken("A7", self.name, expected, got, "page.param, page.size_param")
            given = str(after.page) if after.is_ok else ""
            return broken("A6", self.name, f"first page {first.page}", got, "page.first", given)
        setting = f"paths.{self.name.removeprefix('analytics_')}"
        return broken("A3", self.name, self.stream.path, str(first.status), setting)

    def _judge_rows_key(self, shot: Shot) -> Finding:
        found = _inner(shot.body, self.data)
        where = f"an array of objects at {self.data!r}" if self.data else "an array of objects as the body"
        if isinstance(found, list) and all(isinstance(row, dict) for row in found):
            return holds("A4", self.name)
        if isinstance(shot.body, list):
            return broken("A4", self.name, where, "the body itself is an array", "envelope.data", '""')
        if not isinstance(shot.body, dict):
            return broken("A4", self.name, where, "a body that is neither object nor array", "envelope.data")
        lists = [path for path, value in _flat(shot.body) if isinstance(value, list)]
        given = lists[0] if len(lists) == 1 else ""
        return broken("A4", self.name, where, f"the keys {shown(shot.body)}", "envelope.data", given)

    def _judge_totals(self, shot: Shot) -> Finding:
        if not self.data:
            return not_tested("A5", self.name, "the body itself is the list, so nothing tells totals")
        wanted = {name: path for name in TOTALS if (path := getattr(self.manners, name))}
        whole = {path: value for path, value in _flat(shot.body) if type(value) is int}
        missing = {name: path for name, path in wanted.items() if path not in whole}
        if missing:
            other = {path: value for path, value in _flat(shot.body) if path in missing.values()}
            free = [path for path in whole if path not in wanted.values()]
            name, path = next(iter(missing.items()))
            likely = [one for one in free if re.search(TOTALS[name], one.rsplit(".", 1)[-1].lower())]
            got = f"no whole number at {', '.join(missing.values())}; there are {shown(free) or 'none'}"
            if other:
                got = ", ".join(f"{form_of(value)} at {path}" for path, value in other.items())
            return broken(
                "A5", self.name, f"a whole number at {path}", got, f"envelope.{name}", (likely or free or [""])[0]
            )
        if {"total_count", "total_pages", "page_size"} <= wanted.keys():
            total, pages = whole[wanted["total_count"]], whole[wanted["total_pages"]]
            size = max(1, whole[wanted["page_size"]])
            # An empty list may have no page, or one without rows.
            if pages != -(-total // size) and not (total == 0 and pages in (0, 1)):
                got = f"{pages} pages for {total} rows by {size}"
                expected = f"{wanted['total_pages']} = {wanted['total_count']} / {wanted['page_size']}, rounded up"
                return broken("A5", self.name, expected, got, "envelope.total_pages")
        return holds("A5", self.name)

    def _judge_pages(self, first: Shot, refused: Finding | None) -> list[Finding]:
        """Whether page numbers begin where they should (A6), and whether the parameters are heeded (A7)."""
        a7 = self._judge_echo(first, "page_size", "page.size_param")
        if a7 is None and len(self.rows(first)) > 1:
            got = f"{len(self.rows(first))} rows"
            a7 = broken("A7", self.name, f"one row for {self.manners.size_param}=1", got, "page.size_param")
        second = self.ask(first.page + 1, 1)
        if not self.rows(first) or not self.rows(second):
            reason = "fewer than two rows"
            # Rows that are counted and do not come may lie before the page that was taken for the first.
            hidden = self.total(first) or 0 if not refused else 0
            a6 = refused or (self._judge_before(first) if hidden > len(self.rows(first)) else None)
            return [a6 or not_tested("A6", self.name, reason), a7 or not_tested("A7", self.name, reason)]
        a6 = refused or self._judge_first(first, second)
        if a6 is not None and a6.number == "A7":
            return [not_tested("A6", self.name, "A7 first"), a6]
        echo = self._judge_echo(second, "page", "page.param")
        if a6 is None:
            echo = self._judge_echo(first, "page", "page.param") or echo
        return [a6 or holds("A6", self.name), a7 or echo or holds("A7", self.name)]

    def _judge_first(self, first: Shot, second: Shot) -> Finding | None:
        """None when pages begin where they should; a finding of A7 when all pages are one."""
        expected = f"first page {first.page}"
        if self._same(first, second):
            again = [self.ask(first.page, 1), self.ask(second.page, 1)]
            if self._same(*again):
                third = self.ask(second.page + 1, 1)
                if not self.rows(third) or self._same(again[1], third):
                    got = f"one row for pages {first.page}, {second.page} and {third.page}"
                    return broken("A7", self.name, f"another row for each {self.manners.page_param}", got, "page.param")
                got = f"page {first.page} and page {second.page} give the same row"
                return broken("A6", self.name, expected, got, "page.first", str(second.page))
        return self._judge_before(first)

    def _before(self, first: Shot) -> Shot | None:
        return self.ask(first.page - 1, 1) if first.page > 0 else None

    def _judge_before(self, first: Shot) -> Finding | None:
        """A finding of A6 when the page before the first gives a row that the first does not."""
        before = self._before(first)
        if before is None or not self.rows(before) or self._same(first, before):
            return None
        got = f"page {before.page} gives another row"
        return broken("A6", self.name, f"first page {first.page}", got, "page.first", str(before.page))

    def _judge_echo(self, shot: Shot, name: str, setting: str) -> Finding | None:
        asked = shot.page if name == "page" else shot.size
        path = getattr(self.manners, name)
        echo = _inner(shot.body, path) if self.data and path else None
        if type(echo) is not int or echo == asked:
            return None
        parameter = self.manners.page_param if name == "page" else self.manners.size_param
        return broken("A7", self.name, f"{path} {asked} for {parameter}={asked}", f"{path} {echo}", setting)

    def _judge_size(self, page: int, *, size_is_heeded: bool) -> Finding:
        largest = self.manners.max_size
        full = self.ask(page, largest)
        if not full.is_ok:
            got = f"{self.manners.size_param}={largest} -> {full.status}"
            return broken("A8", self.name, f"pages of {largest} rows", got, "page.max_size", "a smaller number")
        if not size_is_heeded:
            return not_tested("A8", self.name, "A7 first")
        echo = _inner(full.body, self.manners.page_size) if self.data and self.manners.page_size else None
        count, total = len(self.rows(full)), self.total(full)
        if type(echo) is int and echo < largest:
            got = f"{self.manners.page_size} {echo}"
            return broken("A8", self.name, f"pages of {largest} rows", got, "page.max_size", str(echo))
        if total is not None and count < min(largest, total):
            got = f"{count} rows of {total}"
            return broken("A8", self.name, f"pages of {largest} rows", got, "page.max_size", str(count))
        if total is None and count < largest:
            return not_tested("A8", self.name, f"{count} rows came, and nothing tells how many there are")
        return holds("A8", self.name)

    def _same(self, one: Shot, other: Shot) -> bool:
        return bool(self._row(one) == self._row(other))

    def _row(self, shot: Shot) -> Any:
        rows = self.rows(shot)
        if not rows:
            return None
        return rows[0].get(self.manners.id_field, msgspec.json.encode(rows[0]))


def usual_requests(manners: Manners) -> int:
    """How many requests it takes to hold a list to what is assumed, when all holds; none where nothing is assumed."""
    if not isinstance(manners, AssumedManners):
        return 0
    return 3 if manners.first_page == 0 else 4


def refuse_when_broken(access: Access, stream: Stream) -> int:
    """Hold a list to what is merely assumed of it before it is read; tells how many requests that took.

    Raises ContractBroken, naming assumption and setting, when a reading would be partial or misread, and ScopeMissing
    when key or plan do not open the list.
    """
    if not isinstance(access.manners_of(stream), AssumedManners):
        return 0
    probe = Probe(access, stream)
    for finding in probe.judge():
        if not finding.stops_reading:
            continue
        if finding.number == "scope":
            what = f"{access.platform.title} does not open {stream.name} to this key (403)."
            raise ScopeMissing(
                what, f"Its rows stay as they are. It takes {finding.expected}: {finding.setting}.", stream=stream.name
            )
        raise ContractBroken(
            f"{stream.name}: assumption {finding.number} is broken. {finding.details}.",
            f"Its rows stay as they are. {_how_to_set(access.platform.name, finding)}",
            stream=stream.name,
        )
    return probe.requests


def _how_to_set(platform: str, finding: Finding) -> str:
    """The setting by the name that the environment gives it, where one setting is at fault."""
    if not re.fullmatch(r"[a-z_]+(\.[a-z_]+)+", finding.setting):
        return "Run `hiring-elt check` to see all that no longer holds."
    name = f"SOURCES__{platform}__{finding.setting.replace('.', '__')}".upper()
    return f"The setting is {name}; `hiring-elt check` tells whether it is right."


def _by_number(finding: Finding) -> tuple[int, str]:
    digits = finding.number.removeprefix("A")
    return (int(digits) if digits.isdigit() else 0, finding.number)


def _json(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BadBody("a body that is not whole JSON") from None


def _inner(body: Any, path: str) -> Any:
    """The value at a dotted path; the body itself for an empty one."""
    for part in path.split(".") if path else ():
        body = body.get(part) if isinstance(body, dict) else None
    return body


def _flat(body: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    """Each value of an envelope with its dotted path; lists are not opened."""
    for name, value in body.items() if isinstance(body, dict) else ():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", value
