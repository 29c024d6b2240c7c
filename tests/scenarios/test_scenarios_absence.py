"""Rows that are not shown: a narrower key, an empty reply, a hidden organization cost no row; a true delete does."""

from __future__ import annotations

import datetime as dt

import pytest

from connector.sandbox import Fault

LEADS = {"select": ("leads",), "platforms": ("talent_ray",)}
CANDIDATE_TABLES = ("candidates", "candidate_roles")
RAW = "raw_talent_ray"


def visible(town, table):
    return town.ask(f'select count(*) from {RAW}."{table}" where _dlt_valid_to is null and _visible')[0][0]


def a_lead(town):
    return next(lead for lead in town.company.truth("talent_ray", "sourcing") if lead["roles"])


def lead_versions(town, lead_id):
    rows = town.ask(f"select _visible from {RAW}.leads where id = '{lead_id}' order by _dlt_valid_from")
    return [shown for (shown,) in rows]


# T8


def test_a_scope_that_is_lost_costs_its_stream_a_reading_and_no_row_or_version(town):
    before = town.versions(*CANDIDATE_TABLES)
    town.switch(removed_scopes=("candidates:read",))
    told = town.cli("refresh")

    assert told.status == 5
    assert "candidates:read" in told.out
    assert town.versions(*CANDIDATE_TABLES) == before
    assert town.sweeps()["talent_ray.candidates"]["verdict"] == "skipped"
    assert town.sweeps()["talent_ray.leads"]["verdict"] == "proven"


# T9


def test_an_owner_who_sees_a_tenth_of_the_rows_trips_the_breaker_and_marks_nothing(town):
    town.switch(visible_share=0.1, demoted_to="owner")
    told = town.cli("refresh")

    assert told.status == 6
    assert "--accept-absences" in told.out
    assert town.tombstones() == 0


def test_when_few_rows_are_hidden_the_changed_role_alone_suspends_the_absences(town):
    hidden = a_lead(town)["id"]
    town.company.hide("talent_ray", "sourcing", hidden)
    town.company.update("talent_ray", "users", "user_admin", platformRole="support", orgRole="owner")
    town.company.update("talent_ray", "users", "user_admin", platformRole="admin")
    town.switch(demoted_to="admin")  # /me tells another role, and the rows stay the same but for one
    outcome = town.run()

    assert outcome.exit_status == 5
    assert town.tombstones() == 0
    assert town.sweeps()["talent_ray.leads"]["absences"] == "suspended"
    assert "--accept-absences 1" in town.sweeps()["talent_ray.leads"]["reason"]
    assert town.run(accept_absences=1).exit_status == 0
    assert lead_versions(town, hidden) == [True, False]


# T10


def test_a_list_that_is_suddenly_empty_changes_nothing(town):
    tables = ("leads", "lead_roles", "lead_organizations")
    before = town.versions(*tables)
    town.switch(empty_lists=("sourcing",))
    outcome = town.run(**LEADS)

    assert outcome.exit_status == 5
    assert town.versions(*tables) == before
    assert "empty" in town.sweeps()["talent_ray.leads"]["reason"]


# T11


@pytest.mark.parametrize("switch", ["hidden_organizations", "hidden_inside_roles"])
def test_an_organization_that_is_hidden_trips_the_breaker_for_every_stream(town, switch):
    deleted = next(
        lead["id"]
        for lead in town.company.truth("talent_ray", "sourcing")
        if {link["organizationId"] for link in lead["organizations"]} == {"org_north"}
    )
    town.company.delete("talent_ray", "sourcing", deleted)  # gone for good, and yet not to be marked now
    town.switch(**{switch: ("org_9:lab",)})
    outcome = town.run()

    assert outcome.exit_status == 6
    assert town.tombstones() == 0
    assert "tripped" in {note["absences"] for note in town.sweeps().values()}


