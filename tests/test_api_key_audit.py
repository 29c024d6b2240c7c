"""The API-key audit: the list of keys, and the usage log read back by its cursor without gaps or doubles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from connector.reading.access import Access
from connector.reading.collecting import Collector
from connector.reading.known import NothingKnown
from connector.reading.lists import ListRead
from connector.reading.log import LARGEST_PAGE, newest_of_each, read_log
from connector.reading.opening import opened
from connector.sandbox import Company, Fault, Server
from pipelines.settings import load

Seen = tuple[ListRead, pa.Table]


@contextmanager
def auditing() -> Iterator[Access]:
    (account,) = load(platforms=("talent_ray",)).accounts
    with opened(
        account.platform,
        account.account,
        base_url=account.base_url,
        key=account.key,
        requests_per_minute=account.requests_per_minute,
        known=NothingKnown(),
        policy=load().policy,
    ) as access:
        yield access


def read(key_id: str, since: datetime | None = None) -> Seen:
    with auditing() as access:
        stream = access.platform.stream("api_key_usage")
        collector = Collector(access, stream)
        found = read_log(access, stream, collector, key_id, since)
        return found, collector.tables()["api_key_usage"]


def used(company: Company, instants: list[datetime], key: Any = None) -> list[str]:
    """Write calls at these instants into the log of a key; their ids."""
    key = key or company.access.create("user_admin", company.now, name="busy")
    for at in instants:
        company.access.note(key, at, "GET", "/api/v1/roles", "192.0.2.1", "test/1")
    return [row["id"] for row in key.usage[-len(instants) :]]


def spread(company: Company, count: int, seconds: float) -> list[datetime]:
    end = company.now
    return [end - timedelta(seconds=int(seconds * number)) for number in range(count, 0, -1)]


def busy(company: Company) -> Any:
    return company.access.create("user_admin", company.now, name="busy")


def test_a_log_of_several_pages_is_read_back_whole_and_nothing_comes_twice(server: Server, company: Company) -> None:
    key = busy(company)
    ids = used(company, spread(company, 1700, 7), key)

    found, rows = read(key.id)

    assert sorted(rows["id"].to_pylist()) == sorted(ids)
    assert found.swept.verdict == "proven"
    assert found.swept.requests == 4


def test_rows_that_share_the_second_of_the_cursor_are_not_lost_between_pages(server: Server, company: Company) -> None:
    key = busy(company)
    # Sixty calls a second: every page ends in the middle of one.
    ids = used(company, spread(company, 1700, 1 / 60), key)

    found, rows = read(key.id)

    assert sorted(rows["id"].to_pylist()) == sorted(ids)
    assert found.swept.verdict == "proven"


def test_a_second_with_more_rows_than_a_page_holds_is_told_and_ends(server: Server, company: Company) -> None:
    key = busy(company)
    at = company.now - timedelta(minutes=1)
    used(company, [at - timedelta(seconds=5)] * 3 + [at] * (LARGEST_PAGE + 50), key)

    found, rows = read(key.id)

    assert found.swept.verdict == "unproven"
    assert "more rows at" in found.swept.reason
    assert len(rows) == LARGEST_PAGE + 3


# Calls come in bursts: many at one instant, then a pause. A short page ends within a burst as often as not.
BURSTS = st.lists(st.tuples(st.sampled_from([0.0, 0.001, 0.4, 1.0, 60.0]), st.integers(1, 3)), min_size=1, max_size=12)


@settings(
    max_examples=30,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(earlier=BURSTS, later=BURSTS, on_the_boundary=st.integers(0, 3), size=st.integers(4, 9))
def test_whatever_the_bursts_two_readings_that_are_proven_hold_every_row_once(
    server: Server,
    company: Company,
    earlier: list[tuple[float, int]],
    later: list[tuple[float, int]],
    on_the_boundary: int,
    size: int,
) -> None:
    key, at = busy(company), company.now - timedelta(days=1)
    per_second: Counter[datetime] = Counter()

    def write(bursts: list[tuple[float, int]]) -> list[str]:
        nonlocal at
        instants = []
        for pause, count in bursts:
            at += timedelta(seconds=pause)
            instants += [at] * count
        per_second.update(instant.replace(microsecond=0) for instant in instants)
        return used(company, instants, key)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("connector.reading.log.LARGEST_PAGE", size)
        written = write(earlier)
        first, rows = read(key.id)
        # More may be written at the very instant of the newest row known.
        late = write([(0.0, on_the_boundary)] if on_the_boundary else []) + write(later)
        second, more = read(key.id, max(rows["timestamp"].to_pylist()))

    known, added = rows["id"].to_pylist(), more["id"].to_pylist()
    assert (len(known), len(added)) == (len(set(known)), len(set(added)))
    # Only where a second fills a whole page can no cursor tell whether it held more.
    if max(per_second.values()) < size:
        assert (first.swept.verdict, second.swept.verdict) == ("proven", "proven")
    if first.swept.verdict == second.swept.verdict == "proven":
        assert set(known) == set(written)
        assert set(known) | set(added) == {*written, *late}


@pytest.mark.parametrize("manner", ["null", "absent"])
@pytest.mark.parametrize("stamps", ["Z", "fractions", "offset"])
def test_a_later_reading_goes_back_to_the_newest_row_known_and_no_further(
    server: Server, company: Company, manner: Any, stamps: Any
) -> None:
    server.switches.last_next_before, server.switches.timestamps = manner, stamps
    key = busy(company)
    instants = spread(company, 1200, 30)
    used(company, instants, key)
    since = instants[-1]
    company.advance(hours=1)
    more = used(company, [since, *spread(company, 40, 60)], key)

    found, rows = read(key.id, since)

    assert set(more) <= set(rows["id"].to_pylist())
    assert found.swept.requests == 1


def test_rows_written_while_the_log_is_read_neither_shift_it_nor_get_lost(server: Server, company: Company) -> None:
    # The log of the key that reads: every request of the reading adds a row at its head.
    own = company.talent_ray_key
    ids = used(company, spread(company, 1300, 5), own)

    first, rows = read(own.id)
    assert set(ids) <= set(rows["id"].to_pylist())
    newest = max(rows["timestamp"].to_pylist())
    company.advance(seconds=30)
    _, later = read(own.id, newest)

    everything = {row["id"] for row in own.usage}
    missed = everything - set(rows["id"].to_pylist()) - set(later["id"].to_pylist())
    assert first.swept.verdict == "proven"
    # The one request that read the log last is in the log of the next reading.
    assert len(missed) <= 1


def test_a_key_revoked_meanwhile_is_told_and_its_rows_are_kept(server: Server, company: Company) -> None:
    with auditing() as access:
        stream = access.platform.stream("api_key_usage")
        found = read_log(access, stream, Collector(access, stream), "apikey_gone", None)

    assert (found.swept.verdict, found.swept.distinct) == ("unproven", 0)


def test_a_log_that_breaks_off_raises_so_that_no_gap_can_be_loaded(
    server: Server, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connector.http.retry.LONGEST_BACK_OFF_SECONDS", 0.01)
    key = busy(company)
    used(company, spread(company, 1200, 5), key)
    server.switches.faults = [Fault("status", requests=(2, 3, 4, 5, 6), path="/api/admin/", status=500)]

    with pytest.raises(Exception, match="status 500"):
        read(key.id)


def test_addresses_and_agents_are_withheld_by_default(server: Server, company: Company) -> None:
    key = busy(company)
    used(company, spread(company, 3, 5), key)
    _, rows = read(key.id)

    assert rows["ip"].null_count == rows["user_agent"].null_count == 3
    assert rows["path"].null_count == 0


def test_nothing_known_gives_no_place_to_begin(server: Server) -> None:
    with auditing() as access:
        assert newest_of_each(access, access.platform.stream("api_key_usage")) == {}


def test_the_audit_is_off_unless_asked_for(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    (account,) = load(platforms=("talent_ray",)).accounts
    assert not {"api_keys", "api_key_usage"} & set(account.streams)
    monkeypatch.setenv("SOURCES__TALENT_RAY__API_KEY_AUDIT", "true")
    (account,) = load(platforms=("talent_ray",)).accounts
    assert {"api_keys", "api_key_usage"} <= set(account.streams)


@pytest.mark.slow
def test_refresh_after_refresh_the_log_grows_without_gaps_or_doubles(
    server: Server, company: Company, run: Any, ask: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCES__TALENT_RAY__API_KEY_AUDIT", "true")
    monkeypatch.setenv("SOURCES__TALENT_RAY__STREAMS", "roles,api_keys,api_key_usage")
    key = busy(company)
    ids = used(company, spread(company, 900, 1 / 30), key)
    for _ in range(2):
        assert run(platforms=("talent_ray",)).exit_status == 0
        company.advance(hours=1)
        ids += used(company, spread(company, 30, 1 / 10), key)
    run(platforms=("talent_ray",))

    stored = f"select id from raw_talent_ray.api_key_usage where api_key_id = '{key.id}'"
    assert sorted(row[0] for row in ask(stored)) == sorted(ids)
    listed = "select count(*), count(distinct id) from raw_talent_ray.api_keys where _visible and _dlt_valid_to is null"
    assert ask(listed) == [(2, 2)]
