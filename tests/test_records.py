"""Records into tables: nested lists flattened, unknown fields kept out, bad records set aside."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.errors import ContractBroken
from connector.platforms.tailed import ANALYTICS_SNAPSHOTS
from connector.platforms.talent_ray import CANDIDATE_STEPS, CANDIDATES, PORTAL_ROLES, TESTS
from connector.records import Received, type_records
from connector.stored_rows import key_texts, latest_of_each_key

NOW = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)


def typed(stream, *records, given=None, rename=None):
    raw = [record if isinstance(record, bytes) else json.dumps(record).encode() for record in records]
    received = Received(raw, [NOW] * len(raw), None if given is None else [given] * len(raw))
    return type_records(stream, received, account="default", rename=rename)


def rows(found, table, *columns):
    return [tuple(row[name] for name in columns) for row in found.tables[table].to_pylist()]


def candidate(**fields):
    whole = {"id": "c1", "fullName": "Ada", "email": None, "phone": None, "status": "Active", "roles": []}
    return whole | {"createdAt": "2026-02-03T07:00:00Z", "updatedAt": "2026-02-03T07:00:00Z"} | fields


def test_a_list_inside_a_record_becomes_rows_that_name_their_parent():
    role = {"roleId": "r1", "roleName": "Engineer", "organizationId": "o1", "status": "In Pipeline"}
    found = typed(CANDIDATES, candidate(roles=[role | {"overallFitScore": -1, "approved": False}]))

    assert rows(found, "candidate_roles", "candidate_id", "role_id", "overall_fit_score", "approved", "_key") == [
        ("c1", "r1", -1.0, False, '["default","c1","r1"]')
    ]


def test_a_list_of_scalars_and_an_object_become_rows_too():
    tests = typed(TESTS, {"id": "t1", "organizationIds": ["o1", "o2"]})
    snapshots = typed(
        ANALYTICS_SNAPSHOTS, {"id": "s1", "date": "2026-02-10", "stageCounts": {"applied": 9, "offer": 3}}
    )

    assert rows(tests, "test_organizations", "test_id", "organization_id") == [("t1", "o1"), ("t1", "o2")]
    assert rows(snapshots, "analytics_snapshot_stages", "snapshot_id", "stage", "count") == [
        ("s1", "applied", 9),
        ("s1", "offer", 3),
    ]


def test_rows_that_do_not_say_whose_they_are_get_it_from_the_request():
    found = typed(CANDIDATE_STEPS, {"id": "p1", "roleId": "r1", "order": 1}, given={"candidate_id": "c1"})

    assert rows(found, "candidate_steps", "candidate_id", "id", "_key") == [("c1", "p1", '["default","p1"]')]


def test_what_stands_beside_the_list_can_be_a_column():
    found = typed(PORTAL_ROLES, {"id": "r1"}, given={"slug": "acme", "organization_name": "Acme"})

    assert rows(found, "portal_roles", "slug", "id", "organization_name") == [("acme", "r1", "Acme")]


@pytest.mark.parametrize(
    "bad", [b"[1]", b"null", b'{"id":null}', b'{"id":""}', b'{"id":true}', b'{"id":{"a":1}}', b"{}"]
)
def test_one_bad_record_costs_one_record(bad):
    found = typed(CANDIDATES, candidate(id="c1"), bad, candidate(id="c2"))

    assert rows(found, "candidates", "id") == [("c1",), ("c2",)]
    assert [entry.table for entry in found.quarantined] == ["candidates"]


def test_one_bad_value_costs_one_value():
    found = typed(CANDIDATES, candidate(createdAt="soon"), candidate(id="c2"))

    assert rows(found, "candidates", "id", "created_at") == [
        ("c1", None),
        ("c2", dt.datetime(2026, 2, 3, 7, tzinfo=dt.UTC)),
    ]
    (entry,) = found.quarantined
    assert (entry.row_key, entry.column, entry.value) == ('["default","c1"]', "created_at", '"soon"')


def test_half_a_surrogate_pair_is_replaced_not_fatal():
    found = typed(CANDIDATES, b'{"id":"c1","fullName":"\\ud800x"}', candidate(id="c2"))

    assert rows(found, "candidates", "id", "full_name") == [("c1", "\ufffdx"), ("c2", "Ada")]


def test_an_undeclared_field_is_drift_and_never_a_column():
    found = typed(CANDIDATES, candidate(nickname="x"), candidate(id="c2"))

    assert "nickname" not in found.tables["candidates"].column_names
    assert [(entry.field, entry.kind, entry.count_seen) for entry in found.drift] == [("nickname", "new_field", 1)]
    assert rows(found, "candidates", "id", "_extra") == [("c1", '{"nickname": "x"}'), ("c2", None)]


def test_a_field_that_no_record_carries_is_missing_but_null_is_not_absent():
    bare = candidate()
    del bare["status"]

    assert typed(CANDIDATES, bare, bare).fields_missing == {"candidates.status"}
    assert typed(CANDIDATES, bare, candidate(id="c2", status=None)).fields_missing == set()


def test_two_spellings_of_one_field_in_a_record_break_the_contract():
    with pytest.raises(ContractBroken, match="'createdAt' and 'created_at'"):
        typed(CANDIDATES, candidate(created_at="2026-01-01T00:00:00Z"))


def test_a_field_read_under_another_name_may_still_be_there_under_its_own():
    found = typed(CANDIDATES, candidate(state="Hired"), rename={"status": "state"})

    assert rows(found, "candidates", "status", "_extra") == [("Hired", '{"status": "Active"}')]


def test_a_new_word_where_the_words_are_documented_is_drift_and_kept():
    found = typed(CANDIDATE_STEPS, {"id": "p1", "status": "paused"}, given={"candidate_id": "c1"})

    assert rows(found, "candidate_steps", "status") == [("paused",)]
    assert ("status", "new_value", "paused") in [(entry.field, entry.kind, entry.detail) for entry in found.drift]


def test_a_list_that_is_no_list_leaves_its_rows_alone():
    found = typed(CANDIDATES, candidate(roles="many"))

    assert found.unread_lists == {"candidate_roles": {"c1"}}


def test_the_newest_of_two_readings_of_a_record_wins_then_the_last():
    found = typed(
        CANDIDATES,
        candidate(status="old"),
        candidate(status="new", updatedAt="2026-02-05T00:00:00Z"),
        candidate(status="late reply", updatedAt="2026-02-04T00:00:00Z"),
        candidate(id="c2", status="first"),
        candidate(id="c2", status="second"),
    )
    kept, dropped = latest_of_each_key(found.tables["candidates"])

    assert [(row["id"], row["status"]) for row in kept.to_pylist()] == [("c1", "new"), ("c2", "second")]
    assert dropped == 3


@given(st.lists(st.tuples(st.text(min_size=1), st.text(min_size=1)), unique=True, max_size=20))
def test_two_natural_keys_never_share_a_key_text(pairs):
    keys = key_texts("default", list(zip(*pairs, strict=True)) if pairs else [[], []])

    assert len(set(keys)) == len(pairs)
    assert [json.loads(key) for key in keys] == [["default", *pair] for pair in pairs]