def test_accepted_absences_mark_exactly_the_rows_that_answer_404(town):
    leads = [lead["id"] for lead in town.company.truth("talent_ray", "sourcing")][:24]
    for lead in leads:
        town.company.delete("talent_ray", "sourcing", lead)
    assert town.run(**LEADS).exit_status == 6
    assert town.tombstones() == 0
    assert town.run(**LEADS, accept_absences=23).exit_status == 6
    assert town.tombstones() == 0

    assert town.run(**LEADS, accept_absences=24).exit_status == 0
    gone = {row for (row,) in town.ask(f"select id from {RAW}.leads where _dlt_valid_to is null and not _visible")}
    assert gone == set(leads)
    assert town.differences() == {}


# T12


def test_a_deleted_lead_costs_one_get_between_canaries_and_comes_back_when_shown(town):
    lead = a_lead(town)
    town.company.hide("talent_ray", "sourcing", lead["id"])
    before = len(town.server.journal)
    assert town.run().exit_status == 0

    asked = [path for path in town.asked(before) if path.startswith("/api/v1/sourcing/")]
    canaries = [path for path in asked if not path.endswith(lead["id"])]
    assert len(asked) == 3, asked
    assert len(canaries) == 2
    assert asked[1].endswith(lead["id"])
    assert lead_versions(town, lead["id"]) == [True, False]
    (children,) = town.ask(
        f"select bool_or(_visible) from {RAW}.lead_roles where lead_id = '{lead['id']}' and _dlt_valid_to is null"
    )
    assert children == (False,)

    town.company.show("talent_ray", "sourcing", lead["id"])
    assert town.run().exit_status == 0
    assert lead_versions(town, lead["id"]) == [True, False, True]
    assert town.differences() == {}


def test_with_a_grace_only_a_404_long_enough_after_the_first_one_marks(town, monkeypatch):
    monkeypatch.setenv("SOURCES__TALENT_RAY__ABSENCE_GRACE_HOURS", "24")
    lead = a_lead(town)["id"]
    town.company.delete("talent_ray", "sourcing", lead)
    for hours, versions in ((0, [True]), (23, [True]), (2, [True, False])):
        town.company.advance(hours=hours)
        assert town.run(**LEADS).exit_status == 0
        assert lead_versions(town, lead) == versions

    (missed,) = town.ask(f"select _observed_at from {RAW}.leads where id = '{lead}' and not _visible")[0]
    assert town.company.now - missed >= dt.timedelta(hours=25)


# T13


@pytest.mark.parametrize(
    "fault",
    [
        Fault("status", rate=1.0, status=501, path="/api/v1/sourcing/"),
        Fault("status", rate=1.0, status=403, path="/api/v1/sourcing/"),
        pytest.param(Fault("429", rate=1.0, retry_after="zero", path="/api/v1/sourcing/"), marks=pytest.mark.slow),
        Fault("status", rate=1.0, status=404, path="/api/v1/sourcing/"),
        Fault("status", requests=(2,), status=501, path="/api/v1/sourcing/"),
        Fault("status", requests=(3,), status=501, path="/api/v1/sourcing/"),
        Fault("null", requests=(1, 3), path="/api/v1/sourcing/"),
    ],
    ids=[
        "canary 501",
        "canary 403",
        "canary 429",
        "canary 404",
        "row 501",
        "last canary 501",
        "canary of another shape",
    ],
)
def test_a_row_that_cannot_be_asked_for_stays(town, fault):
    lead = a_lead(town)["id"]
    town.company.delete("talent_ray", "sourcing", lead)
    town.switch(faults=[fault])
    outcome = town.run(**LEADS)

    assert outcome.exit_status == 5
    assert lead_versions(town, lead) == [True]
    note = town.sweeps()["talent_ray.leads"]
    assert note["absences"] == "suspended"


def test_a_role_that_changes_while_the_refresh_runs_suspends_the_absences(town):
    lead = a_lead(town)["id"]
    town.company.delete("talent_ray", "sourcing", lead)
    town.switch(faults=[Fault("error_inside", requests=(2,), path="/api/v1/me")])
    outcome = town.run(**LEADS)

    assert outcome.exit_status == 5
    assert lead_versions(town, lead) == [True]
    assert "changed during the refresh" in town.sweeps()["talent_ray.leads"]["reason"]
