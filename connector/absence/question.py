"""The words in which absences are settled: what is asked, what may be answered, what comes out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

from connector.absence.assess import Assessment

Evidence: TypeAlias = Literal["by_id", "whole", "two_readings"]
Outcome: TypeAlias = Literal["none", "settled", "suspended", "tripped"]


@dataclass(frozen=True, slots=True)
class Found:
    """The row answered 200; `record` is the driver's and is handed back in `Settled.rescued`."""

    record: object = None


@dataclass(frozen=True, slots=True)
class Missing:
    """The row answered 404."""


@dataclass(frozen=True, slots=True)
class Undecided:
    """The row answered neither: 403, 429, 5xx, a timeout."""

    status: int | str


Answer: TypeAlias = Found | Missing | Undecided


@dataclass(frozen=True, slots=True)
class AskRows:
    """GET these rows of a stream by id, many at once if you like; answer with an `Answer` each, in this order."""

    stream: str
    ids: tuple[str, ...]
    is_canary: bool = False


@dataclass(frozen=True, slots=True)
class AskPrincipal:
    """GET /me again; answer with the fingerprint now of each stream, by name, or `None` when it could not be had."""


@dataclass(frozen=True, slots=True)
class AskListAgain:
    """GET the first page of the list; answer whether it is a well-formed 200 without rows."""

    stream: str


Question: TypeAlias = AskRows | AskPrincipal | AskListAgain
Response: TypeAlias = Sequence[Answer] | Mapping[str, str] | bool | None


@dataclass(frozen=True, slots=True)
class Pending:
    """An absent row without a tombstone, as noted in the newest row of meta.sweeps."""

    key: str
    first_missed: datetime
    first_404: datetime | None = None
    fingerprint: str | None = None
    in_complete: bool = False  # the refresh that wrote this note had read the list proven or count_complete


@dataclass(frozen=True, slots=True)
class Case:
    """One stream whose absences are to be settled.

    `canaries` are ids just seen in this sweep, a few at random. `at` is the end of the sweep that missed the rows.
    `evidence` is what it takes to believe: a 404 by id; one whole reply (also for children that come with their
    parents); or two complete readings in a row, where nothing can be asked by id.
    """

    assessment: Assessment
    at: datetime
    fingerprint: str
    baseline: str | None
    canaries: Sequence[str] = ()
    evidence: Evidence = "by_id"
    is_complete: bool = True
    is_proven: bool = False
    pending: Mapping[str, Pending] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name of the stream or child table."""
        return self.assessment.name


@dataclass(frozen=True, slots=True)
class Gone:
    """A row to be marked, and since when it was missed."""

    key: str
    missed_at: datetime


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of the absences of one stream.

    `gone` get a tombstone now. `rescued` were there after all, with what the driver found. `pending` goes to
    meta.sweeps, `baseline` too. `drift` is a note when the list hides what the ids show.
    """

    name: str
    outcome: Outcome = "none"
    reason: str | None = None
    gone: tuple[Gone, ...] = ()
    rescued: Mapping[str, object] = field(default_factory=dict)
    undecided: Mapping[str, int | str] = field(default_factory=dict)
    pending: tuple[Pending, ...] = ()
    baseline: str | None = None
    count_absent: int = 0
    drift: str | None = None

    @property
    def exit_status(self) -> int:
        """0 settled, 5 something is left undecided, 6 the breaker stands."""
        if self.outcome == "tripped":
            return 6
        return 5 if self.outcome == "suspended" or self.undecided else 0
