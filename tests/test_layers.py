"""Imports point one way, and the libraries that shape a room are imported in that room alone."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ORDER = [
    {"connector.errors"},
    {"connector.http"},
    {"connector.contract", "connector.findings"},
    {"connector.platforms", "connector.columns", "connector.stored_rows"},
    {
        "connector.sweep",
        "connector.absence",
        "connector.fan_out",
        "connector.records",
        "connector.privacy",
        "connector.changes",
    },
    {"connector.reading", "connector.ledger"},
    {"connector.sources"},
    {"pipelines"},
]
ONLY_IN = {
    "httpx": "connector/http/",
    "dlt": ("connector/sources/", "pipelines/"),
    "duckdb": "pipelines/",
    "dbt": "pipelines/",
}


def modules() -> list[Path]:
    return sorted(path for room in ("connector", "pipelines") for path in (ROOT / room).rglob("*.py"))


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def level(name: str) -> int | None:
    for number, rooms in enumerate(ORDER):
        if any(name == room or name.startswith(f"{room}.") for room in rooms):
            return number
    return None


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_one_way(path):
    own = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    if own.startswith("connector.sandbox"):
        outside = {name for name in imported(path) if name.startswith(("connector", "pipelines"))}
        assert all(name.startswith("connector.sandbox") for name in outside)
        return
    mine = level(own.removesuffix(".__init__"))
    for name in imported(path):
        theirs = level(name)
        if mine is not None and theirs is not None:
            assert theirs <= mine, f"{own} imports {name}"


@pytest.mark.parametrize("library", ONLY_IN)
def test_a_library_that_shapes_a_room_stays_in_it(library):
    for path in modules():
        place = str(path.relative_to(ROOT))
        if place.startswith("connector/sandbox/"):
            continue
        uses = any(name == library or name.startswith(f"{library}.") for name in imported(path))
        assert not uses or place.startswith(ONLY_IN[library]), f"{place} imports {library}"
