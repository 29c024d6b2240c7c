"""The fault table names tests that exist, and leaves no exit status out."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.fault_table import TABLE, Row

ROOT = Path(__file__).parents[1]


@cache
def names_in(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / file).read_text())
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.fault[:40])
def test_every_row_names_tests_that_exist(row: Row) -> None:
    assert row.tests
    named = [test.split("::") for test in row.tests]
    assert [name for file, name in named if name not in names_in(file)] == []


def test_every_exit_status_has_a_row() -> None:
    statuses = {int(number) for row in TABLE for number in re.findall(r"\d+", row.exit)}
    assert statuses >= {0, 2, 3, 4, 5, 6, 7, 8, 9, 130, 143}
