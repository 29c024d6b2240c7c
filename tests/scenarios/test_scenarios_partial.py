"""One broken stream, one bad record, one bad value: the rest is loaded, nothing of it is lost, and it is said."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest

from connector.platforms import PLATFORMS
from connector.sandbox import Drift, Fault

RAW = "raw_talent_ray"
PLATFORM = PLATFORMS["talent_ray"]
ASKED_FOR_ONLY = {"api_keys", "api_key_usage"}
SCOPES = ("candidates:read", "roles:read", "pipeline:read", "tests:read", "sourcing:read", "cv-screening:read")


def leads_of(town):
    return [lead["id"] for lead in town.company.truth("talent_ray", "sourcing")]


def quarantined(town):
    rows = town.ask("select table_name, column_name from meta.quarantine order by all")
    return [f"{table}.{column}".rstrip(".") for table, column in rows]


def drifts(town):
    return set(town.ask("select resource, field, kind from meta.drift"))


# T30


def test_replies_of_another_shape_fail_their_own_streams_only(town):
    shapes = {
        "/api/v1/sourcing": "data_object",
        "/api/v1/tests": "list_at_top",
        "/api/v1/roles": "error_inside",
        "/v1/jobs": "data_null",
        "/v1/candidates": "null",
    }
    tables = ("leads", "lead_roles", "tests", "roles", "jobs")
    before = town.versions(*tables)
    town.switch(faults=[Fault(kind, rate=1.0, path=path) for path, kind in shapes.items()])
    told = town.cli("refresh")

    assert told.status == 5
    notes = town.sweeps()
    failed = {name for name, note in notes.items() if note["verdict"] == "failed"}
    # The steps of a role are asked for under its list's path.
    assert failed - {"talent_ray.role_steps"} == {
        "talent_ray.leads",
        "talent_ray.tests",
        "talent_ray.roles",
        "tailed.jobs",
        "tailed.candidates",
    }
    assert told.out.count("another shape") + told.out.count("assumption A") >= len(failed) - 1
    assert town.versions(*tables) == before


def test_lists_without_totals_are_read_to_their_end_and_proven_all_the_same(town):
    town.company.edit_some("talent_ray", "sourcing", 0.5)
    town.switch(faults=[Fault("no_pagination", rate=1.0, path="/api/v1/sourcing")])

    assert town.run(platforms=("talent_ray",)).exit_status == 0
    assert town.sweeps()["talent_ray.leads"]["verdict"] == "proven"
    assert town.differences("talent_ray") == {}


@pytest.mark.parametrize("status", [400, 501])
def test_a_list_that_refuses_the_request_fails_alone_and_is_not_asked_again(town, status):
    before = town.versions("tests", "test_organizations")
    town.company.edit_some("talent_ray", "sourcing", 0.3)
    town.switch(faults=[Fault("status", rate=1.0, status=status, path="/api/v1/tests")])
    outcome = town.run(select=("tests", "leads"), platforms=("talent_ray",))

    assert outcome.exit_status == 5
    assert town.asked().count("/api/v1/tests") == 1
    assert town.versions("tests", "test_organizations") == before
    assert "leads" not in " ".join(town.differences("talent_ray"))


# T35


def lost_scopes(town, lost, *, told_by_me=True):
    """A refresh with a key that lost some scopes: their tables keep every version, the others are read and proven."""
    tables = [f"talent_ray.{table.name}" for table in PLATFORM.tables if table.stream.scope in lost]
    before = town.versions(*tables)
    hidden_me = [] if told_by_me else [Fault("error_inside", rate=1.0, path="/api/v1/me")]
    town.switch(removed_scopes=lost, faults=hidden_me)
    told = town.cli("refresh", "--platform", "talent_ray")

    assert told.status == 5
    assert all(scope in told.out for scope in lost)
    wanted = {stream.name for stream in PLATFORM.streams if stream.scope not in lost} - ASKED_FOR_ONLY
    proven = {note["resource"] for note in town.sweeps().values() if note["verdict"] == "proven"}
    assert proven == wanted
    assert town.versions(*tables) == before


@pytest.mark.parametrize(
    ("lost", "told_by_me"),
    [(("pipeline:read", "tests:read"), True), (("sourcing:read",), False), (("candidates:read",), False)],
)
def test_a_lost_scope_is_named_and_costs_its_streams_alone(town, lost, told_by_me):
    lost_scopes(town, lost, told_by_me=told_by_me)


@pytest.mark.slow
@pytest.mark.parametrize("lost", [s for n in (1, 2, 3, 4, 5) for s in itertools.combinations(SCOPES, n)])
def test_every_set_of_lost_scopes_costs_its_streams_alone(town, lost):
    lost_scopes(town, lost)


# T40


def test_a_bad_record_costs_itself_and_a_bad_value_costs_itself(town):
    ids = leads_of(town)
    town.company.update("talent_ray", "sourcing", ids[20], status="contacted")
    records = [None, "text", 7, [], {"id": None}, {"id": {"a": 1}}]
    values = [("createdAt", "yesterday"), ("fullName", {"first": "A"}), ("updatedAt", 12)]
    town.switch(
        drift=[
            *(Drift("sourcing", "", value, ids=(lead,)) for lead, value in zip(ids, records, strict=False)),
            *(Drift("sourcing", name, value, ids=(ids[10 + i],)) for i, (name, value) in enumerate(values)),
        ]
    )
    outcome = town.run(select=("leads",), platforms=("talent_ray",))

    assert outcome.exit_status == 5
    assert town.tombstones() == 0
    found = quarantined(town)
    assert found.count("leads") == len(records)
    assert sorted(found)[len(records) :] == ["leads.created_at", "leads.full_name", "leads.updated_at"]
    assert town.ask(f"select status from {RAW}.leads where id = '{ids[20]}' and _dlt_valid_to is null") == [
        ("contacted",)
    ]

    town.switch(drift=[])
    assert town.run(select=("leads",), platforms=("talent_ray",)).exit_status == 0
    assert town.differences() == {}


def test_a_bad_entry_of_a_list_marks_none_of_its_neighbours_and_not_itself(town):
    lead = next(one for one in town.company.truth("talent_ray", "sourcing") if one["roles"])["id"]
    town.switch(drift=[Drift("sourcing", "roles.roleId", None, ids=(lead,))])
    outcome = town.run(select=("leads",), platforms=("talent_ray",))

    assert outcome.exit_status == 5
    assert quarantined(town) == ["lead_roles"]
    assert town.tombstones() == 0


def test_a_step_that_cannot_be_read_is_not_taken_for_gone(town):
    step = town.company.truth("talent_ray", "candidate_steps")[0]
    town.switch(drift=[Drift("candidate_steps", "id", None, ids=(step["id"],))])
    outcome = town.run(select=("candidates", "candidate_steps"), platforms=("talent_ray",), full=True)

    assert outcome.exit_status == 5
    assert quarantined(town) == ["candidate_steps"]
    assert town.tombstones() == 0


def test_a_whole_record_that_is_no_object_among_steps_costs_itself(town):
    step = town.company.truth("talent_ray", "candidate_steps")[0]
    town.switch(drift=[Drift("candidate_steps", "", "text", ids=(step["id"],))])
    outcome = town.run(select=("candidates", "candidate_steps"), platforms=("talent_ray",), full=True)

    assert outcome.exit_status == 5
    assert town.tombstones() == 0


# T41


def test_a_new_field_and_a_new_word_are_told_and_change_nothing(town):
    ids = leads_of(town)
    columns = town.ask(
        "select table_name, column_name from information_schema.columns where table_schema = 'raw_talent_ray'"
    )
    test = town.company.truth("talent_ray", "tests")[0]["id"]
    town.switch(
        drift=[
            Drift("sourcing", "favouriteColour", "green", ids=tuple(ids[:3])),
            Drift("tests", "type", "telepathy", ids=(test,)),
        ]
    )
    outcome = town.run(select=("leads", "tests"), platforms=("talent_ray",))

    assert outcome.exit_status == 0
    assert ("leads", "favouriteColour", "new_field") in drifts(town)
    assert town.ask(f"select type from {RAW}.tests where id = '{test}' and _dlt_valid_to is null") == [("telepathy",)]
    assert columns == town.ask(
        "select table_name, column_name from information_schema.columns where table_schema = 'raw_talent_ray'"
    )
    extras = town.ask(f"select distinct _extra from {RAW}.leads where _extra is not null")
    assert extras == [('{"favouriteColour": "green"}',)]


def test_a_field_that_is_gone_from_all_records_is_told_and_one_that_is_gone_from_one_is_null(town):
    ids = leads_of(town)
    town.switch(drift=[Drift("sourcing", "status", gone=True), Drift("tests", "name", gone=True, share=0.5)])
    told = town.cli("refresh", "--platform", "talent_ray", "--select", "leads,tests")

    assert told.status == 5
    assert "no longer sends leads.status;" in told.out
    assert town.ask(f"select count(*), count(status) from {RAW}.leads where _dlt_valid_to is null") == [(len(ids), 0)]
    (names,) = town.ask(f"select count(name) from {RAW}.tests where _dlt_valid_to is null")
    assert 0 < names[0] < len(town.company.truth("talent_ray", "tests"))
    assert town.tombstones() == 0


def test_a_list_inside_records_that_is_gone_marks_none_of_its_rows(town):
    town.switch(drift=[Drift("sourcing", "roles", gone=True), Drift("candidates", "roles", {"a": 1}, share=0.5)])
    outcome = town.run(select=("leads", "candidates"), platforms=("talent_ray",))

    assert outcome.exit_status == 5
    assert town.tombstones() == 0


# T42


def test_times_are_kept_as_instants_in_utc_and_what_is_none_is_set_aside(town):
    ids = leads_of(town)
    utc = dt.UTC
    given = {
        "2026-02-01T12:00:00+03:00": dt.datetime(2026, 2, 1, 9, tzinfo=utc),
        "2026-02-01T12:00:00": dt.datetime(2026, 2, 1, 12, tzinfo=utc),
        "2026-03-29T01:30:00+01:00": dt.datetime(2026, 3, 29, 0, 30, tzinfo=utc),
        "2026-02-01T12:00:00.123456Z": dt.datetime(2026, 2, 1, 12, 0, 0, 123456, tzinfo=utc),
        "0001-01-01T00:00:00Z": dt.datetime(1, 1, 1, tzinfo=utc),
        "9999-12-31T23:59:59Z": dt.datetime(9999, 12, 31, 23, 59, 59, tzinfo=utc),
        "2026-02-30T00:00:00Z": None,
        "12/02/2026": None,
    }
    town.switch(
        drift=[Drift("sourcing", "createdAt", text, ids=(lead,)) for lead, text in zip(ids, given, strict=False)]
    )
    outcome = town.run(select=("leads",), platforms=("talent_ray",))

    assert outcome.exit_status == 5
    stored = dict(town.ask(f"select id, created_at from {RAW}.leads where _dlt_valid_to is null"))
    assert {text: stored[lead] for lead, text in zip(ids, given, strict=False)} == given
    assert quarantined(town) == ["leads.created_at"] * 2


def test_another_way_to_write_the_same_instants_makes_no_version(town):
    before = town.versions()
    town.switch(timestamps="offset")

    assert town.run().exit_status == 0
    assert town.versions() == before


# T43


def test_every_script_comes_back_byte_for_byte(town):
    names = [
        "\u0130brahim \u015e\u00f6hret I\u011fd\u0131r \u0131I",
        "محمد بن سلمان \u200f(RTL)",
        "👩‍💻 \U0001d49cstrid \U00020bb7",
        "e\u0301a\u0308 n\u0303",
        'O\'Brien "quoted" \\ back',
        "tab\tnew\nline",
        "x" * 20_000,
        "<script>alert(1)</script> {0} %s {{ }}",
    ]
    ids = leads_of(town)
    for lead, name in zip(ids, names, strict=False):
        town.company.update("talent_ray", "sourcing", lead, fullName=name)

    assert town.run(select=("leads",), platforms=("talent_ray",)).exit_status == 0
    assert town.differences() == {}
    stored = dict(town.ask(f"select id, full_name from {RAW}.leads where _dlt_valid_to is null"))
    assert [stored[lead] for lead, _ in zip(ids, names, strict=False)] == names


# T44


def test_a_page_from_before_an_edit_does_not_undo_it(town):
    lead = leads_of(town)[0]
    town.company.update("talent_ray", "sourcing", lead, status="contacted")
    assert town.run(select=("leads",), platforms=("talent_ray",)).exit_status == 0
    old = "2026-01-01T00:00:00Z"
    town.switch(
        drift=[Drift("sourcing", "status", "Pool", ids=(lead,)), Drift("sourcing", "updatedAt", old, ids=(lead,))]
    )
    asked = len(town.server.journal)
    outcome = town.run(select=("leads",), platforms=("talent_ray",))

    # The row answers by its id as the list shows it: a backup was restored, and what it says is the truth now.
    assert f"/api/v1/sourcing/{lead}" in town.asked(asked)
    assert outcome.exit_status == 0
    stored = town.ask(f"select status from {RAW}.leads where id = '{lead}' and _dlt_valid_to is null")
    assert stored == [("Pool",)]
    assert "older_version" in {kind for _, _, kind in drifts(town)}
