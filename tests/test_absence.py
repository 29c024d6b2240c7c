"""Rows that a reading did not show: what is asked, what is believed, what is marked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connector.absence import (
    AskListAgain,
    AskPrincipal,
    AskRows,
    Assessment,
    Case,
    Found,
    Gone,
    Missing,
    Pending,
    Question,
    Settled,
    Undecided,
    assess,
    assess_children,
    fingerprint,
    is_older,
    judge,
    resolve_older,
    settle,
)

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
ADMIN, MEMBER = "fingerprint of an admin", "fingerprint of a member"


@dataclass
class Platform:
    """The other side: which rows answer by id, who the key belongs to at the end, and what was asked."""

    alive: set[str] = field(default_factory=set)
    broken: dict[str, int] = field(default_factory=dict)
    principal: str | None = ADMIN
    is_empty: bool = True
    asked: list[Question] = field(default_factory=list)
    after: Callable[["Platform"], None] = lambda platform: None

    def answer(self, question: Question) -> Any:
        self.asked.append(question)
        if isinstance(question, AskRows):
            answers = [self.get(row) for row in question.ids]
            self.after(self)
            return answers
        if isinstance(question, AskPrincipal):
            return None if self.principal is None else {"leads": self.principal, "roles": self.principal}
        return self.is_empty

    def get(self, row: str) -> Found | Missing | Undecided:
        if row in self.broken:
            return Undecided(self.broken[row])
        return Found(f"record of {row}") if row in self.alive else Missing()

    def settle(self, *cases: Case, accepted: int = 0, **options: Any) -> dict[str, Settled]:
        settling = settle(cases, judge([case.assessment for case in cases], accepted=accepted), **options)
        try:
            question = next(settling)
            while True:
                question = settling.send(self.answer(question))
        except StopIteration as stop:
            return stop.value


def numbered(count: int) -> set[str]:
    return {f"l{number:03d}" for number in range(count)}


def case(assessment: Assessment, **changes: Any) -> Case:
    return replace(Case(assessment, NOON, ADMIN, ADMIN, canaries=("c1", "c2", "c3"), is_proven=True), **changes)


def leads(absent: int = 1, known: int = 100, **changes: Any) -> Case:
    rows = numbered(known)
    return case(assess("leads", rows, dict.fromkeys(sorted(rows)[absent:])), **changes)


# -- what a reading can say


def test_rows_of_a_log_never_vanish():
    assert assess("api_key_usage", {"u1", "u2"}, {"u2": 1}, is_log=True).absent == ()


@pytest.mark.parametrize(
    ("seen", "options"),
    [({}, {}), ({"a": 1}, {"failure": "403"}), ({"a": 1}, {"reached_end": False})],
)
def test_an_empty_or_failed_or_unfinished_reading_says_nothing_about_absent_rows(seen, options):
    assessment = assess("leads", {"a", "b"}, seen, **options)
    settled = Platform().settle(case(assessment))["leads"]

    assert (settled.outcome, settled.gone, settled.exit_status) == ("suspended", (), 5)


@pytest.mark.parametrize(
    ("known", "absent", "trips"), [(100, 20, False), (100, 21, True), (1000, 50, False), (1000, 51, True)]
)
def test_the_breaker_trips_above_20_rows_and_5_percent(known, absent, trips):
    rows = numbered(known)

    assert bool(assess("leads", rows, set(sorted(rows)[absent:])).tripped) is trips


def test_the_breaker_trips_when_all_rows_of_one_organization_are_hidden():
    organizations = {"a": "o1", "b": "o1", "c": "o2", "d": ["o2", "o3"]}

    assert assess("leads", set("abcd"), {"c": 1, "d": 1}, organizations=organizations).tripped
    assert not assess("leads", set("abcd"), {"a": 1, "c": 1, "d": 1}, organizations=organizations).tripped
    assert not assess("leads", set("abcd"), {"a": 1, "b": 1, "c": 1}, organizations=organizations).tripped


def test_each_child_table_has_its_own_breaker():
    roles = {f"c{number}/r{number % 7}" for number in range(100)}

    assert not assess_children("candidate_roles", roles, set(sorted(roles)[20:])).tripped
    assert assess_children("candidate_roles", roles, set(sorted(roles)[21:])).tripped
    assert not assess_children("candidate_roles", {"c1/r1"}, set()).tripped
    organizations = dict.fromkeys(roles, "o1") | {"c1/r1": "o2", "c2/r2": "o2"}
    assert assess_children("candidate_roles", roles, roles - {"c1/r1", "c2/r2"}, organizations=organizations).tripped


def test_a_rotated_key_of_the_same_user_has_the_same_fingerprint():
    admin = fingerprint("https://app.talent-ray.com/", "u1", "admin", ["leads:read", "roles:read"])

    assert admin == fingerprint("https://app.talent-ray.com", "u1", "admin", ["roles:read", "leads:read"])
    assert admin != fingerprint("https://app.talent-ray.com", "u1", "member", ["roles:read", "leads:read"])
    assert admin != fingerprint("https://app.talent-ray.com", "u1", "admin", ["roles:read"])


# -- confirmation


def test_a_deleted_row_is_asked_by_id_between_canaries_and_then_marked():
    platform = Platform(alive={"c1"})
    settled = platform.settle(leads())["leads"]

    assert settled == Settled("leads", "settled", gone=(Gone("l000", NOON),), baseline=ADMIN, count_absent=1)
    assert platform.asked == [
        AskRows("leads", ("c1",), is_canary=True),
        AskRows("leads", ("l000",)),
        AskRows("leads", ("c1",), is_canary=True),
        AskPrincipal(),
    ]


def test_nothing_is_asked_when_nothing_is_absent():
    platform = Platform()

    assert platform.settle(leads(absent=0))["leads"] == Settled("leads", "settled", baseline=ADMIN)
    assert platform.asked == []


def test_a_row_that_answers_by_id_is_rescued():
    settled = Platform(alive={"c1", "l000"}).settle(leads(absent=2))["leads"]

    assert settled.rescued == {"l000": "record of l000"}
    assert [one.key for one in settled.gone] == ["l001"]


def test_many_rescued_rows_in_a_proven_sweep_are_drift():
    platform = Platform(alive={"c1"} | numbered(2))

    assert platform.settle(leads(absent=2))["leads"].drift == "the list does not show 2 rows that answer by id"
    assert platform.settle(leads(absent=1))["leads"].drift is None
    assert platform.settle(leads(absent=2, is_proven=False))["leads"].drift is None


@pytest.mark.parametrize("status", [403, 429, 500])
def test_a_row_that_neither_answers_nor_is_missing_stays(status):
    settled = Platform(alive={"c1"}, broken={"l000": status}).settle(leads(absent=2))["leads"]

    assert settled.undecided == {"l000": status}
    assert [one.key for one in settled.gone] == ["l001"]
    assert settled.exit_status == 5


@pytest.mark.parametrize(
    "platform",
    [
        Platform(alive=set()),
        Platform(alive={"c2"}, broken={"c1": 500}),
        Platform(alive={"c1"}, after=lambda platform: platform.alive.clear()),
        Platform(alive={"c1"}, principal=MEMBER),
        Platform(alive={"c1"}, principal=None),
    ],
    ids=[
        "canary 404",
        "canary 500",
        "canary 404 at the end",
        "another principal at the end",
        "no principal at the end",
    ],
)
def test_a_404_counts_only_between_living_canaries_and_under_one_principal(platform):
    settled = platform.settle(leads())["leads"]

    assert (settled.outcome, settled.gone, settled.exit_status) == ("suspended", (), 5)


def test_a_canary_that_was_deleted_meanwhile_is_replaced():
    assert Platform(alive={"c3"}).settle(leads())["leads"].outcome == "settled"


def test_under_another_role_than_last_time_missing_rows_stay_until_accepted():
    narrower = leads(absent=2, fingerprint=MEMBER, baseline=ADMIN)
    platform = Platform(alive={"c1"}, principal=MEMBER)

    kept = platform.settle(narrower)["leads"]
    accepted = platform.settle(narrower, accepted=2)["leads"]

    assert (kept.outcome, kept.gone, kept.baseline) == ("suspended", (), ADMIN)
    assert "--accept-absences 2" in (kept.reason or "")
    assert (accepted.outcome, len(accepted.gone), accepted.baseline) == ("settled", 2, MEMBER)


def test_another_role_that_sees_all_rows_becomes_the_baseline():
    assert Platform().settle(leads(absent=0, fingerprint=MEMBER, baseline=ADMIN))["leads"].baseline == MEMBER


def test_without_a_baseline_absences_wait_for_one():
    settled = Platform(alive={"c1"}).settle(leads(baseline=None))["leads"]

    assert (settled.outcome, settled.gone, settled.baseline) == ("suspended", (), ADMIN)


# -- the breaker


def test_a_breaker_in_one_stream_marks_nothing_in_any():
    platform = Platform(alive={"c1", "c2", "c3", "l001"})
    roles = case(assess("roles", {"r1", "r2"}, {"r2": 1}))
    settled = platform.settle(leads(absent=50), roles)

    assert {name: (one.outcome, one.gone, one.exit_status) for name, one in settled.items()} == {
        "leads": ("tripped", (), 6),
        "roles": ("tripped", (), 6),
    }
    samples = [question for question in platform.asked if isinstance(question, AskRows) and not question.is_canary]
    assert [len(question.ids) for question in samples] == [20]
    assert "3 of 3 rows from the list answered" in (settled["leads"].reason or "")


def test_accepted_absences_lift_the_breaker_but_each_row_needs_its_own_404():
    platform = Platform(alive={"c1", "l001"})
    settled = platform.settle(leads(absent=50), accepted=50)["leads"]

    assert settled.outcome == "settled"
    assert [one.key for one in settled.gone] == sorted(numbered(50) - {"l001"})


def test_accepting_fewer_than_are_absent_lifts_nothing():
    settled = Platform(alive={"c1"}).settle(leads(absent=50), accepted=49)["leads"]

    assert (settled.outcome, settled.gone) == ("tripped", ())
    assert "--accept-absences 50" in (judge([leads(absent=50).assessment], accepted=49).message or "")


def test_an_empty_list_can_be_accepted_if_it_is_empty_once_more():
    emptied = case(assess("leads", numbered(30), {}, accepted=30))
    refilled = Platform(is_empty=False).settle(emptied, accepted=30)["leads"]
    empty = Platform()
    settled = empty.settle(emptied, accepted=30)["leads"]

    assert (refilled.outcome, refilled.gone) == ("suspended", ())
    assert (settled.outcome, len(settled.gone)) == ("settled", 30)
    assert empty.asked[0] == AskListAgain("leads")


def test_a_row_of_an_accepted_empty_list_stays_when_it_answers_by_its_id():
    emptied = case(assess("leads", numbered(30), {}, accepted=30))
    by_id = Platform(alive={"l001"}).settle(emptied, accepted=30)["leads"]
    whole = Platform(alive={"l001"}).settle(replace(emptied, evidence="whole"), accepted=30)["leads"]

    assert [one.key for one in by_id.gone] == sorted(numbered(30) - {"l001"})
    assert len(whole.gone) == 30


# -- grace, and lists without a GET by id


def test_within_the_grace_a_404_is_noted_and_only_a_later_one_marks():
    day = timedelta(hours=24)
    platform = Platform(alive={"c1"})
    first = platform.settle(leads(), grace=day)["leads"]
    notes = {note.key: note for note in first.pending}

    def later(hours: float, notes: Mapping[str, Pending] = notes, **changes: Any) -> Settled:
        return platform.settle(leads(at=NOON + timedelta(hours=hours), pending=notes, **changes), grace=day)["leads"]

    assert (first.outcome, first.gone) == ("settled", ())
    assert notes == {"l000": Pending("l000", NOON, NOON, ADMIN, in_complete=True)}
    assert later(23).gone == ()
    assert later(24).gone == (Gone("l000", NOON),)
    assert later(24, {"l000": replace(notes["l000"], fingerprint=MEMBER)}).gone == ()
    assert Platform(alive={"c1", "l000"}).settle(leads(pending=notes), grace=day)["leads"].pending == ()


def test_a_row_that_cannot_be_asked_by_id_must_be_missing_from_two_complete_readings_in_a_row():
    platform = Platform()

    def read(pending: tuple[Pending, ...], *, is_complete: bool = True) -> Settled:
        notes = {note.key: note for note in pending}
        return platform.settle(leads(evidence="two_readings", pending=notes, is_complete=is_complete))["leads"]

    once = read(())
    assert once.gone == ()
    assert read(once.pending).gone == (Gone("l000", NOON),)
    interrupted = read(once.pending, is_complete=False)
    assert interrupted.gone == ()
    assert read(interrupted.pending).gone == ()


def test_where_rows_cannot_be_asked_by_id_a_person_lifts_the_breaker_once_and_need_not_again():
    platform = Platform()

    def read(pending: tuple[Pending, ...], **options: Any) -> Settled:
        notes = {note.key: note for note in pending}
        return platform.settle(leads(absent=30, evidence="two_readings", pending=notes), **options)["leads"]

    tripped = read(())
    assert (tripped.outcome, tripped.gone) == ("tripped", ())
    assert len(read(tripped.pending, accepted=30).gone) == 30
    unasked = read((), accepted=30)
    assert (unasked.outcome, unasked.gone, len(unasked.pending)) == ("settled", (), 30)


def test_an_empty_list_that_a_person_accepts_was_read_and_asked_again():
    emptied = assess("leads", {"a", "b"}, {}, accepted=2)

    def settled(**changes: Any) -> Settled:
        return Platform().settle(case(emptied, evidence="two_readings", **changes), accepted=2)["leads"]

    assert [one.key for one in settled().gone] == ["a", "b"]
    assert settled(is_complete=False).gone == ()


def test_one_reply_that_holds_the_whole_list_is_enough():
    platform = Platform()

    assert platform.settle(leads(evidence="whole"))["leads"].gone == (Gone("l000", NOON),)
    assert platform.asked == [AskPrincipal()]
    assert Platform(principal=MEMBER).settle(leads(evidence="whole"))["leads"].gone == ()


# -- older versions


def test_an_older_version_is_asked_by_id_and_the_answer_holds():
    stored = NOON

    assert is_older(NOON - timedelta(seconds=1), stored)
    assert not is_older(NOON, stored)
    assert not is_older(None, stored)
    assert resolve_older(stored, Found(), NOON) == ("take_answer", None)
    assert resolve_older(stored, Found(), NOON - timedelta(days=1))[1] is not None
    assert resolve_older(stored, Undecided(500), None) == ("keep_stored", None)
