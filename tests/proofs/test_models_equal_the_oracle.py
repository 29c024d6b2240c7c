"""Every mart and report equals the second calculation, row by row and column by column, at each frequency."""

from __future__ import annotations

from pathlib import Path

import pytest
from companies import calculated, compared, load, readings
from oracle.warehouse import build


def test_three_companies_read_daily_and_weekly_give_the_same_tables_twice(tmp_path: Path) -> None:
    read = readings((1, 2, 3), candidates=50, days=150, read_days=75, frequencies=("daily", "weekly"))
    warehouse = load(read, tmp_path / "companies.duckdb")
    build(warehouse)

    assert compared(calculated(read), warehouse) == {}


@pytest.mark.parametrize("first", range(101, 121, 4))
def test_companies_read_hourly_daily_and_weekly_for_a_year_give_the_same_tables_twice(
    first: int, tmp_path: Path
) -> None:
    # 8,760 refreshes of each of four companies are simulated, which stands in for the loader: see
    # test_simulated_reading_equals_the_loader. The models are built once, from all that was read.
    read = readings(range(first, first + 4))
    warehouse = load(read, tmp_path / "companies.duckdb")
    build(warehouse)

    assert compared(calculated(read), warehouse) == {}
