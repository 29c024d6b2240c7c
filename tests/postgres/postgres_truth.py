"""The twin of `tests.truth` for a PostgreSQL warehouse: raw tables against what the company would show right now."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from connector.platforms import PLATFORMS
from tests.postgres.cluster import Cluster
from tests.truth import true_tables


def differences(
    cluster: Cluster, database: str, company: Any, platforms: Iterable[str] = ("talent_ray", "tailed")
) -> dict[str, str]:
    """What differs between the current visible rows and the truth, by table; empty when nothing does."""
    found: dict[str, str] = {}
    for platform in platforms:
        for table, expected in true_tables(platform, company).items():
            columns = [column.name for column in PLATFORMS[platform].table(table).columns]
            names = ", ".join(f'"{name}"' for name in columns)
            query = f'select {names} from raw_{platform}."{table}" where _dlt_valid_to is null and _visible'
            actual, wanted = sorted(cluster.ask(database, query), key=repr), sorted(expected, key=repr)
            if actual != wanted:
                missing = [row for row in wanted if row not in actual][:2]
                extra = [row for row in actual if row not in wanted][:2]
                found[f"{platform}.{table}"] = f"{len(actual)} of {len(wanted)}; missing {missing}; extra {extra}"
    return found
