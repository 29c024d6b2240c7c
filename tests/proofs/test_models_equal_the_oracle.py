"""Every mart and report equals the second calculation, row by row and column by column, at each frequency."""

from __future__ import annotations

from pathlib import Path

import pytest
from companies import calculated, compared, load, readings
from oracle.warehouse import build


def test_three_companies_read_daily_and_weekly_give_the_same_tables_twice(tmp_path: Path) -> None:
    read = readings((1, 2, 3), candidates=50, frequencies=("daily", "weekly"))
    warehouse = load(read, tmp_path / "companies.duckdb")
    build(warehouse)

    assert compared(calculated(read), warehouse) == {}


@pytest.mark.slow
def test_twenty_companies_read_hourly_daily_and_weekly_give_the_same_tables_twice(tmp_path: Path) -> None:
    read = readings(range(101, 121))
    warehouse = load(read, tmp_path / "companies.duckdb")
    build(warehouse)

    assert compared(calculated(read), warehouse) == {}
