"""Claims that slips made on purpose had survived."""

from __future__ import annotations

import datetime as dt

import pytest

from connector.absence import assess
from connector.changes import stored_form
from connector.platforms import PLATFORMS
from connector.records import Received, type_records
from connector.sweep import sweep
from tests.moving_list import MovingList, drive


@pytest.mark.parametrize("request_number", range(2, 8))
def test_a_row_that_moves_to_the_tail_links_no_window_to_what_was_read_before(request_number):
    moving = MovingList(430, "updated_asc")

    def purge_and_edit(rows):
        for _ in range(45):
            rows.delete(0)
        rows.update(10)

    moving.script[request_number] = purge_and_edit
    result = drive(sweep(), moving)

    assert (result.verdict, moving.alive_throughout() - set(result.seen)) == ("proven", set())


def test_a_reading_that_did_not_come_to_the_end_suspends_before_anything_is_asked():
    found = assess("leads", {"a", "b"}, {"a": 1}, reached_end=False)

    assert found.absent == ("b",)
    assert found.suspended


def test_an_empty_reply_suspends_before_anything_is_asked_unless_it_was_accepted():
    found = assess("leads", {"a", "b"}, {})

    assert found.suspended
    assert assess("leads", {"a", "b"}, {}, accepted=2).suspended is None


def test_one_record_of_two_accounts_never_shares_a_hash():
    stream = PLATFORMS["talent_ray"].stream("leads")
    received = Received([b'{"id": "lead_1", "status": "Pool"}'], [dt.datetime(2026, 3, 4, tzinfo=dt.UTC)])
    hashes = []
    for account in ("default", "acme"):
        rows = type_records(stream, received, account=account).tables["leads"]
        table = next(table for table in stream.tables if table.is_own)
        hashes += stored_form(table, rows, not_before=None)["_row_hash"].to_pylist()

    assert len(set(hashes)) == 2
