"""The vocabulary of the page: a panel is a question, the rows that answer it, a table of them and a chart of the table.

Panels are data. Python writes their tables into the page (`figures.py`), and the page's own script does the same sums
again when a reader filters (`page.js`); both go by nothing but what is said here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

KeyKind: TypeAlias = Literal["text", "stage", "month", "week", "role", "source", "band"]
ValueKind: TypeAlias = Literal[
    "sum", "rate", "given_rate", "days", "hours", "number", "score", "share", "instant", "word"
]
ChartKind: TypeAlias = Literal["bars", "columns", "range", "dots"]

KEY_KINDS: Final = frozenset({"text", "stage", "month", "week", "role", "source", "band"})
STAGES: Final = ("lead", "applied", "screening", "assessment", "interview", "offer", "hired", "unknown")


@dataclass(frozen=True)
class Column:
    """A column of a table. Keys group the rows; sums are added up over a group, rates are made of sums.

    `n` names the column that counts the cases behind a value: without enough of them the value is not shown.
    """

    label: str
    name: str
    kind: KeyKind | ValueKind
    n: str = ""
    means: str = ""

    @property
    def is_key(self) -> bool:
        """Whether rows are grouped by it."""
        return self.kind in KEY_KINDS


@dataclass(frozen=True)
class Series:
    """What a chart draws: a column of the table, and whiskers around it when their columns are named."""

    label: str
    name: str
    low: str = ""
    high: str = ""
    tone: int = -1
    """Which of the page's eight colours; by its place among the series unless named."""


@dataclass(frozen=True)
class Chart:
    """A drawing of a table: along `x` (columns of the table), one mark per series, or per value of `split`."""

    kind: ChartKind
    x: tuple[str, ...]
    series: tuple[Series, ...]
    axis: str
    split: tuple[str, ...] = ()
    stacked: bool = True
    limit: int = 12
    zeros: bool = True
    """Whether a row of nothing but zeros is worth a bar of no length."""
    note: str = ""
    """Shown beside a bar: the name of a rate."""


@dataclass(frozen=True)
class Panel:
    """One question with its answer. `source` is a query on reports; several panels may share it.

    `levelled` rows stand for a role, or for the whole account when they name none: medians cannot be added up.
    """

    name: str
    title: str
    question: str
    source: str
    columns: tuple[Column, ...]
    chart: Chart | None
    where: tuple[tuple[str, str], ...] = ()
    order: tuple[str, ...] = ()
    """Columns to sort by; a leading minus turns the order."""
    order_in_role: tuple[str, ...] = ()
    """The order when one role is picked."""
    levelled: bool = False
    by_period: str = ""
    """The column that the period filter goes by; empty when the panel shows a state or all time."""
    by_role: bool = True
    reads: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Chapter:
    """Panels that belong together, under a heading of the page."""

    name: str
    title: str
    panels: tuple[Panel, ...]


def key(label: str, name: str, kind: KeyKind = "text", means: str = "") -> Column:
    """A column that groups."""
    return Column(label, name, kind, means=means)


def total(label: str, name: str, means: str = "") -> Column:
    """A count that may be added up."""
    return Column(label, name, "sum", means=means)


def rate(label: str, of: str, n: str, means: str = "") -> Column:
    """`of` out of `n`, with its bounds, from added counts."""
    return Column(label, of, "rate", n, means)


def value(label: str, name: str, kind: ValueKind, n: str = "", means: str = "") -> Column:
    """A value as the report gives it; it is never added up."""
    return Column(label, name, kind, n, means)


SOURCE: Final = key("Source", "source", "source", "The platform and the account the records come from.")
ROLE: Final = key("Role", "role", "role", "Tailed calls it a job.")
