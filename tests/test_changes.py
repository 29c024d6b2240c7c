"""What differs is sent, what does not is not; a hash is of one key alone."""

from __future__ import annotations

import datetime as dt
import json

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connector.changes import compared, hashed, stored_form, tombstones
from connector.platforms.talent_ray import CANDIDATES
from connector.records import Received, type_records

NOW = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
TABLE = next(table for table in CANDIDATES.tables if table.is_own)


def stored(*records, at=NOW, not_before=None):
    raw = [json.dumps(record).encode() for record in records]
    found = type_records(CANDIDATES, Received(raw, [at] * len(raw)), account="default")
    return stored_form(TABLE, found.tables["candidates"], not_before=not_before)


def test_only_new_and_changed_rows_are_sent():
    before = stored({"id": "a", "status": "x"}, {"id": "b", "status": "x"})
    after = stored({"id": "a", "status": "x"}, {"id": "b", "status": "y"}, {"id": "c", "status": "x"})

    changes = compared(after, before)

    assert changes.rows["id"].to_pylist() == ["b", "c"]
    assert (changes.new, changes.changed) == (1, 1)


def test_when_a_row_was_read_is_no_change():
    before = stored({"id": "a", "status": "x"})
    after = stored({"id": "a", "status": "x"}, at=NOW + dt.timedelta(days=1), not_before=NOW)

    assert len(compared(after, before).rows) == 0


def test_a_tombstone_keeps_the_last_values_and_differs_from_the_visible_row():
    last = stored({"id": "a", "status": "x"})
    later = NOW + dt.timedelta(days=1)
    instant = pa.timestamp("us", "UTC")

    (row,) = tombstones(
        TABLE, last, observed_at=pa.array([later], instant), not_before=pa.array([NOW], instant)
    ).to_pylist()

    assert (row["id"], row["status"], row["_visible"], row["_observed_at"], row["_not_before"]) == (
        "a",
        "x",
        False,
        later,
        NOW,
    )
    assert row["_row_hash"] != last["_row_hash"][0].as_py()


def test_a_row_that_comes_back_is_a_new_version():
    last = stored({"id": "a", "status": "x"})
    instant = pa.timestamp("us", "UTC")
    gone = tombstones(TABLE, last, observed_at=pa.array([NOW], instant), not_before=pa.array([None], instant))

    assert len(compared(last, gone).rows) == 1


def test_a_column_without_a_value_does_not_enter_the_hash():
    rows = stored({"id": "a", "status": "x"})
    wider = rows.append_column("later_column", pa.nulls(1, pa.string()))

    assert hashed(TABLE, wider).to_pylist() == rows["_row_hash"].to_pylist()


def test_a_hash_is_the_same_in_every_version_of_this_program():
    rows = stored(
        {
            "id": "cand_1",
            "fullName": "Ada L\u00f6v",
            "email": None,
            "status": "Active",
            "createdAt": "2026-02-03T07:00:00.123+03:00",
            "updatedAt": "2026-02-03T07:00:00Z",
            "x": 1,
        }
    )

    # Another one would make every row of every warehouse a new version once.
    assert rows["_row_hash"].to_pylist() == ["43d43be4200c37f265f3512b405a3929"]


VALUES = st.none() | st.text(max_size=8)


@given(st.lists(st.tuples(VALUES, VALUES, VALUES), min_size=2, max_size=2, unique=True))
@example([("Ada", "x", None), (None, "xfull_name=Ada", None)])  # read alike where values run together
def test_two_different_rows_of_one_key_never_share_a_hash(pair):
    one, other = (stored({"id": "a", "fullName": n, "email": e, "status": s}) for n, e, s in pair)

    cleaned = [tuple(None if part is None else part.replace("\0", "") for part in row) for row in pair]
    assert (one["_row_hash"] == other["_row_hash"]) == (cleaned[0] == cleaned[1])


@pytest.mark.parametrize("pair", [(("1", "1x"), ("11", "x")), (("a", "b:c"), ("a:b", "c"))])
def test_two_keys_with_equal_letters_never_share_a_hash(pair):
    rows = stored(*({"id": json.dumps(key)} for key in pair))

    assert len(set(rows["_row_hash"].to_pylist())) == 2
