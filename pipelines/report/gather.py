"""Asks the warehouse for everything the page shows, all of it as of one refresh."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import yaml  # type: ignore[import-untyped]  # its stubs are no dependency of ours

from connector.errors import ChecksFailed, UsageError
from connector.platforms import PLATFORMS
from pipelines.report.figures import NO_ROLE, OTHER_ROLE, Figures, Role, Row, condensed
from pipelines.report.headlines import Headline, headlines, readings
from pipelines.report.words import plain
from pipelines.transform import project_folder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    import pyarrow as pa

    from pipelines.report.panel import Panel
    from pipelines.warehouse import Warehouse

TRIES: Final = 3
MIN_N: Final = 5

_ACCOUNTS: Final = "select platform, account, as_of_at from intermediate.int_accounts__dated order by platform, account"
_ROLES: Final = """
select
    roles.platform,
    roles.account,
    roles.role_id,
    roles.source_id,
    roles.role_name,
    roles.department,
    roles.count_applications,
    case when open_roles.role_id is not null then 1 else 0 end as is_open
from marts.dim_roles as roles
left join reports.rpt_open_roles as open_roles
    on roles.role_id = open_roles.role_id
order by is_open desc, roles.count_applications desc, roles.role_id
"""


class Gathered:
    """The figures, the headlines, the instant they are as of, per source, and how whole the readings were."""

    def __init__(
        self, figures: Figures, headline_rows: list[Headline], as_of: dict[str, datetime], readings: str
    ) -> None:
        self.figures = figures
        self.headlines = headline_rows
        self.as_of = as_of
        self.readings = readings


def gather(warehouse: Warehouse, panels: Sequence[Panel], *, most_roles: int) -> Gathered:
    """Ask all; again when a refresh was published in between, so that no page mixes two states."""
    for _ in range(TRIES):
        before = asked(warehouse, _ACCOUNTS).to_pylist()
        found = _gathered(warehouse, panels, before, most_roles)
        if asked(warehouse, _ACCOUNTS).to_pylist() == before:
            return found
    raise ChecksFailed("The warehouse was published anew each time the report was being read.", "Try again later.")


def setting(name: str, default: int) -> int:
    """A variable of the SQL project: reports and page go by the same one."""
    project = yaml.safe_load((project_folder() / "dbt_project.yml").read_text())
    return int((project.get("vars") or {}).get(name, default))


def asked(warehouse: Warehouse, sql: str) -> pa.Table:
    """The answer to a query on what a build makes; raises UsageError when nothing was built yet."""
    try:
        return warehouse.query(sql)
    except UsageError:
        raise
    except Exception as error:
        if "does not exist" not in str(error):
            raise
        raise UsageError(
            f"The warehouse at {warehouse.place} has no reports yet.", "Run `hiring-elt build` first."
        ) from error


def _gathered(warehouse: Warehouse, panels: Sequence[Panel], accounts: list[Row], most_roles: int) -> Gathered:
    figures = Figures(min_n=setting("min_n", MIN_N))
    figures.sources = [_source(row) for row in accounts]
    sources = {name: position for position, name in enumerate(figures.sources)}
    roles = asked(warehouse, _ROLES).to_pylist()
    figures.roles = _named_roles(roles[:most_roles], sources)
    figures.left_out = max(0, len(roles) - most_roles)
    positions = {role.role_id: position for position, role in enumerate(figures.roles)}
    for sql in dict.fromkeys(panel.source for panel in panels):
        readers = [panel for panel in panels if panel.source == sql]
        unnamed = None if readers[0].levelled else NO_ROLE
        rows = [_placed(row, sources, positions, unnamed) for row in asked(warehouse, sql).to_pylist()]
        figures.rows[sql] = sorted(condensed(readers, rows), key=_in_full)
    as_of = {_source(row): row["as_of_at"] for row in accounts if row["as_of_at"] is not None}

    def ask(sql: str) -> list[Row]:
        found: list[Row] = asked(warehouse, sql).to_pylist()
        return found

    tiles = headlines(ask, figures.min_n, setting("datable_within_days", 8))
    return Gathered(figures, tiles, as_of, readings(ask))


def _source(row: Row) -> str:
    platform = PLATFORMS[row["platform"]].title if row["platform"] in PLATFORMS else row["platform"]
    return plain(platform if row["account"] == "default" else f"{platform} · {row['account']}")


def _named_roles(rows: list[Row], sources: dict[str, int]) -> list[Role]:
    """Roles with names that tell them apart: the same name twice gets the department, then the id."""
    names = [plain(row["role_name"] or "(unnamed role)") for row in rows]
    seen = Counter(names)
    told = [
        f"{name} ({plain(row['department'])})" if seen[name] > 1 and row["department"] else name
        for name, row in zip(names, rows, strict=True)
    ]
    seen = Counter(told)
    return [
        Role(
            row["role_id"],
            f"{name} [{plain(row['source_id'] or row['role_id'])}]" if seen[name] > 1 else name,
            plain(row["department"] or ""),
            sources.get(_source(row), 0),
        )
        for name, row in zip(told, rows, strict=True)
    ]


def _placed(row: Row, sources: dict[str, int], positions: dict[str, int], unnamed: int | None) -> Row:
    """A row of plain values with its source and role by position; `unnamed` is what a row without a role stands for."""
    source = sources.get(_source(row), 0)
    role = None
    if "role_id" in row:
        role = unnamed if row["role_id"] is None else positions.get(row["role_id"], OTHER_ROLE)
    kept = {name: _plain_value(value) for name, value in row.items() if name not in {"platform", "account", "role_id"}}
    return {**kept, "source": source, "role": role}


def _in_full(row: Row) -> tuple[str, ...]:
    """What to sort by, so that the same warehouse gives the same page whatever order an engine answers in."""
    return tuple(f"{value}" for value in row.values())


def _plain_value(value: Any) -> Any:
    if isinstance(value, str):
        return plain(value)
    return int(value) if isinstance(value, Decimal) else value
