"""Which applications are behind a number of a report, and how certain each of them is.

    explain(warehouse, "hiring_funnel", {"cohort_month": "2026-03", "stage": "offer"})

Every report that counts applications has its members: one query with a row per member, the columns that the report
groups by, and the events that decide whether and where the member counts. Nothing personal is asked for.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from connector.errors import UsageError
from pipelines.members import MEMBERS
from pipelines.members_on_days import MEMBERS_ON_DAYS
from pipelines.report.gather import asked, setting

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipelines.warehouse import Warehouse

Row: TypeAlias = dict[str, Any]

_DAY: Final = timedelta(days=1)
_MOST_FILTERS: Final = 20
_MEMBERS: Final = {**MEMBERS, **MEMBERS_ON_DAYS}
EXPLAINED: Final = tuple(_MEMBERS)


def explain(
    warehouse: Warehouse, report: str, filters: Mapping[str, str], *, report_timezone: str = "UTC"
) -> list[Row]:
    """The members behind a number of a report: one row each, with the certainty of every event that it rests on.

    `filters` name columns of the report and their values as text (a month as 2026-03; nothing or null for the undated).
    A certainty is exact, within so many hours or days, or undated. Raises UsageError for a report or a column unknown.
    """
    name = report if report.startswith("rpt_") else f"rpt_{report}"
    members = _MEMBERS.get(name)
    if members is None:
        known = ", ".join(known.removeprefix("rpt_") for known in _MEMBERS)
        raise UsageError(f"No applications stand behind {_shown(report)}.", f"These can be explained: {known}.")
    within = setting("datable_within_days", 8)
    sql = _filled(members.sql, zone=report_timezone, within=within, window=setting("report_window_days", 365))
    columns = asked(warehouse, f"select * from ({sql}) as members limit 0").column_names
    wanted = _conditions({**members.default, **filters}, columns, name)
    rows = asked(warehouse, f"select * from ({sql}) as members{wanted}{_order(columns)}").to_pylist()
    return [_told(row, members.events, within) for row in rows]


def certainty(at: datetime | None, not_before: datetime | None, not_after: datetime | None, *, within_days: int) -> str:
    """How exactly an event is dated, in words."""
    if at is None:
        return "not happened"
    if not_before is None or not_after is None:
        return "undated"
    width = not_after - not_before
    if not width:
        return "exact"
    said = f"{width / _DAY:.1f} days" if width >= _DAY else f"{width / timedelta(hours=1):.1f} hours"
    return f"within {said}" if width <= within_days * _DAY else f"undated: some time in {said}"


def _told(row: Row, events: tuple[str, ...], within: int) -> Row:
    bounds = {name: [row.pop(f"{name}_{end}") for end in ("at", "not_before", "not_after")] for name in events}
    for name, (at, not_before, not_after) in bounds.items():
        row[f"{name}_at"] = at
        row[f"{name}_certainty"] = certainty(at, not_before, not_after, within_days=within)
    return row


def _filled(sql: str, *, zone: str, within: int, window: int) -> str:
    """The query with its settings; braces stand for nothing else in it."""
    settings = {"{zone}": zone.replace("'", "''"), "{within}": str(within), "{window}": str(window)}
    for hole, value in settings.items():
        sql = sql.replace(hole, value)
    return sql


def _conditions(filters: Mapping[str, str], columns: list[str], report: str) -> str:
    if len(filters) > _MOST_FILTERS:
        raise UsageError(f"More than {_MOST_FILTERS} filters are not taken.")
    parts = []
    for column, value in filters.items():
        if column not in columns or column.endswith(("_at", "_not_before", "_not_after")):
            known = ", ".join(name for name in columns if not name.endswith(("_at", "_not_before", "_not_after")))
            raise UsageError(f"{report} cannot be narrowed by {_shown(column)}.", f"Its columns: {known}.")
        parts.append(_condition(column, str(value).strip()))
    return " where " + " and ".join(parts) if parts else ""


def _condition(column: str, value: str) -> str:
    if value.lower() in {"", "null", "none", "undated"}:
        return f'"{column}" is null'
    if column.endswith(("_month", "week_start")):
        return f"\"{column}\" = date '{_day(column, value)}'"
    if column.startswith(("is_", "has_")):
        return f'"{column}"' if value.lower() in {"true", "yes", "1"} else f'not "{column}"'
    quoted = value.replace("'", "''").replace("\0", "")
    return f"cast(\"{column}\" as varchar) = '{quoted}'"


def _day(column: str, value: str) -> date:
    try:
        return date.fromisoformat(value if value.count("-") > 1 else f"{value}-01")
    except ValueError as error:
        raise UsageError(f"{_shown(value)} is no {column}.", "Write it as 2026-03 or 2026-03-01.") from error


def _order(columns: list[str]) -> str:
    first = [name for name in ("application_id", "lead_id", "visit_id", "movement") if name in columns]
    return f" order by {', '.join(first)}"


def _shown(text: str) -> str:
    return f"`{text[:60]}`".encode("ascii", "replace").decode()
