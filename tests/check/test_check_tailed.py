"""Each assumption about Tailed broken alone: the message that `check` gives, and the setting that mends it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connector.errors import ContractBroken
from connector.reading.assumption import Finding, Outcome
from connector.reading.known import NothingKnown
from connector.reading.opening import opened
from connector.reading.probe import MOST_REQUESTS, Probe, refuse_when_broken
from connector.sandbox import Company, Drift, Fault, Server
from connector.sandbox.switches import Switches
from pipelines.check import as_json, check, exit_status
from pipelines.check.telling import line
from pipelines.settings import load
from tests.truth import differences

LISTS = ("candidates", "jobs", "applications", "snapshots")
TAILED = "SOURCES__TAILED__"
END = datetime(2026, 3, 4, 9, tzinfo=UTC)


def reshaped(**changes: Any) -> Callable[[Switches], None]:
    def reshape(switches: Switches) -> None:
        switches.tailed = replace(switches.tailed, **changes)

    return reshape


def from_page_one_leniently(switches: Switches) -> None:
    switches.tailed.first_page = 1
    switches.bad_page = "default"


@dataclass(frozen=True)
class Break:
    """One assumption broken: how, the line that tells it (of one stream), the settings that mend it.

    `loads` is whether a refresh goes on with the streams and leaves nulls; `before` are settings that are wrong first.
    """

    number: str
    change: Callable[[Switches], None]
    line: str
    mend: dict[str, str] = field(default_factory=dict)
    before: dict[str, str] = field(default_factory=dict)
    loads: bool = False


BREAKS = {
    "another header": Break(
        "A2",
        reshaped(header="X-Key", scheme=""),
        "A2 broken the API expected: the key accepted as Authorization: Bearer <key> got: 401"
        " try: auth.header, auth.scheme (or the key of tailed is wrong, revoked or expired: that looks the same)",
        {"AUTH__HEADER": "X-Key", "AUTH__SCHEME": ""},
    ),
    "another path": Break(
        "A3",
        lambda switches: switches.tailed.paths.update(jobs="/v2/postings"),
        "A3 broken jobs expected: /v1/jobs got: 404 try: paths.jobs",
        {"PATHS__JOBS": "/v2/postings"},
    ),
    "rows under another key": Break(
        "A4",
        reshaped(data_key="items"),
        "A4 broken jobs expected: an array of objects at 'data' got: the keys items, pagination"
        " try: envelope.data = items",
        {"ENVELOPE__DATA": "items"},
    ),
    "no envelope": Break(
        "A4",
        reshaped(data_key=""),
        "A4 broken jobs expected: an array of objects at 'data' got: the body itself is an array"
        ' try: envelope.data = ""',
        {"ENVELOPE__DATA": ""},
    ),
    "total under another key": Break(
        "A5",
        reshaped(total_count_key="meta.total"),
        "A5 broken jobs expected: a whole number at pagination.totalCount got: no whole number at"
        " pagination.totalCount; there are meta.total try: envelope.total_count = meta.total",
        {"ENVELOPE__TOTAL_COUNT": "meta.total"},
    ),
    "pages count from one": Break(
        "A6",
        reshaped(first_page=1),
        "A6 broken candidates expected: first page 0 got: page 0 -> 400, page 1 -> 200 try: page.first = 1",
        {"PAGE__FIRST": "1"},
    ),
    "pages count from one and zero is taken for it": Break(
        "A6",
        from_page_one_leniently,
        "A6 broken candidates expected: first page 0 got: page 0 and page 1 give the same row try: page.first = 1",
        {"PAGE__FIRST": "1"},
    ),
    "a page before the first": Break(
        "A6",
        reshaped(),
        "A6 broken candidates expected: first page 1 got: page 0 gives another row try: page.first = 0",
        {"PAGE__FIRST": "0"},
        before={"PAGE__FIRST": "1"},
    ),
    "another page parameter": Break(
        "A7",
        reshaped(page_param="p"),
        "A7 broken candidates expected: another row for each page got: one row for pages 0, 1 and 2 try: page.param",
        {"PAGE__PARAM": "p"},
    ),
    "another size parameter": Break(
        "A7",
        reshaped(size_param="limit"),
        "A7 broken candidates expected: pagination.pageSize 1 for pageSize=1 got: pagination.pageSize 20"
        " try: page.size_param",
        {"PAGE__SIZE_PARAM": "limit"},
    ),
    "smaller pages": Break(
        "A8",
        reshaped(max_size=20),
        "A8 broken candidates expected: pages of 100 rows got: pagination.pageSize 20 try: page.max_size = 20",
        {"PAGE__MAX_SIZE": "20"},
    ),
    "large pages refused": Break(
        "A8",
        reshaped(max_size=20, over_max="400"),
        "A8 broken candidates expected: pages of 100 rows got: pageSize=100 -> 400"
        " try: page.max_size = a smaller number",
        {"PAGE__MAX_SIZE": "20"},
    ),
    "another id": Break(
        "A9",
        reshaped(rename={name: {"id": "_id"} for name in LISTS}),
        "A9 broken jobs expected: an id of its own in id got: absent in {jobs} of {jobs} rows; unknown: _id"
        " try: fields.id = _id",
        {"FIELDS__ID": "_id"},
    ),
    "another time of creation": Break(
        "A10",
        reshaped(rename={"applications": {"createdAt": "created"}}),
        "A10 broken applications expected: field createdAt got: absent in {applications} of {applications} rows;"
        " unknown: created try: applications.fields.created_at = created until then: null",
        {"APPLICATIONS__FIELDS__CREATED_AT": "created"},
        loads=True,
    ),
    "another mark of deletion": Break(
        "A10",
        reshaped(rename={"candidates": {"deletedAt": "removedAt"}, "applications": {"deletedAt": "removedAt"}}),
        "A10 broken candidates expected: field deletedAt got: absent in {candidates} of {candidates} rows;"
        " unknown: removedAt try: fields.deleted_at = removedAt until then: null",
        {"FIELDS__DELETED_AT": "removedAt"},
        loads=True,
    ),
    "seconds since 1970": Break(
        "A11",
        reshaped(timestamps="epoch_seconds"),
        "A11 broken analytics_snapshots expected: times as iso8601 got: generatedAt as a whole number of 10 digits"
        " try: timestamps.format = epoch_seconds until then: null",
        {"TIMESTAMPS__FORMAT": "epoch_seconds"},
        loads=True,
    ),
    "milliseconds since 1970": Break(
        "A11",
        reshaped(timestamps="epoch_milliseconds"),
        "A11 broken analytics_snapshots expected: times as iso8601 got: generatedAt as a whole number of 13 digits"
        " try: timestamps.format = epoch_milliseconds until then: null",
        {"TIMESTAMPS__FORMAT": "epoch_milliseconds"},
        loads=True,
    ),
    "the day before the month": Break(
        "A11",
        reshaped(timestamps="day_first"),
        "A11 broken analytics_snapshots expected: times as iso8601 got: generatedAt as 00/00/0000 00:00:00"
        " try: timestamps.format = %d/%m/%Y %H:%M:%S until then: null",
        {"TIMESTAMPS__FORMAT": "%d/%m/%Y %H:%M:%S"},
        loads=True,
    ),
    "deleted rows that should have vanished": Break(
        "A12",
        reshaped(),
        "A12 broken candidates expected: deleted rows vanish from the list got: deletedAt in 1 of {candidates} rows"
        " try: deletes.returned = true",
        {"DELETES__RETURNED": "true"},
        before={"DELETES__RETURNED": "false"},
        loads=True,
    ),
    "another field": Break(
        "A15",
        reshaped(rename={"applications": {"stageEnteredAt": "stage_entered_at"}}),
        "A15 broken applications expected: field stageEnteredAt got: absent in {applications} of {applications} rows;"
        " unknown: stage_entered_at"
        ' try: fields.rename = {{"stageEnteredAt": "stage_entered_at"}} until then: null',
        {"APPLICATIONS__FIELDS__RENAME": '{"stageEnteredAt": "stage_entered_at"}'},
        loads=True,
    ),
}
BY_NAME = pytest.mark.parametrize("name", BREAKS)


@pytest.fixture
def company() -> Company:
    company = Company(seed=11, candidates=40, days=90, end=END)
    one = company.truth("tailed", "candidates")[0]["id"]
    for record in company.truth("tailed", "candidates"):
        if record["deletedAt"]:
            company.update("tailed", "candidates", record["id"], deletedAt=None)
    company.update("tailed", "candidates", one, deletedAt=company.now)
    return company


def found() -> list[Finding]:
    return check(load(platforms=("tailed",)))


def broken(findings: list[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.is_broken]


def words(finding: Finding) -> str:
    return " ".join(line(finding).split())


def set_all(monkeypatch: pytest.MonkeyPatch, settings: dict[str, str]) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(f"{TAILED}{name}", value)


def counts(company: Company) -> dict[str, int]:
    return {name: len(company.truth("tailed", name)) for name in LISTS}


def test_all_holds_where_the_api_is_as_assumed(server: Server) -> None:
    findings = found()

    assert broken(findings) == []
    assert exit_status(findings) == 0
    untested = {finding.number for finding in findings if finding.outcome is Outcome.NOT_TESTED}
    assert untested == {"A12", "A13", "A14"}
    assert {f"A{number}" for number in range(1, 16)} <= {finding.number for finding in findings}


@BY_NAME
def test_a_broken_assumption_is_named_alone_with_what_was_expected_what_came_and_the_setting(
    server: Server, company: Company, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    one = BREAKS[name]
    set_all(monkeypatch, one.before)
    one.change(server.switches)

    findings = found()

    assert {finding.number for finding in broken(findings)} == {one.number}
    assert one.line.format(**counts(company)) in [words(finding) for finding in findings]
    assert exit_status(findings) == {"A2": 3}.get(one.number, 5)


@BY_NAME
def test_the_setting_named_mends_it(server: Server, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    BREAKS[name].change(server.switches)
    set_all(monkeypatch, BREAKS[name].mend)

    assert broken(found()) == []


@pytest.mark.slow
@BY_NAME
def test_with_the_setting_a_refresh_equals_the_truth(
    server: Server, company: Company, run: Any, warehouse: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("PRIVACY__PROFILE", "full")
    BREAKS[name].change(server.switches)
    set_all(monkeypatch, BREAKS[name].mend)

    run(platforms=("tailed",))

    assert differences(str(warehouse), company, ("tailed",)) == {}


@pytest.mark.parametrize("name", [name for name, one in BREAKS.items() if not one.loads and one.number != "A2"])
def test_a_list_that_would_be_misread_is_refused_before_it_is_read(
    server: Server, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    one = BREAKS[name]
    set_all(monkeypatch, one.before)
    one.change(server.switches)

    for stream in ("jobs",) if one.number == "A3" else ("jobs", "candidates"):
        with probing() as access, pytest.raises(ContractBroken, match=f"assumption {one.number} is broken"):
            refuse_when_broken(access, access.platform.stream(stream))


@pytest.mark.parametrize("name", [name for name, one in BREAKS.items() if one.loads])
def test_a_list_that_merely_lacks_values_is_read(server: Server, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    set_all(monkeypatch, BREAKS[name].before)
    BREAKS[name].change(server.switches)

    with probing() as access:
        assert [refuse_when_broken(access, stream) for stream in access.platform.streams] == [3, 3, 3, 3]


def probing() -> Any:
    (account,) = load(platforms=("tailed",)).accounts
    return opened(
        account.platform,
        account.account,
        base_url=account.base_url,
        key=account.key,
        requests_per_minute=account.requests_per_minute,
        known=NothingKnown(),
        policy=load().policy,
        rename=account.rename,
        manners=account.manners,
    )


@BY_NAME
def test_at_most_seven_requests_are_asked_of_a_list(server: Server, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    set_all(monkeypatch, BREAKS[name].before)
    BREAKS[name].change(server.switches)
    with probing() as access:
        for stream in access.platform.streams:
            probe = Probe(access, stream)
            if BREAKS[name].number != "A2":
                probe.judge()
            assert probe.requests <= MOST_REQUESTS


def test_a_redirect_and_a_page_in_place_of_json_break_a1(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    server.switches.faults = [Fault("redirect", rate=1.0, path="/v1/")]
    findings = found()

    (finding,) = broken(findings)
    assert words(finding) == (
        f"A1 broken the API expected: {server.url} got: Tailed redirects /v1/jobs to 127.0.0.1 (302), which is not"
        " followed. try: base_url"
    )
    assert exit_status(findings) == 8
    monkeypatch.setattr("connector.http.retry.LONGEST_BACK_OFF_SECONDS", 0.01)
    server.switches.faults = [Fault("html", rate=1.0, path="/v1/")]
    assert {finding.number for finding in broken(found())} == {"A1"}


def test_a_refused_list_is_told_as_scope_or_plan_and_the_others_go_on(server: Server) -> None:
    server.switches.tailed.refused_lists = ("snapshots",)

    (finding,) = broken(found())
    assert words(finding) == (
        "scope broken analytics_snapshots expected: Analytics Read got: 403"
        " try: a key with that scope, on a plan with API access (Trial and Starter have none)"
    )


@pytest.mark.slow
def test_times_without_a_zone_hold_and_are_read_in_the_zone_of_the_settings(
    server: Server, company: Company, run: Any, ask: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.switches.tailed.timestamps = "naive"
    assert broken(found()) == []
    monkeypatch.setenv(f"{TAILED}TIMESTAMPS__ZONE", "Asia/Dubai")
    monkeypatch.setenv(f"{TAILED}STREAMS", "jobs")
    run(platforms=("tailed",))

    told = {job["id"]: job["createdAt"] for job in company.truth("tailed", "jobs")}
    stored = dict(ask("select id, strftime(created_at + interval 4 hour, '%Y-%m-%dT%H:%M:%SZ') from raw_tailed.jobs"))
    assert stored == told


def test_no_value_of_a_record_is_shown_whatever_breaks(server: Server, company: Company) -> None:
    server.switches.new_fields = True
    server.switches.tailed.timestamps = "day_first"
    server.switches.drift = [
        Drift("tailed.candidates", "fullName", value={"first": "Ada"}),
        Drift("tailed.candidates", "tags", value="tag"),
        Drift("tailed.applications", "appliedAt", value=None),
        Drift("tailed.applications", "id", value="twice"),
    ]
    told = str(as_json(found()))

    assert "dict in" in told
    assert "xNewField" in told
    for person in company.truth("tailed", "candidates"):
        for value in (person["fullName"], person["email"], person["phone"], person["id"]):
            assert value is None or value not in told
    assert "twice" not in told


def test_values_of_another_type_and_nulls_where_none_is_assumed_are_told(server: Server, company: Company) -> None:
    server.switches.drift = [
        Drift("tailed.jobs", "openings", value="two"),
        Drift("tailed.candidates", "fullName", value=None),
        Drift("tailed.snapshots", "stageCounts", value=[1]),
    ]
    jobs, people = counts(company)["jobs"], counts(company)["candidates"]

    assert [words(finding).split(" try: ")[0] for finding in broken(found())] == [
        f"A15 broken jobs expected: field openings as integer got: str in {jobs} of {jobs} rows",
        f"A15 broken candidates expected: field fullName never null got: null in {people} of {people} rows",
        "A15 broken analytics_snapshots expected: field stageCounts as an object got: list in 100 of 100 rows",
    ]


@pytest.mark.parametrize("jobs", [1, 2, 3])
@pytest.mark.parametrize("past_the_end", ["empty", "404", "400"])
def test_a_page_before_the_first_is_noticed_however_short_the_list(
    server: Server, company: Company, monkeypatch: pytest.MonkeyPatch, jobs: int, past_the_end: str
) -> None:
    for record in company.truth("tailed", "jobs")[jobs:]:
        company.delete("tailed", "jobs", record["id"])
    server.switches.past_the_end = past_the_end
    monkeypatch.setenv(f"{TAILED}PAGE__FIRST", "1")
    monkeypatch.setenv(f"{TAILED}STREAMS", "jobs")

    assert {(one.number, one.remedy) for one in broken(found())} == {("A6", "page.first = 0")}


def test_an_empty_list_and_one_row_are_not_tested_where_it_takes_more(server: Server) -> None:
    server.switches.empty_lists = ("tailed.jobs",)
    jobs = {finding.number: finding.reason for finding in found() if finding.subject == "jobs"}

    assert jobs["A6"] == jobs["A7"] == "fewer than two rows"
    assert jobs["A9"] == jobs["A15"] == "the list is empty"
    assert broken(found()) == []
