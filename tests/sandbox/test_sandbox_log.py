"""The log is the truth: repeatable, whole, and enough to rebuild the present."""

import time
from collections import Counter
from datetime import timedelta

import pytest
from sandbox_asking import END, by_id

from connector.sandbox import Company, replay
from connector.sandbox.editing import kind_of
from connector.sandbox.kinds import KINDS


def present(company: Company) -> dict[tuple[str, str], dict[str, object]]:
    return {(kind.platform, kind.entity): dict(rows) for kind, rows in company.world.tables.items() if rows}


def test_the_same_seed_tells_the_same_story() -> None:
    one, other = (Company(seed=3, candidates=60, days=60, end=END) for _ in range(2))

    assert one.log == other.log
    assert Company(seed=4, candidates=60, days=60, end=END).log != one.log


def test_thirty_days_at_once_are_thirty_single_days() -> None:
    one, other = (Company(seed=3, candidates=60, days=60, end=END) for _ in range(2))

    one.advance(days=30)
    for _ in range(30):
        other.advance(days=1)

    assert one.now == other.now == END + timedelta(days=30)
    assert one.log == other.log


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_log_replays_to_the_present(seed: int) -> None:
    company = Company(seed=seed, candidates=80, days=90, end=END)
    company.advance(days=14)
    candidate = company.insert("talent_ray", "candidates", fullName="Ada Example")
    company.delete("talent_ray", "candidates", candidate)
    company.delete("talent_ray", "sourcing", company.truth("talent_ray", "sourcing")[0]["id"])

    replayed = {key: rows for key, rows in replay(company.log).items() if rows}

    assert replayed == present(company)


@pytest.mark.parametrize(
    ("platform", "resource"),
    [
        *(("talent_ray", resource) for resource in ("roles", "tests", "sourcing", "candidates")),
        *(("tailed", resource) for resource in ("jobs", "candidates", "applications")),
    ],
)
def test_life_goes_on_when_all_of_a_kind_are_deleted_again_and_again(platform: str, resource: str) -> None:
    company = Company(seed=5, candidates=60, days=60, end=END)
    for _ in range(40):
        for record_id in list(company.world.tables[kind_of(platform, resource)]):  # also what no key can see
            company.delete(platform, resource, record_id)
        before = len(company.log)
        company.advance(days=3)

        assert len(company.log) > before
    assert all(one["jobId"] for one in company.truth("tailed", "applications"))


def test_events_are_numbered_dated_by_whole_seconds_and_in_order(company: Company) -> None:
    company.advance(days=7)

    assert [event.number for event in company.log] == list(range(len(company.log)))
    assert all(event.at.microsecond == 0 and event.at.utcoffset() == timedelta(0) for event in company.log)
    assert all(earlier.at <= later.at for earlier, later in zip(company.log, company.log[1:], strict=False))


def test_an_event_holds_the_changed_fields_with_old_and_new_values(company: Company) -> None:
    for event in company.log:
        if event.before is not None and event.after is not None:
            assert event.before.keys() == event.after.keys()
            assert any(event.before[name] != value for name, value in event.after.items())


def test_step_events_name_candidate_role_record_and_template(company: Company) -> None:
    events = [event for event in company.log if event.entity == "candidate_step"]

    assert events
    assert all(event.candidate_id and event.role_id and event.step_id and event.role_step_id for event in events)


def test_what_is_due_before_the_clock_stands_happens_now_and_never_earlier(company: Company) -> None:
    company.tick("ticking")
    company._ticking_since = time.monotonic() - 86_400 * 3
    before = company.now
    count = len(company.log)

    company.advance(days=2)

    assert before >= END + timedelta(days=3)
    assert len(company.log) > count
    assert all(event.at >= before for event in company.log[count:])


def test_every_kind_of_incident_happens() -> None:
    company = Company(seed=5, candidates=900, days=200, end=END)
    happened = Counter((event.platform, event.entity, event.event) for event in company.log)

    for event in [
        "started",
        "completed",
        "validated",
        "rejected",
        "skipped",
        "accepted",
        "declined",
        "moved_back",
        "restarted",
        "corrected",
    ]:
        assert happened["talent_ray", "candidate_step", event], event
    for event in ["scored", "rejected", "withdrawn", "parked", "hired", "reopened"]:
        assert happened["talent_ray", "assignment", event], event
    for event in ["created", "edited", "hidden", "shown", "deleted"]:
        assert happened["talent_ray", "candidate", event], event
    for event in ["opened", "held", "resumed", "filled", "closed", "reopened", "edited", "hidden", "shown"]:
        assert happened["talent_ray", "role", event], event
    for event in ["parsed", "converted", "edited", "deleted"]:
        assert happened["talent_ray", "lead", event], event
    for event in ["moved", "hired", "rejected", "withdrawn", "reopened", "deleted", "restored"]:
        assert happened["tailed", "application", event], event
    assert happened["tailed", "snapshot", "regenerated"]


