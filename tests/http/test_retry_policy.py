"""How long to wait, how often to try, and when to end."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hostile_server import DreamClock, decode_page, reply
from hypothesis import given
from hypothesis import strategies as st

from connector.errors import SourceUnavailable
from connector.http.retry import Budget, Failure, Policy, http_date, retry_after

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
IN_30_SECONDS = "Wed, 04 Mar 2026 05:06:37 GMT"
LIST = "/api/v1/candidates"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30", 30.0),
        (" 30 ", 30.0),
        ("0", 0.0),
        ("1.5", 1.5),
        ("Wed, 04 Mar 2026 05:06:37 GMT", 30.0),
        ("Wednesday, 04-Mar-26 05:06:37 GMT", 30.0),
        ("Wed, 04 Mar 2026 08:06:37 +0300", 30.0),
        ("9" * 400, float("inf")),
        (None, None),
        ("", None),
        ("-5", None),
        ("soon", None),
        ("NaN", None),
        ("1e9", None),
        ("inf", None),
        ("\u0663\u0660", None),
        ("Wed, 04 Mar 2026 05:06:07 GMT", None),
        ("Wed, 04 Mar 1996 05:06:37 GMT", None),
        ("Wed, 99 Mar 2026 05:06:37 GMT", None),
        ("2026-03-04T05:06:37Z", None),
    ],
)
def test_retry_after_is_understood_or_taken_as_absent(text, seconds):
    assert retry_after(text, NOW) == seconds


@given(st.text() | st.text(alphabet="0123456789.,:-+ GMTWedMar", max_size=40))
def test_whatever_the_text_the_wait_is_a_length_of_time_or_nothing(text):
    wait = retry_after(text, NOW)

    assert wait is None or wait >= 0


@given(st.integers(0, 2**33).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)))
def test_a_date_as_http_writes_it_is_read_to_the_second(instant):
    assert http_date(instant.strftime("%a, %d %b %Y %H:%M:%S GMT")) == instant


@pytest.mark.parametrize(
    ("header", "least", "most"),
    [("30", 30, 31), ("0", 0, 1), ("599", 599, 600), ("", 1, 4), ("-5", 1, 4), ("soon", 1, 4), (IN_30_SECONDS, 30, 31)],
)
def test_a_429_waits_as_long_as_it_says_or_backs_off(serve, client_of, header, least, most):
    server = serve(
        lambda number, connection: reply(b"", "429 X", Retry_After=header) if number == 0 else reply(b'{"data":[]}')
    )
    client = client_of(server)

    client.get(LIST, decode=decode_page)

    [nap] = client.naps
    assert least <= nap <= most


@pytest.mark.parametrize("header", ["601", "86400", "9" * 30, "Wed, 04 Mar 2026 06:06:07 GMT"])
@pytest.mark.parametrize("status", ["429 X", "503 X"])
def test_a_wait_above_ten_minutes_ends_the_run_in_place_of_sleeping(serve, client_of, header, status):
    server = serve(reply(b"", status, Retry_After=header))
    client = client_of(server)

    with pytest.raises(SourceUnavailable, match="longer than 10 minutes"):
        client.get(LIST, decode=decode_page)

    assert (client.naps, len(server.heads)) == ([], 1)


@given(st.lists(st.floats(0, 1), min_size=4, max_size=4), st.booleans())
def test_back_off_grows_is_jittered_and_stays_between_bounds(chances, too_many):
    naps = []
    chance = itertools.cycle(chances)
    policy = Policy(Budget(10_000), clock=lambda: 0.0, sleep=naps.append, chance=lambda: next(chance))

    outcome = policy.run(lambda: Failure("status 500", too_many=too_many))

    assert isinstance(outcome, Failure)
    bounds = [(1, 4), (1, 16), (1, 60), (1, 60)] if too_many else [(0, 1), (0, 2), (0, 4), (0, 8)]
    assert len(naps) == 4
    assert all(least <= nap <= most for nap, (least, most) in zip(naps, bounds, strict=True))


def test_the_run_has_one_budget_for_all_its_failures(serve, client_of):
    clock = DreamClock()
    server = serve(reply(b"", "503 X", Retry_After="100"))
    client = client_of(server, budget_seconds=250.0, clock=clock, sleep=clock.sleep)

    with pytest.raises(SourceUnavailable, match="250 s"):
        client.get(LIST, decode=decode_page)
    asked = len(server.heads)
    with pytest.raises(SourceUnavailable, match="250 s"):
        client.get(LIST, decode=decode_page)

    assert (asked, len(server.heads)) == (3, 4)


def test_failures_at_the_same_time_are_charged_once():
    budget = Budget(100.0)

    assert budget.affords(0.0, 60.0)
    assert budget.affords(10.0, 70.0)
    assert budget.affords(20.0, 50.0)
    assert budget.spent == 70.0
    assert not budget.affords(200.0, 231.0)


def test_a_date_by_the_servers_clock_is_not_compared_with_ours(serve, client_of):
    header = {"Date": "Wed, 04 Mar 2026 05:06:07 GMT", "Retry_After": "Wed, 04 Mar 2026 05:06:17 GMT"}
    server = serve(lambda number, connection: reply(b"", "503 X", **header) if number == 0 else reply(b'{"data":[]}'))
    client = client_of(server, now=lambda: NOW + timedelta(days=400))

    client.get(LIST, decode=decode_page)

    assert 10 <= client.naps[0] <= 11
