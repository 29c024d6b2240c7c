"""The table of scenarios names tests that exist, and leaves no scenario out."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.scenarios.scenario_table import GAPS, SCENARIOS

TESTS = Path(__file__).parent
ALL = [f"T{number}" for number in range(1, 61)]


def test_every_scenario_has_a_test_or_is_named_as_a_gap():
    assert sorted({*SCENARIOS, *GAPS}, key=ALL.index) == ALL
    assert all(SCENARIOS.values()), "a scenario without tests is a gap"


@pytest.mark.parametrize("number", SCENARIOS)
def test_the_tests_named_for_a_scenario_exist(number):
    for named in SCENARIOS[number]:
        path, _, name = named.partition("::")
        functions = {
            one.name for one in ast.walk(ast.parse((TESTS / path).read_text())) if isinstance(one, ast.FunctionDef)
        }
        assert name in functions, named
