"""The rows behind a panel: asked of the reports, grouped, added up, put in order."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from pipelines.report.panel import STAGES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pipelines.report.panel import Column, Panel

Row: TypeAlias = dict[str, Any]

NO_ROLE: Final = -1
OTHER_ROLE: Final = -2
_UNNAMED: Final = {None: "All roles", NO_ROLE: "(no role)", OTHER_ROLE: "(other roles)"}


@dataclass(frozen=True)
class Role:
    """A role as a reader picks it."""

    role_id: str
    name: str
    department: str
    source: int


@dataclass
class Figures:
    """All that the page is made of: sources, roles, and rows by the query that gave them."""

    min_n: int
    sources: list[str] = field(default_factory=list)
    roles: list[Role] = field(default_factory=list)
    rows: dict[str, list[Row]] = field(default_factory=dict)
    """Rows name their source and their role by position (`source`, `role`)."""
    left_out: int = 0
    """Roles that have no name of their own on the page, for want of space."""

    def source_name(self, position: int) -> str:
        """Platform and account."""
        return self.sources[position]

    def role_name(self, position: int | None) -> str:
        """The name of a role; levelled rows without one stand for all."""
        return self.roles[position].name if position is not None and position >= 0 else _UNNAMED[position]


def kept(panel: Panel, rows: Iterable[Row]) -> list[Row]:
    """The rows of a panel when nothing is filtered: of levelled ones, those of the account."""
    found = [row for row in rows if all(row[name] == wanted for name, wanted in panel.where)]
    return [row for row in found if row["role"] is None] if panel.levelled else found


def grouped(panel: Panel, rows: Iterable[Row]) -> list[Row]:
    """One row per key of the panel: counts added up, values taken over from the only row there is."""
    keys = [column.name for column in panel.columns if column.is_key]
    sums = summed_columns(panel)
    groups: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        groups[tuple(row[name] for name in keys)].append(row)
    answers = []
    for found, members in groups.items():
        answer: Row = dict(members[0]) if len(members) == 1 else {}
        answer.update(zip(keys, found, strict=True))
        answer.update({name: _sum(member[name] for member in members) for name in sums})
        answers.append(answer)
    return in_order(panel, answers)


def condensed(panels: Sequence[Panel], rows: list[Row]) -> list[Row]:
    """Rows of the roles without a name of their own, added up where that is all their panels do, else left out."""
    named = [row for row in rows if row["role"] != OTHER_ROLE]
    others = [row for row in rows if row["role"] == OTHER_ROLE]
    columns = [column for panel in panels for column in panel.columns]
    if not others or any(not column.is_key and column.kind not in {"sum", "rate"} for column in columns):
        return named
    sums = {name for panel in panels for name in summed_columns(panel)}
    sums |= {series.name for panel in panels if panel.chart for series in panel.chart.series}
    groups: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in others:
        groups[tuple(value for name, value in row.items() if name not in sums)].append(row)
    added = [{name: _sum(row[name] for row in group) for name in sums} for group in groups.values()]
    return named + [group[0] | more for group, more in zip(groups.values(), added, strict=True)]


def summed_columns(panel: Panel) -> list[str]:
    """The columns that a panel adds up, each once."""
    names = [column.name for column in panel.columns if column.kind in {"sum", "rate"}]
    names += [column.n for column in panel.columns if column.kind == "rate"]
    return list(dict.fromkeys(names))


def in_order(panel: Panel, rows: list[Row]) -> list[Row]:
    """Rows in the panel's order, then by their keys; what is not known comes last."""
    keys = [column.name for column in panel.columns if column.is_key]
    for name in reversed([*panel.order, *keys]):
        rows = _sorted(rows, name.removeprefix("-"), _column(panel, name), downwards=name.startswith("-"))
    return rows


def _column(panel: Panel, name: str) -> Column | None:
    return next((column for column in panel.columns if column.name == name.removeprefix("-")), None)


def _sorted(rows: list[Row], name: str, column: Column | None, *, downwards: bool) -> list[Row]:
    def place(row: Row) -> Any:
        return _rank(column, row[name])

    known = sorted((row for row in rows if row.get(name) is not None), key=place, reverse=downwards)
    return known + [row for row in rows if row.get(name) is None]


def _rank(column: Column | None, value: Any) -> Any:
    if column is not None and column.kind == "stage":
        return STAGES.index(value) if value in STAGES else len(STAGES)
    return value


def _sum(values: Iterable[Any]) -> Any:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def columns_shown(panel: Panel, figures: Figures) -> Sequence[Column]:
    """The columns of a panel; where there is one source only, it goes without saying."""
    return [column for column in panel.columns if column.kind != "source" or len(figures.sources) > 1]
