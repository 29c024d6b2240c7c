"""Building again: from nothing, incrementally, and as of an earlier day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import company_of_cases
import duckdb
import pytest
from agreed_columns import MARTS
from raw_world import RawWorld

from pipelines.transform import build

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

FIRST, SECOND = "2026-02-02 00:00:00+00", "2026-02-09 00:00:00+00"


def build_marts(path: Path, **variables: Any) -> None:
    build(
        {"type": "duckdb", "path": str(path), "threads": 2},
        path.parent,
        variables={"report_timezone": "UTC", **variables},
    )


def marts(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    with duckdb.connect(str(path), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        names = [
            name
            for (name,) in connection.execute(
                "select table_name from duckdb_tables() where schema_name = 'marts'"
            ).fetchall()
        ]
        return {name: sorted(connection.execute(f"from marts.{name}").fetchall(), key=repr) for name in sorted(names)}


def weekly(path: Path, *, weeks: int) -> RawWorld:
    """Make an application that moves once a week, with a score that comes late, read each Monday."""
    world = RawWorld(path)
    person = {"id": "c1", "created_at": "2026-01-20 00:00"}
    for week, (day, status, score) in enumerate(
        [("2026-02-01", "active", -1), ("2026-02-08", "validated", 70)][:weeks]
    ):
        at = f"{day} 08:00"
        if week == 0:
            world.talent_ray("roles", at, id="r1", name="One", status="open", created_at="2026-01-01 00:00")
            world.talent_ray("candidates", at, **person)
        world.talent_ray(
            "candidate_roles", at, candidate_id="c1", role_id="r1", status="In Pipeline", overall_fit_score=score
        )
        world.talent_ray(
            "candidate_steps",
            at,
            id="s1",
            candidate_id="c1",
            role_id="r1",
            role_step_id="i",
            order=1,
            status=status,
            step_type="interview",
            created_at="2026-01-20 00:00",
        )
        world.refresh(f"{day} 07:00", (FIRST, SECOND)[week])
    world.save()
    return world


def test_an_empty_company_has_all_tables_and_no_rows(tmp_path: Path) -> None:
    path = RawWorld(tmp_path / "empty.duckdb").save()

    build_marts(path, test_staging=True)

    assert set(marts(path)) == {*MARTS, "bridge_candidates"}
    assert not any(marts(path).values())


def test_a_key_that_reads_nothing_builds_too(tmp_path: Path) -> None:
    world = RawWorld(tmp_path / "nothing.duckdb")
    world.refresh("2026-02-01 07:00", "2026-02-01 08:00")

    build_marts(world.save())

    assert [name for name, rows in marts(world.path).items() if rows] == ["dim_dates"]


def test_incremental_equals_full_and_as_of_equals_the_build_of_that_day(tmp_path: Path) -> None:
    path = tmp_path / "weekly.duckdb"
    weekly(path, weeks=1)
    build_marts(path)
    then = marts(path)
    weekly(path, weeks=2)
    build_marts(path)
    now = marts(path)
    (tmp_path / "fresh").mkdir()
    fresh = tmp_path / "fresh" / "weekly.duckdb"
    weekly(fresh, weeks=2)
    build_marts(fresh)

    assert now == marts(fresh)
    assert [row[5:8] for row in now["fct_application_changes"]] == [
        ("overall_fit_score", None, "70"),
        ("status", "active", "validated"),
    ]
    again = tmp_path / "fresh" / "as_of.duckdb"
    weekly(again, weeks=2)
    build_marts(again, as_of=FIRST)
    assert marts(again) == then


def test_a_time_zone_moves_days_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "zone.duckdb"
    company_of_cases.found(path)
    build_marts(path, report_timezone="Pacific/Auckland")

    with duckdb.connect(str(path), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        days = connection.execute(
            "select min(date_day)::text from marts.fct_pipeline_daily where role_id like '%:G2'"
        ).fetchall()
        instants = connection.execute(
            "select min(entered_at)::text from marts.fct_application_steps where role_id like '%:G2' and position = 1"
        ).fetchall()
    assert days == [("2026-01-02",)]
    assert instants == [("2026-01-01 23:59:59+00",)]
