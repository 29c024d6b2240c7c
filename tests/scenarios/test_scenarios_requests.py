"""What a refresh asks for: no more than it said, nothing twice, and more when the audit finds something."""

from __future__ import annotations

import math
import random

import pytest

from connector.sandbox import Company, Switches
from tests.scenarios.town import END, later, settings

RAW = "raw_talent_ray"
LISTS = ("talent_ray.candidates", "talent_ray.roles", "talent_ray.tests", "talent_ray.leads")


def windows(rows):
    """What a quiet list should cost: one window of 100, then windows that overlap."""
    return {0: 1, 99: 1, 100: 3, 500: 7, 1_000: 13}.get(rows)


def open_candidates(company):
    """Candidates with an assignment that goes on, counted from the truth step by step."""
    found = set()
    steps = company.truth("talent_ray", "candidate_steps")
    for candidate in company.truth("talent_ray", "candidates"):
        for assignment in candidate["roles"]:
            own = [s for s in steps if (s["candidateId"], s["roleId"]) == (candidate["id"], assignment["roleId"])]
            last = max(own, key=lambda s: s["order"], default=None)
            ended = any(s["status"].lower() == "rejected" for s in own)
            if last is None or not (ended or last["status"].lower() in {"validated", "skipped"}):
                found.add(candidate["id"])
    return found


def steps_asked(town, since):
    paths = town.asked(since)
    return [path.split("/")[4] for path in paths if path.startswith("/api/v1/candidates/") and path.endswith("/steps")]


# T25


def test_an_unchanged_truth_makes_no_version_and_asks_for_open_work_and_audit_only(town):
    town.run(full=True)
    before, asked = town.versions(), len(town.server.journal)
    outcome = town.run()

    assert outcome.exit_status == 0
    assert town.versions() == before
    still_open = open_candidates(town.company)
    closed = len(town.company.truth("talent_ray", "candidates")) - len(still_open)
    steps = steps_asked(town, asked)
    assert len(steps) == len(set(steps))
    assert still_open <= set(steps)
    assert len(set(steps) - still_open) == math.ceil(closed / 24)


# T57


@pytest.mark.parametrize(("leads", "requests"), [(99, 1), (100, 3), pytest.param(500, 7, marks=pytest.mark.slow)])
def test_a_quiet_list_costs_the_requests_that_were_promised(new_town, leads, requests):
    company = new_town.company
    while len(company.truth("talent_ray", "sourcing")) < leads:
        company.insert("talent_ray", "sourcing")
    company.advance(hours=1)
    new_town.run(select=("leads",), platforms=("talent_ray",))
    asked = len(new_town.server.journal)
    outcome = new_town.run(select=("leads",), platforms=("talent_ray",))

    paths = new_town.asked(asked)
    rows = len(company.truth("talent_ray", "sourcing"))
    assert rows >= leads
    assert outcome.exit_status == 0
    if rows == leads:
        assert paths.count("/api/v1/sourcing") == requests
    note = new_town.sweeps()["talent_ray.leads"]
    assert note["predicted_requests"] == note["requests"] == paths.count("/api/v1/sourcing")
    assert [path for path in paths if not path.startswith("/api/v1/sourcing")] == ["/api/v1/me"]


def test_requests_are_within_5_percent_of_the_forecast_and_counted_right(town):
    town.run(full=True, platforms=("talent_ray",))
    later(town.company, hours=1)
    asked = len(town.server.journal)
    outcome = town.run(platforms=("talent_ray",))

    notes = town.sweeps()
    total = len(town.server.journal) - asked
    assert outcome.as_json()["requests"] == total
    predicted = sum(note["predicted_requests"] or 0 for note in notes.values())
    counted = sum(note["requests"] for note in notes.values())
    # And /me once, because nothing was absent; windows that were asked ahead in vain are in the total alone.
    assert 0 <= total - 1 - counted <= math.ceil(0.05 * total)
    assert abs(predicted - counted) <= math.ceil(0.05 * counted)


def test_the_budget_leaves_a_debt_that_the_next_refresh_pays(town):
    candidates = [one["id"] for one in town.company.truth("talent_ray", "candidates")]
    town.company.edit_some("talent_ray", "candidates", 1.0)
    for step in town.company.truth("talent_ray", "candidate_steps"):
        town.company.update("talent_ray", "candidate_steps", step["id"], validationScore=7)
    asked = len(town.server.journal)
    outcome = town.run(max_requests=25)

    assert outcome.exit_status == 5
    assert len(town.server.journal) - asked < 60
    read = set(steps_asked(town, asked))
    asked = len(town.server.journal)
    assert town.run().exit_status == 0
    assert set(candidates) - read <= set(steps_asked(town, asked))
    assert town.differences() == {}


# T14


