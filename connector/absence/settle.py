"""Settles absences: asks for each absent row by its id, and marks only what the platform says is not there.

The questions go out of a generator, the answers come in; the driver may ask the ids of one question side by side.
"""

from collections.abc import Collection, Generator, Mapping, Sequence
from datetime import timedelta
from random import Random
from typing import TypeAlias, cast

from connector.absence.assess import Ruling
from connector.absence.question import (
    Answer,
    AskListAgain,
    AskPrincipal,
    AskRows,
    Case,
    Found,
    Gone,
    Missing,
    Outcome,
    Pending,
    Question,
    Response,
    Settled,
    Undecided,
)

CANARIES = 3
SAMPLE_ROWS = 20
BATCH_ROWS = 100
RESCUED_SHARE = 0.01

Settling: TypeAlias = Generator[Question, Response, dict[str, Settled]]


def settle(
    cases: Sequence[Case], ruling: Ruling, *, grace: timedelta = timedelta(0), random: Random | None = None
) -> Settling:
    """Settle the absences of an account. Every list has been read, `judge` has ruled over all of them.

    Returns a `Settled` for each case by its name.
    """
    chance = random or Random(0)  # noqa: S311 - draws a sample, keeps no secret
    inquiries = [_Inquiry(case, ruling, grace, chance) for case in cases]
    for inquiry in inquiries:
        yield from inquiry.ask_rows()
    now: Mapping[str, str] | None = None
    if any(inquiry.needs_principal for inquiry in inquiries):
        now = cast("Mapping[str, str] | None", (yield AskPrincipal()))
    return {inquiry.case.name: inquiry.conclude(now) for inquiry in inquiries}


