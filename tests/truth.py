"""Compares the raw tables with what the sandbox's company would show a key right now: value for value, both ways."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

import duckdb

from connector.contract import Kind, snake_case
from connector.platforms import PLATFORMS

Row = tuple[Any, ...]
Records = list[dict[str, Any]]


def differences(
    warehouse: str,
    company: Any,
    platforms: Iterable[str] = ("talent_ray", "tailed"),
    *,
    without: Collection[str] = (),
) -> dict[str, str]:
    """What differs between the current visible rows and the truth, by table; empty when nothing does.

    `without` are ids of people who were erased: rows that name one of them should not be there.
    """
    found: dict[str, str] = {}
    with duckdb.connect(warehouse, read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        for platform in platforms:
            for table, expected in true_tables(platform, company).items():
                columns = [column.name for column in PLATFORMS[platform].table(table).columns]
                names = ", ".join(f'"{name}"' for name in columns)
                query = f'select {names} from raw_{platform}."{table}" where _dlt_valid_to is null and _visible'
                actual = sorted((row for row in connection.execute(query).fetchall()), key=repr)
                wanted = sorted((row for row in expected if not set(without) & set(map(str, row))), key=repr)
                if actual != wanted:
                    missing = [row for row in wanted if row not in actual][:2]
                    extra = [row for row in actual if row not in wanted][:2]
                    found[f"{platform}.{table}"] = f"{len(actual)} of {len(wanted)}; missing {missing}; extra {extra}"
    return found


def true_tables(platform: str, company: Any) -> dict[str, list[Row]]:
    """The rows that each raw table should hold, in the order of the declared columns."""
    sources: Mapping[str, Callable[[], Records]] = (
        _TALENT_RAY(company) if platform == "talent_ray" else _TAILED(company)
    )
    return {name: [_row(platform, name, record) for record in records()] for name, records in sources.items()}


def _row(platform: str, table: str, record: dict[str, Any]) -> Row:
    given = {snake_case(name): value for name, value in record.items()}
    return tuple(_stored(column.kind, given.get(column.name)) for column in PLATFORMS[platform].table(table).columns)


def _stored(kind: Kind, value: Any) -> Any:
    if value is None:
        return None
    match kind:
        case Kind.TIMESTAMP:
            instant = value if isinstance(value, dt.datetime) else dt.datetime.fromisoformat(value)
            return instant.astimezone(dt.UTC)
        case Kind.DATE:
            return dt.date.fromisoformat(value)
        case Kind.NUMBER:
            return float(value)
        case Kind.JSON:
            return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
        case Kind.TEXT:
            return str(value)
    return value


def _children(parents: Records, field: str, parent_field: str, own_field: str = "id") -> Records:
    return [entry | {parent_field: parent[own_field]} for parent in parents for entry in parent[field] or []]


def _TALENT_RAY(company: Any) -> Mapping[str, Callable[[], Records]]:  # noqa: N802 - a table of the platform
    def truth(resource: str) -> Records:
        found: Records = company.truth("talent_ray", resource)
        return found

    def steps() -> Records:
        return truth("candidate_steps")

    return {
        "candidates": lambda: truth("candidates"),
        "candidate_roles": lambda: _children(truth("candidates"), "roles", "candidateId"),
        "candidate_steps": steps,
        "roles": lambda: truth("roles"),
        "role_steps": lambda: truth("role_steps"),
        "tests": lambda: truth("tests"),
        "test_organizations": lambda: [
            {"testId": test["id"], "organizationId": one} for test in truth("tests") for one in test["organizationIds"]
        ],
        "leads": lambda: truth("sourcing"),
        "lead_roles": lambda: _children(truth("sourcing"), "roles", "leadId"),
        "lead_organizations": lambda: _children(truth("sourcing"), "organizations", "leadId"),
    }


def _TAILED(company: Any) -> Mapping[str, Callable[[], Records]]:  # noqa: N802 - a table of the platform
    def kept(resource: str) -> Records:
        return [record for record in company.truth("tailed", resource) if record.get("deletedAt") is None]

    return {
        "candidates": lambda: kept("candidates"),
        "jobs": lambda: kept("jobs"),
        "applications": lambda: kept("applications"),
        "analytics_snapshots": lambda: kept("snapshots"),
        "analytics_snapshot_stages": lambda: [
            {"snapshotId": snapshot["id"], "stage": stage, "count": count}
            for snapshot in kept("snapshots")
            for stage, count in snapshot["stageCounts"].items()
        ],
    }
