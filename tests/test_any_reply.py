"""Replies made up by Hypothesis, whole and broken: each ends in rows, in quarantine or in an error of ours."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.errors import BadBody, ContractBroken, SourceUnavailable, StreamFailed
from connector.platforms.talent_ray import TALENT_RAY
from connector.reading.account import Wishes, read_account
from connector.reading.collecting import Collector
from connector.reading.pages import PageDecoder
from tests.answering import answering

if TYPE_CHECKING:
    from connector.contract import Column
    from connector.reading.access import Access

NOW = datetime(2026, 3, 4, tzinfo=UTC)
CANDIDATES = TALENT_RAY.stream("candidates")
HOSTILE_IDS = [
    "",
    ".",
    "..",
    "../../admin",
    "a/b",
    "a%2Fb",
    "?x=1",
    "#",
    "\x00",
    "\u202e",
    "é",
    "😀",
    "x" * 2_000,
    " ",
    "//h",
]
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(allow_nan=False), st.text(max_size=12),
    st.sampled_from(["2026-02-30T00:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:60Z", "\ud800", "\x00", "-1"]),
)  # fmt: skip
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
IDS = st.one_of(st.text(max_size=8), st.sampled_from(HOSTILE_IDS), st.integers(), SCALARS)
INSTANTS = st.sampled_from(["2026-02-03T07:00:00Z", "2026-02-03T07:00:00.123+03:00", "2026-02-03T07:00:00"])


def value_of(column: Column) -> st.SearchStrategy[Any]:
    """A value that the column takes, or, one time in a few, anything."""
    if column.privacy == "key":
        return IDS
    good = (
        INSTANTS
        if column.kind == "timestamp"
        else st.integers(-1, 100)
        if column.kind == "number"
        else st.text(max_size=9)
    )
    return st.one_of(good, good, good, ANYTHING)


ROLE = st.dictionaries(
    st.sampled_from(["roleId", "roleName", "status", "overallFitScore", "approved", "new"]), ANYTHING
)
RECORD = st.fixed_dictionaries(
    {"id": IDS},
    optional={column.field: value_of(column) for column in CANDIDATES.columns if column.field != "id"}
    | {"roles": st.lists(ROLE, max_size=3) | ANYTHING, "fieldOfTomorrow": ANYTHING, "full_name": SCALARS},
)
COUNT = st.one_of(st.integers(-2, 300), st.integers(0, 5), ANYTHING)
ENVELOPE = st.fixed_dictionaries(
    {},
    optional={
        "data": st.lists(st.one_of(RECORD, RECORD, RECORD, ANYTHING), max_size=5) | ANYTHING,
        "pagination": st.dictionaries(st.sampled_from(["page", "pageSize", "totalCount", "totalPages"]), COUNT)
        | ANYTHING,
        "error": ANYTHING,
    },
)


@st.composite
def replies(draw: st.DrawFn) -> bytes:
    """A body: an envelope, anything at all, or either of them cut or spoilt."""
    body = json.dumps(draw(st.one_of(ENVELOPE, ENVELOPE, ENVELOPE, ANYTHING)), ensure_ascii=draw(st.booleans()))
    octets = body.encode("utf-8", "surrogatepass")
    if draw(st.integers(0, 9)) == 0:
        place = draw(st.integers(0, len(octets)))
        octets = (
            octets[:place]
            + draw(st.sampled_from([b"", b"\xff", b"NaN", b"[" * 80, b'"', b"\x00"]))
            + octets[place + 1 :]
        )
    return octets


def body_of(octets: bytes) -> httpx.Response:
    return httpx.Response(200, headers={"Content-Type": "application/json"}, content=octets)


def settle_one(access: Access, octets: bytes) -> None:
    """Decode one reply and type its records: all of them are rows, doubles of rows, or in quarantine."""
    decode = PageDecoder(CANDIDATES, TALENT_RAY.manners, access.marker)
    collector = Collector(access, CANDIDATES)
    try:
        page = decode(octets)
        collector.take(page.raw, page.ids, page.marks, NOW)
        tables = collector.tables()
    except (BadBody, ContractBroken):
        return
    set_aside = sum(not one.column for one in collector.quarantined if one.table == "candidates")
    ids = [one for one in page.ids if one is not None]
    assert len(page.raw) == len(ids) + page.ids.count(None)
    rows = tables["candidates"]["id"].to_pylist() if "candidates" in tables else []
    assert len(rows) == len(set(rows))
    assert len(rows) + set_aside + (len(ids) - len(set(ids))) >= len(page.raw) - page.ids.count(None)
    assert set_aside >= page.ids.count(None)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(octets=replies())
def test_a_reply_ends_in_rows_in_quarantine_or_in_an_error_of_ours(octets: bytes) -> None:
    with answering(lambda request: body_of(b"{}")) as access:
        settle_one(access, octets)


@pytest.mark.slow
def test_ten_thousand_replies_end_in_rows_in_quarantine_or_in_errors_of_ours() -> None:
    """T37."""
    with answering(lambda request: body_of(b"{}")) as access:

        @settings(max_examples=10_000, deadline=10_000, suppress_health_check=list(HealthCheck), database=None)
        @given(octets=replies())
        def each(octets: bytes) -> None:
            settle_one(access, octets)

        each()


def read_against(answers: list[bytes]) -> None:
    """A whole reading whose replies are these in turn, target by target; ends at once, in a harvest or in an error."""
    asked: dict[str, int] = {}
    lock = threading.Lock()

    def handler(request: httpx.Request) -> httpx.Response:
        target = request.url.raw_path.decode()
        if target.endswith("/me"):
            return body_of(b'{"user":{"id":"u","role":"user"},"auth":{}}')
        assert_expected_form(target)
        with lock:
            asked[target] = asked.get(target, 0) + 1
        return body_of(answers[(sum(target.encode()) + asked[target]) % len(answers)])

    with answering(handler) as access:
        try:
            harvest = read_account(access, ("candidates", "candidate_steps"), Wishes())
        except (SourceUnavailable, StreamFailed):
            return
    assert all(note.verdict in {"proven", "count_complete", "unproven", "failed"} for note in harvest.sweeps.values())
    assert sum(asked.values()) < 5_000


def assert_expected_form(target: str) -> None:
    """T36: whatever ids arrive, only the paths of the reference are asked for."""
    path, _, query = target.partition("?")
    parts = path.split("/")
    assert parts[:4] == ["", "api", "v1", "candidates"], target
    assert parts[4:] == [] or (len(parts) == 6 and parts[5] == "steps"), target
    assert not {".", "..", ""} & set(parts[4:]), target
    assert all(piece.split("=")[0] in {"page", "pageSize"} for piece in query.split("&") if piece), target


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(answers=st.lists(replies(), min_size=1, max_size=4))
def test_a_reading_of_made_up_replies_ends_in_a_harvest_or_in_an_error_of_ours(answers: list[bytes]) -> None:
    read_against(answers)


@pytest.mark.slow
def test_a_thousand_readings_of_made_up_replies_end_in_a_harvest_or_in_an_error_of_ours() -> None:
    """T36 and T37, through the whole reading."""

    @settings(max_examples=1_000, deadline=60_000, suppress_health_check=list(HealthCheck), database=None)
    @given(answers=st.lists(replies(), min_size=1, max_size=4))
    def each(answers: list[bytes]) -> None:
        read_against(answers)

    each()
