"""The main job against a company that moves: the tables equal the truth, and history stays."""

from __future__ import annotations

import datetime as dt

import pytest

from connector.platforms import PLATFORMS
from connector.reading import absences
from tests.truth import differences

STEPS = "/steps"


def steps_asked_for(server, since):
    """Candidates whose steps were asked for, by the server's own journal."""
    replies = server.journal[since:]
    return [
        reply.path.split("/")[4] for reply in replies if "/candidates/" in reply.path and reply.path.endswith(STEPS)
    ]


def versions(ask, platform="talent_ray"):
    return {
        table.name: ask(f'select count(*) from raw_{platform}."{table.name}"')[0][0]
        for table in PLATFORMS[platform].tables
    }


@pytest.fixture
def full(monkeypatch):
    monkeypatch.setenv("PRIVACY__PROFILE", "full")


def test_the_first_refresh_equals_the_truth_value_for_value(run, company, warehouse, full):
    outcome = run()

    assert outcome.exit_status == 0
    assert differences(str(warehouse), company) == {}


def test_a_second_refresh_of_a_quiet_company_writes_nothing_and_asks_little(run, server, ask, full):
    run()
    before, asked_before = {p: versions(ask, p) for p in PLATFORMS}, len(server.journal)
    outcome = run()

    assert outcome.exit_status == 0
    assert {p: versions(ask, p) for p in PLATFORMS} == before
    candidates = server.company.truth("talent_ray", "candidates")
    asked = steps_asked_for(server, asked_before)
    still_open = open_candidates(server.company)
    audit = set(asked) - still_open
    assert still_open <= set(asked)
    assert len(asked) == len(set(asked))
    assert len(audit) <= -(-(len(candidates) - len(still_open)) // 24)


def closed_candidates(company):
    return {one["id"] for one in company.truth("talent_ray", "candidates")} - open_candidates(company)


def test_steps_are_asked_for_where_only_a_withheld_field_changed_and_no_row(run, company, server, ask):
    run()
    closed = sorted(closed_candidates(company))[:4]
    for number, one in enumerate(closed):
        company.update("talent_ray", "candidates", one, silent=True, phone=f"+4915112345{number}")
    before, asked_before = versions(ask), len(server.journal)
    run()

    assert versions(ask) == before
    assert set(closed) <= set(steps_asked_for(server, asked_before))


def test_another_privacy_profile_is_no_reason_to_ask_for_all_steps_again(run, company, server, monkeypatch):
    monkeypatch.setenv("PRIVACY__PROFILE", "full")
    run()
    monkeypatch.setenv("PRIVACY__PROFILE", "minimal")
    asked_before = len(server.journal)
    run()

    asked = set(steps_asked_for(server, asked_before))
    assert len(asked - open_candidates(company)) <= len(closed_candidates(company)) // 4


def open_candidates(company):
    """Candidates with an assignment that goes on, counted from the truth step by step."""
    found = set()
    steps = company.truth("talent_ray", "candidate_steps")
    for candidate in company.truth("talent_ray", "candidates"):
        for assignment in candidate["roles"]:
            own = [s for s in steps if (s["candidateId"], s["roleId"]) == (candidate["id"], assignment["roleId"])]
            ended = any(s["status"].lower() == "rejected" for s in own)
            last = max(own, key=lambda s: s["order"], default=None)
            if last is None or not (ended or last["status"].lower() in {"validated", "skipped"}):
                found.add(candidate["id"])
    return found


def test_after_a_week_the_tables_equal_the_truth_and_old_versions_keep_their_times(run, company, warehouse, ask, full):
    run()
    first = dict(ask("select _key, status from raw_talent_ray.candidate_steps"))
    company.advance(days=7)
    run(full=True)

    assert differences(str(warehouse), company) == {}
    old = ask(
        "select _key, status, _dlt_valid_from, _dlt_valid_to from raw_talent_ray.candidate_steps"
        " where _dlt_valid_to is not null"
    )
    assert old
    assert all(first[key] == status and begin < end for key, status, begin, end in old)


def test_a_deleted_lead_gets_a_tombstone_with_its_last_values_and_its_lists(run, company, ask, full):
    run()
    lead = next(one for one in company.truth("talent_ray", "sourcing") if one["roles"])
    company.delete("talent_ray", "sourcing", lead["id"])
    company.advance(hours=1)
    outcome = run()

    assert outcome.exit_status == 0
    (last,) = ask(
        f"select full_name, _visible from raw_talent_ray.leads where id = '{lead['id']}' and _dlt_valid_to is null"
    )
    assert last == (lead["fullName"], False)
    for table in ("lead_roles", "lead_organizations"):
        of_lead = f"lead_id = '{lead['id']}' and _dlt_valid_to is null"
        assert ask(f"select bool_or(_visible) from raw_talent_ray.{table} where {of_lead}") == [(False,)]


def test_a_hidden_record_that_is_shown_again_has_three_versions(run, company, warehouse, ask, full, monkeypatch):
    monkeypatch.setattr(absences, "IDS_AT_ONCE", 1)
    run()
    lead = company.truth("talent_ray", "sourcing")[-1]["id"]
    for change in (company.hide, company.show):
        change("talent_ray", "sourcing", lead)
        company.advance(hours=1)
        run()

    visible = ask(f"select _visible from raw_talent_ray.leads where id = '{lead}' order by _dlt_valid_from")
    assert visible == [(True,), (False,), (True,)]
    assert differences(str(warehouse), company) == {}


def test_by_default_no_personal_value_is_stored(run, ask):
    run()

    for platform in PLATFORMS.values():
        for table in platform.tables:
            for column in table.columns:
                if column.privacy not in {"key", "fact"}:
                    query = f'select count("{column.name}") from raw_{platform.name}."{table.name}"'
                    assert ask(query) == [(0,)], (table.name, column.name)


def test_every_declared_table_and_column_exists_from_the_first_refresh_on(run, ask):
    run(platforms=("talent_ray",))

    found = set(ask("select table_schema, table_name, column_name from information_schema.columns"))
    for platform in PLATFORMS.values():
        for table in platform.tables:
            for column in table.columns:
                assert (f"raw_{platform.name}", table.name, column.name) in found


def test_the_ledger_tells_what_was_read_and_when(run, company, ask):
    company.advance(hours=1)
    outcome = run()

    assert ask("select distinct refresh_id from meta.refreshes") == [(outcome.refresh_id,)]
    (finished,) = ask("select max(finished_at) from meta.refreshes")[0]
    assert abs(finished - company.now) < dt.timedelta(minutes=1)
    verdicts = dict(ask("select platform || '.' || resource, verdict from meta.sweeps"))
    assert set(verdicts.values()) == {"proven"}


def test_observed_and_not_before_bound_a_change(run, company, ask):
    run()
    read_at = company.now
    lead = company.truth("talent_ray", "sourcing")[0]["id"]
    company.advance(hours=5)
    company.update("talent_ray", "sourcing", lead, status="contacted")
    company.advance(hours=5)
    run()

    (bounds,) = ask(
        f"select _not_before, _observed_at from raw_talent_ray.leads where id = '{lead}' and _dlt_valid_to is null"
    )
    assert bounds == (read_at, company.now)


def test_what_happened_out_of_sight_is_bounded_by_the_last_reading_that_saw_the_record(run, company, ask):
    run()
    seen_at = company.now
    lead = company.truth("talent_ray", "sourcing")[0]["id"]
    company.hide("talent_ray", "sourcing", lead)
    for _ in range(2):
        company.advance(hours=5)
        run()
    company.update("talent_ray", "sourcing", lead, status="contacted")
    company.show("talent_ray", "sourcing", lead)
    company.advance(hours=5)
    run()

    query = f"select _not_before from raw_talent_ray.leads where id = '{lead}' and _dlt_valid_to is null"
    assert ask(query) == [(seen_at,)]
