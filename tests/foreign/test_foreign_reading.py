"""Readings of servers that we did not make: whatever their manners, what they hold is what is read."""

from __future__ import annotations

import pytest

from connector.errors import KeyRefused, SourceUnavailable
from tests.foreign.foreign_manners import TALENT_RAY, WAITING, WHOLE, Case, at, json_body
from tests.foreign.foreign_reading import read, unlike
from tests.foreign.foreign_records import Records
from tests.foreign.foreign_server import HTML, Manners, foreign

NO_TAILED = {"SOURCES__TAILED__API_KEY": ""}
STEPS = "/api/v1/candidates/cand_3/steps"


QUICK = (
    "no rows, past the end 404",
    "2 rows",
    "billionths",
    "another zone",
    "fields of tomorrow",
    "scopes are not told",
    "no type",
)
"""Cases for every run of the tests; the others are slow together, not each."""


@pytest.mark.parametrize(
    "case",
    [pytest.param(case, id=name, marks=() if name in QUICK else pytest.mark.slow) for name, case in WHOLE.items()],
)
def test_what_the_server_holds_is_read_whole_and_proven(case: Case) -> None:
    manners, holding = case
    with foreign(Records(**holding), manners) as server:
        found = read(server)

        assert unlike(server, found.tables) == {}
        assert {name: note.reason for name, note in found.notes.items() if note.verdict != "proven"} == {}
        assert (found.exit_status, found.requests) == (0, len(server.asked))


@pytest.mark.slow
@pytest.mark.parametrize("case", WAITING.values(), ids=list(WAITING))
def test_refusals_that_pass_cost_time_and_no_row(case: Case) -> None:
    test_what_the_server_holds_is_read_whole_and_proven(case)


def test_what_was_predicted_stands_beside_what_was_asked_from_the_first_reading_on() -> None:
    with foreign(Records(110)) as server:
        notes = read(server, SOURCES__TALENT_RAY__REQUESTS_PER_MINUTE="600").notes

    assert {name: note.predicted_requests for name, note in notes.items()} == {
        name: note.requests for name, note in notes.items()
    }
    assert notes["talent_ray.candidate_steps"].predicted_seconds == 11


@pytest.mark.slow
@pytest.mark.parametrize("case", TALENT_RAY.values(), ids=list(TALENT_RAY))
def test_wrong_and_missing_totals_end_no_list_and_hide_no_row(case: Case) -> None:
    manners, holding = case
    with foreign(Records(**holding), manners) as server:
        found = read(server, **NO_TAILED)

        assert unlike(server, found.tables, "raw_talent_ray") == {}
        assert {name: note.reason for name, note in found.notes.items() if note.verdict != "proven"} == {}
        assert found.exit_status == 0


def test_a_list_that_is_not_as_assumed_names_the_setting_as_the_environment_has_it() -> None:
    with foreign(Records(3), Manners(largest=50)) as server, pytest.raises(SourceUnavailable) as caught:
        read(server, SOURCES__TALENT_RAY__API_KEY="")

    assert "try: page.max_size = 50. Nothing was changed. The setting is SOURCES__TAILED__PAGE__MAX_SIZE;" in str(
        caught.value
    )
    with foreign(Records(120), Manners(largest=50)) as server:
        found = read(server, SOURCES__TALENT_RAY__API_KEY="", SOURCES__TAILED__PAGE__MAX_SIZE="50")
        assert {note.verdict for note in found.notes.values()} == {"proven"}
        assert unlike(server, found.tables, "raw_tailed") == {}


@pytest.mark.slow
@pytest.mark.parametrize("over", ["clamped", "echo_asked"])
def test_a_page_size_of_the_server_s_own_leaves_the_lists_whole_and_unproven(over: str) -> None:
    with foreign(Records(230), Manners(largest=50, over=over)) as server:
        found = read(server, **NO_TAILED)

        assert unlike(server, found.tables, "raw_talent_ray") == {}
        assert found.notes["talent_ray.candidates"].verdict == "count_complete"
        assert found.exit_status == 0


