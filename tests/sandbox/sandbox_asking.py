"""Small steps that the tests of the sandbox share."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx

END = datetime(2026, 6, 1, tzinfo=UTC)
Asking = Callable[..., httpx.Response]


def by_id(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: str(row["id"]))


def read_all(ask: Asking, path: str, size: int = 37, **params: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for page in range(10_000):
        data = ask(path, params={"page": page, "pageSize": size, **params}).json()["data"]
        rows += data
        if len(data) < size:
            return rows
    raise AssertionError("the list has no end")