def test_a_silent_step_change_of_an_open_candidate_is_seen_at_once_and_one_of_a_closed_one_by_the_audit(town):
    still_open = open_candidates(town.company)
    steps = town.company.truth("talent_ray", "candidate_steps")
    in_open = next(step for step in steps if step["candidateId"] in still_open)
    closed = sorted({step["candidateId"] for step in steps} - still_open)
    assert closed
    town.run(full=True)
    later(town.company, hours=1)
    for step in (in_open, *(next(s for s in steps if s["candidateId"] == one) for one in closed)):
        town.company.update("talent_ray", "candidate_steps", step["id"], silent=True, validationScore=77)

    def score(step):
        query = (
            f"select validation_score from {RAW}.candidate_steps where id = '{step['id']}' and _dlt_valid_to is null"
        )
        return town.ask(query)[0][0]

    outcome = town.run()
    assert outcome.exit_status == 0
    assert score(in_open) == 77
    note = town.sweeps()["talent_ray.candidate_steps"]
    assert note["count_silent_changes"] >= 2
    # One silent change leads to the next part of the audit at once, until one is clean: here all of them.
    assert town.differences() == {}
    before = note["audit_share"]
    later(town.company, hours=1)
    town.run()
    assert town.sweeps()["talent_ray.candidate_steps"]["audit_share"] == pytest.approx(min(1.0, before * 4))


@pytest.mark.slow
def test_a_silent_step_change_of_any_closed_candidate_shows_within_24_refreshes(town):
    still_open = open_candidates(town.company)
    steps = town.company.truth("talent_ray", "candidate_steps")
    changed = next(step for step in reversed(steps) if step["candidateId"] not in still_open)
    town.run(full=True)
    town.company.update("talent_ray", "candidate_steps", changed["id"], silent=True, validationScore=77)
    refreshes = 0
    while refreshes < 24:
        refreshes += 1
        town.company.advance(seconds=1)
        town.run(select=("candidates", "candidate_steps"), platforms=("talent_ray",))
        if not town.differences("talent_ray").get("talent_ray.candidate_steps"):
            break
    assert refreshes <= 24
    assert town.differences("talent_ray").get("talent_ray.candidate_steps") is None


# T7


def false_tombstones(town, alive):
    """Rows that are marked as gone although the company still has them."""
    marked = set(
        town.ask(
            f"select 'candidates', id from {RAW}.candidates where not _visible and _dlt_valid_to is null"
            f" union all select 'sourcing', id from {RAW}.leads where not _visible and _dlt_valid_to is null"
            f" union all select 'roles', id from {RAW}.roles where not _visible and _dlt_valid_to is null"
            f" union all select 'tests', id from {RAW}.tests where not _visible and _dlt_valid_to is null"
        )
    )
    return marked & alive


def alive(town):
    return {
        (resource, record["id"])
        for resource in ("candidates", "sourcing", "roles", "tests")
        for record in town.company.truth("talent_ray", resource)
    }


def refresh_under_churn(town, refreshes, orders, chance):
    ended = []
    for _ in range(refreshes):
        town.switch(
            order=chance.choice(orders), churn_rate=chance.choice((0.0, 0.3, 1.0)), churn_behind=chance.random() < 0.5
        )
        before = alive(town)
        ended.append(town.run().exit_status)
        # A row that was there before and after was there throughout.
        assert false_tombstones(town, before & alive(town)) == set()
        town.company.advance(hours=chance.choice((1, 5, 24)))
    town.switch(order=orders[0], churn_rate=0.0, churn_behind=False)
    assert town.run(full=True).exit_status in {0, 5, 6}
    settled = town.run(full=True)
    notes = [note for harvest in settled.harvests for note in harvest.sweeps.values()]
    held_back = [note for note in notes if note.absences in {"suspended", "tripped"}]
    if held_back:
        # By chance a small list lost its last row, or many rows at once: a person looks, and says yes.
        assert settled.exit_status in {5, 6}
        why = [note.reason for note in held_back if note.absences == "suspended"]
        assert all("breaker" in reason or "the list is empty" in reason for reason in why), why
        settled = town.run(full=True, accept_absences=sum(note.count_absent for note in held_back))
    assert settled.exit_status == 0, [vars(note) for one in settled.harvests for note in one.sweeps.values()]
    assert town.differences() == {}
    return ended


def test_refreshes_under_churn_mark_nothing_falsely_and_end_at_the_truth_in_the_warehouse(town):
    ended = refresh_under_churn(town, 3, ("created_desc", "updated_desc"), random.Random(1))

    assert set(ended) <= {0, 5}


@pytest.mark.slow
def test_60_refreshes_under_churn_mark_nothing_falsely_and_end_at_the_truth_in_the_warehouse(
    new_town, monkeypatch, capsys
):
    new_town.server.show(Company(seed=5, candidates=150, days=120, end=END), Switches())
    for name, value in settings(new_town.server).items():
        monkeypatch.setenv(name, value)
    orders = ("created_desc", "created_asc", "id_asc", "id_desc", "updated_desc", "updated_asc", "ties_shuffled")
    ended = refresh_under_churn(new_town, 60, orders, random.Random(7))

    by_status = {status: ended.count(status) for status in sorted(set(ended))}
    with capsys.disabled():
        print(f"\n60 refreshes under churn, by exit status {by_status}: 0 false tombstones, the truth at the end")
    assert set(ended) <= {0, 5, 6}