@pytest.mark.parametrize(
    "count", [12, pytest.param(130, marks=pytest.mark.slow), pytest.param(230, marks=pytest.mark.slow)]
)
def test_rows_that_are_promised_and_never_come_leave_a_doubt_and_hide_no_row(count: int) -> None:
    with foreign(Records(count), Manners(count=lambda rows: rows + 7)) as server:
        found = read(server, **NO_TAILED)

        assert unlike(server, found.tables, "raw_talent_ray") == {}
        assert found.notes["talent_ray.candidates"].verdict == "unproven"
        assert found.exit_status == 5


def test_no_rows_and_no_totals_are_taken_for_a_failure_not_for_an_empty_list() -> None:
    with (
        foreign(Records(0), Manners(pagination=False)) as server,
        pytest.raises(SourceUnavailable, match="nothing tells"),
    ):
        read(server, **NO_TAILED)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, b'{"error":"not_found"}'),
        (403, b"{}"),
        (400, b"{}"),
        (200, b'{"data":null}'),
        (200, b'{"rows":[]}'),
        (200, b"[]"),
    ],
)
def test_a_parent_whose_rows_cannot_be_had_costs_no_other_its_reading(status: int, body: bytes) -> None:
    with foreign(Records(20), Manners(faults=at(STEPS, status, body))) as server:
        found = read(server)

        note = found.notes["talent_ray.candidate_steps"]
        assert (note.verdict, note.count_undecided, found.exit_status) == ("unproven", 1, 5)
        assert "1 parent was" in note.reason
        server.records.candidate_steps["cand_3"] = []
        assert unlike(server, found.tables) == {}


def test_an_id_that_cannot_stand_in_a_path_costs_its_own_rows_alone() -> None:
    with foreign(Records(20, ids=(".", "..", "a" * 1025))) as server:
        found = read(server)

        note = found.notes["talent_ray.candidate_steps"]
        assert (note.verdict, note.count_undecided, found.exit_status) == ("unproven", 3, 5)
        assert "cannot stand in /api/v1/candidates/{id}/steps" in note.reason
        assert all("/./" not in path and "/../" not in path for path in server.asked)
        server.records.candidate_steps |= {".": [], "..": [], "a" * 1025: []}
        assert unlike(server, found.tables) == {}


def test_a_stream_that_answers_no_parent_is_given_up_early() -> None:
    fault = Manners(faults=lambda number, target: (400, {}, b"") if "/candidates/" in target else None)
    with foreign(Records(130), fault) as server:
        found = read(server)

        assert found.notes["talent_ray.candidate_steps"].verdict == "failed"
        assert sum("/candidates/" in path for path in server.asked) < 30


@pytest.mark.parametrize(
    ("status", "body"), [(404, b"{}"), (405, b""), (400, b"{}"), (501, b""), (200, json_body(data=None))]
)
def test_a_list_that_is_not_as_agreed_costs_itself_alone(status: int, body: bytes) -> None:
    with foreign(Records(20), Manners(faults=at("/api/v1/tests", status, body))) as server:
        found = read(server)

        assert found.notes["talent_ray.tests"].verdict == "failed"
        assert found.exit_status == 5
        server.records.tests.clear()
        assert unlike(server, found.tables) == {}


@pytest.mark.parametrize("body", [b"", HTML, b'{"error":"unauthorized"}', b"\xff"])
def test_a_refused_key_is_told_by_its_status_whatever_the_body(body: bytes) -> None:
    fault = Manners(faults=lambda number, target: (401, {}, body) if number > 4 else None)
    with foreign(Records(20), fault) as server, pytest.raises(KeyRefused, match="SOURCES__TALENT_RAY__API_KEY"):
        read(server)
