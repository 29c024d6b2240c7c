"""The coverage table names every endpoint that is read, and the README carries it as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from connector.platforms import PLATFORMS
from pipelines.coverage import BEGIN, END, coverage_table, with_table

README = Path(__file__).parents[1] / "README.md"


@pytest.mark.parametrize("platform", PLATFORMS)
def test_every_stream_and_table_has_its_row(platform: str) -> None:
    lines = coverage_table().splitlines()

    for stream in PLATFORMS[platform].streams:
        (line,) = [line for line in lines if f"{PLATFORMS[platform].title} `{stream.path}`" in line]
        for table in stream.tables:
            assert f"`{table.name}`" in line
        for name in stream.key:
            assert f"`{name}`" in line
        assert line.count(" | ") == 5


def test_what_is_never_done_is_stated() -> None:
    assert "out of scope" in coverage_table()
    assert "`GET` and nothing else" in coverage_table()


def test_the_table_is_put_between_its_marks_and_nowhere_else() -> None:
    page = f"before\n{BEGIN}\nold\n{END}\nafter\n"

    assert with_table(page) == f"before\n{BEGIN}\n\n{coverage_table()}\n\n{END}\nafter\n"
    assert with_table(with_table(page)) == with_table(page)
    with pytest.raises(ValueError, match="no <!-- coverage -->"):
        with_table("no marks")


def test_the_readme_carries_the_table_that_the_streams_make() -> None:
    if README.exists():
        page = README.read_text()
        assert with_table(page) == page, "run: python -m pipelines.coverage README.md"