def test_the_company_is_plausible() -> None:
    company = Company(seed=5, candidates=900, days=200, end=END)
    people = company.truth("talent_ray", "candidates")
    steps = company.truth("talent_ray", "candidate_steps")
    entered = Counter(row["stepType"] for row in steps if row["status"] != "locked" and row["status"] != "skipped")
    words = {link["status"] for row in people for link in row["roles"]}
    names = "".join(row["fullName"] for row in people)

    assert entered["cv_screening"] > entered["interview"] * 0.8 > entered["offer"] > 0
    assert entered["offer"] > sum(row["offerResponse"] is not None for row in steps) > 0
    assert {"In Pipeline", "in pipeline", "Rejected", "REJECTED", "Parked"} <= words
    assert any(len(row["roles"]) > 1 for row in people)
    assert any(link["overallFitScore"] == -1 for row in people for link in row["roles"])
    assert any(row["email"] is None for row in people)
    assert all(sample in names for sample in ("ş", "ğ", "م", "王", "\u0308"))
    assert any(row["startedAt"] is None and row["status"] not in ("locked", "skipped") for row in steps)
    converted = Counter(row["candidateId"] for row in company.truth("talent_ray", "sourcing") if row["candidateId"])
    assert max(converted.values()) > 1
    stepless = {row["id"] for row in company.truth("talent_ray", "roles")}
    assert stepless - {row["roleId"] for row in company.truth("talent_ray", "role_steps")}


def test_steps_follow_time(company: Company) -> None:
    """Within a progress record, and save for corrections and restarts, a later instant is never earlier."""
    rewritten = {e.step_id for e in company.log if e.event in ("corrected", "restarted", "moved_back", "locked")}
    for row in company.truth("talent_ray", "candidate_steps"):
        if row["id"] in rewritten:
            continue
        instants = [row[name] for name in ("createdAt", "startedAt", "completedAt", "validatedAt") if row[name]]
        assert instants == sorted(instants)


def test_direct_edits_are_logged_and_can_be_silent(company: Company) -> None:
    row = company.truth("talent_ray", "candidates")[0]

    company.update("talent_ray", "candidates", row["id"], silent=True, fullName="Someone Else")
    event = company.log[-1]

    assert (event.event, event.id, event.after) == ("edited", row["id"], {"fullName": "Someone Else"})
    assert {"id": row["id"], "updatedAt": row["updatedAt"], "fullName": "Someone Else"}.items() <= next(
        found for found in company.truth("talent_ray", "candidates") if found["id"] == row["id"]
    ).items()


def test_a_hidden_record_returns_as_it_was(company: Company) -> None:
    rows = company.truth("talent_ray", "roles")

    company.hide("talent_ray", "roles", rows[0]["id"])
    assert by_id(company.truth("talent_ray", "roles")) == by_id(rows[1:])
    company.show("talent_ray", "roles", rows[0]["id"])

    assert by_id(company.truth("talent_ray", "roles")) == by_id(rows)


def test_deleting_a_candidate_takes_its_assignments_and_steps(company: Company) -> None:
    row = next(row for row in company.truth("talent_ray", "candidates") if row["roles"])

    company.delete("talent_ray", "candidates", row["id"])

    assert all(step["candidateId"] != row["id"] for step in company.truth("talent_ray", "candidate_steps"))
    assert all(
        record.get("candidateId") != row["id"]
        for kind in KINDS
        if kind.entity in ("assignment", "candidate_step")
        for record in company.world.tables[kind].values()
    )


def test_tailed_snapshots_count_what_the_log_says(company: Company) -> None:
    """A second count of the last snapshots, from the log up to the end of their day."""
    application = company.truth("tailed", "applications")[0]["id"]
    company.update("tailed", "applications", application, deletedAt=company.now)
    company.advance(days=2)
    snapshots = company.truth("tailed", "snapshots")[-40:]
    for day in {row["date"] for row in snapshots}:
        past = replay(event for event in company.log if event.at.isoformat() <= f"{day}T23:59:59+00:00")
        left = [row for row in past["tailed", "application"].values() if row["deletedAt"] is None]
        for snapshot in [row for row in snapshots if row["date"] == day]:
            mine = [row for row in left if snapshot["jobId"] in (None, row["jobId"])]
            assert snapshot["applicationsTotal"] == len(mine)
            assert snapshot["hires"] == sum(row["status"] == "hired" for row in mine)
            assert sum(snapshot["stageCounts"].values()) <= len(mine)


def test_a_light_company_has_rows_and_no_stories() -> None:
    company = Company.light(candidates=3000, end=END)
    count = len(company.log)

    company.advance(days=30)

    assert len(company.truth("talent_ray", "candidates")) == 3000
    assert company.truth("talent_ray", "candidate_steps") == []
    assert len(company.log) == count
    assert company.edit_some("talent_ray", "candidates", 0.01) == 30
    assert {key: rows for key, rows in replay(company.log).items() if rows} == present(company)
