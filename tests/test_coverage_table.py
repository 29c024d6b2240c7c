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


TALENT_RAY_ENDPOINTS = """
GET /api/v1/me
GET /api/v1/candidates
GET /api/v1/candidates/{id}
PATCH /api/v1/candidates/{id}
GET /api/v1/candidates/{id}/steps
GET /api/v1/roles
GET /api/v1/roles/{id}
PATCH /api/v1/roles/{id}
GET /api/v1/roles/{id}/steps
GET /api/v1/tests
GET /api/v1/tests/{id}
PATCH /api/v1/tests/{id}
GET /api/v1/sourcing
GET /api/v1/sourcing/{id}
POST /api/v1/sourcing
PATCH /api/v1/sourcing/{id}
DELETE /api/v1/sourcing/{id}
GET /api/v1/cv-screening/batches/{id}
POST /api/admin/api-keys
GET /api/admin/api-keys
GET /api/admin/api-keys/{id}/usage
DELETE /api/admin/api-keys/{id}
GET /api/public/portal/{id}
GET /api/public/portal/{id}/roles/{role_id}
POST /api/public/portal/{id}/apply
""".strip().splitlines()


def test_each_of_the_25_endpoints_of_talent_ray_is_read_or_left_alone_by_name() -> None:
    table = coverage_table()
    platform = PLATFORMS["talent_ray"]
    read = {path for stream in platform.streams for path in (stream.path, stream.by_id) if path} | {platform.me_path}

    assert len(TALENT_RAY_ENDPOINTS) == 25
    assert {f"GET {path}" for path in read} | set(platform.not_read) == set(TALENT_RAY_ENDPOINTS)
    for endpoint in TALENT_RAY_ENDPOINTS:
        method, path = endpoint.split()
        told = f"`{path}`" if path in read and method == "GET" else f"`{endpoint}`"
        assert told in table, endpoint


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