class _Inquiry:
    """One case on its way from absent rows to a conclusion."""

    def __init__(self, case: Case, ruling: Ruling, grace: timedelta, random: Random) -> None:
        self.case = case
        self.ruling = ruling
        self.grace = grace
        self.random = random
        self.absent = case.assessment.absent
        self.suspended = case.assessment.suspended
        self.rescued: dict[str, object] = {}
        self.undecided: dict[str, int | str] = {}
        self.missing: list[str] = []
        self.sampled = ""

    @property
    def needs_principal(self) -> bool:
        """Whether something could be marked, so that it matters who the key is by now."""
        return bool(self.missing) and not self.suspended and self.ruling.may_mark

    def ask_rows(self) -> Generator[Question, Response, None]:
        """Gather what speaks for the absent rows being gone."""
        if self.suspended or not self.absent:
            return
        if not self.ruling.may_mark:
            yield from self._sample()
        elif self.case.assessment.is_empty:
            yield from self._list_again()
        elif self.case.evidence == "by_id":
            yield from self._confirm_between_canaries()
        else:
            self.missing = list(self.absent)

    def _list_again(self) -> Generator[Question, Response, None]:
        """Without a row there is no canary: the list itself must say once more that it is empty."""
        if not (yield AskListAgain(self.case.name)):
            self.suspended = "the list was empty, but not when it was asked again"
        elif self.case.evidence == "by_id":
            yield from self._confirm(self.absent)
        else:
            self.missing = list(self.absent)

    def _confirm_between_canaries(self) -> Generator[Question, Response, None]:
        if not (yield from self._canary_sings()):
            return
        yield from self._confirm(self.absent)
        if self.missing:
            yield from self._canary_sings()

    def _canary_sings(self) -> Generator[Question, Response, bool]:
        """Whether a row just seen in the list answers by id: else a 404 would mean nothing."""
        for canary in self.case.canaries[:CANARIES]:
            (answer,) = yield from _ask(AskRows(self.case.name, (canary,), is_canary=True))
            if isinstance(answer, Found):
                return True
            if isinstance(answer, Undecided):
                break
        self.suspended = "a row that is in the list does not answer by its id"
        return False

    def _confirm(self, ids: Sequence[str]) -> Generator[Question, Response, None]:
        for start in range(0, len(ids), BATCH_ROWS):
            batch = tuple(ids[start : start + BATCH_ROWS])
            answers = yield from _ask(AskRows(self.case.name, batch))
            for row, answer in zip(batch, answers, strict=True):
                if isinstance(answer, Found):
                    self.rescued[row] = answer.record
                elif isinstance(answer, Missing):
                    self.missing.append(row)
                else:
                    self.undecided[row] = answer.status

    def _sample(self) -> Generator[Question, Response, None]:
        """For the report only: ask some of the absent rows, and some that are in the list."""
        if not self.case.assessment.tripped or self.case.evidence != "by_id":
            return
        yield from self._confirm(self.random.sample(self.absent, min(SAMPLE_ROWS, len(self.absent))))
        canaries = tuple(self.case.canaries[:CANARIES])
        answers = (yield from _ask(AskRows(self.case.name, canaries, is_canary=True))) if canaries else ()
        asked = len(self.missing) + len(self.rescued) + len(self.undecided)
        singing = sum(isinstance(answer, Found) for answer in answers)
        self.sampled = (
            f"; of {asked} asked by id {len(self.missing)} answered 404, "
            f"and {singing} of {len(canaries)} rows from the list answered"
        )

    def conclude(self, now: Mapping[str, str] | None) -> Settled:
        """Put the evidence together."""
        if self.suspended is None and self.absent and not self.ruling.may_mark:
            why = self.case.assessment.tripped or f"the breaker tripped in {', '.join(self.ruling.tripped)}"
            return self._result("tripped", why + self.sampled)
        if self.needs_principal:
            self._hold_against_principal(now)
        if self.suspended:
            return self._result("suspended", self.suspended)
        if self.undecided:
            return self._result(
                "suspended", f"{len(self.undecided)} absent rows could not be asked by id", self._ripe(), counts=True
            )
        return self._result("settled", None, self._ripe(), counts=True)

    def _hold_against_principal(self, now: Mapping[str, str] | None) -> None:
        case = self.case
        if now is None or case.name not in now:
            self.suspended = "who the key belongs to could not be asked again"
        elif now[case.name] != case.fingerprint:
            self.suspended = "the key's user, role or scopes changed during the refresh"
        elif case.baseline is None:
            self.suspended = "no earlier reading tells which rows this key could see; from now on this one does"
        elif case.baseline != case.fingerprint and self.ruling.accepted < len(self.missing):
            rows = len(self.missing)
            self.suspended = (
                f"the key's user, role or scopes are not those of the last settled reading, and {rows} rows "
                f"are not shown; if they are gone, run refresh --accept-absences {rows}"
            )

    def _ripe(self) -> tuple[Gone, ...]:
        """The missing rows that have been missing long enough."""
        case = self.case
        ripe = []
        for row in self.missing:
            note = case.pending.get(row)
            missed_at = note.first_missed if note else case.at
            if case.evidence == "two_readings":
                if not (case.is_complete and self._was_missed_twice(note)):
                    continue
            elif self.grace:
                first = note.first_404 if note and note.fingerprint == case.fingerprint else None
                if first is None or case.at - first < self.grace:
                    continue
            ripe.append(Gone(row, missed_at))
        return tuple(ripe)

    def _was_missed_twice(self, note: Pending | None) -> bool:
        """Whether this is the second reading without the row.

        Once a person has lifted the breaker, a reading that tripped it was the first; an empty list was asked twice.
        """
        if note is not None and note.in_complete:
            return True
        is_lifted = self.case.assessment.tripped is not None
        return is_lifted and (note is not None or self.case.assessment.is_empty)

    def _result(
        self, outcome: Outcome, reason: str | None, gone: Sequence[Gone] = (), *, counts: bool = False
    ) -> Settled:
        case = self.case
        is_new_start = case.baseline is None and case.assessment.suspended is None and outcome == "suspended"
        drift = None
        if case.is_proven and len(self.rescued) > RESCUED_SHARE * case.assessment.count_known:
            drift = f"the list does not show {len(self.rescued)} rows that answer by id"
        return Settled(
            name=case.name,
            outcome=outcome,
            reason=reason,
            gone=tuple(gone),
            rescued=self.rescued,
            undecided=self.undecided,
            pending=self._notes({one.key for one in gone}, counts=counts),
            baseline=case.fingerprint if outcome == "settled" or is_new_start else case.baseline,
            count_absent=len(self.absent),
            drift=drift,
        )

    def _notes(self, gone: Collection[str], *, counts: bool) -> tuple[Pending, ...]:
        """What to remember of the absent rows that stay. Only a reading that `counts` adds to the evidence."""
        case = self.case
        missing = set(self.missing) if counts and case.evidence == "by_id" else set()
        notes = []
        for row in self.absent:
            if row in gone or row in self.rescued:
                continue
            note = case.pending.get(row)
            if note is None and (case.assessment.suspended or not (case.is_complete or row in missing)):
                continue
            first_404, seen_as = (note.first_404, note.fingerprint) if note else (None, None)
            if row in missing and (first_404 is None or seen_as != case.fingerprint):
                first_404, seen_as = case.at, case.fingerprint
            first_missed = note.first_missed if note else case.at
            notes.append(Pending(row, first_missed, first_404, seen_as, in_complete=counts and case.is_complete))
        return tuple(notes)


def _ask(question: AskRows) -> Generator[Question, Response, Sequence[Answer]]:
    answers = cast("Sequence[Answer]", (yield question))
    if len(answers) != len(question.ids):
        raise ValueError(f"{len(question.ids)} rows were asked for by id, {len(answers)} answers came.")
    return answers
