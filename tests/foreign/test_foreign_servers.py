"""The command line, as a process of its own, against servers that we did not make: tables, JSON, exit statuses."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.foreign.foreign_manners import TALENT_RAY, WHOLE, Case, at
from tests.foreign.foreign_reading import unlike
from tests.foreign.foreign_records import ODD_IDS, Records, Rows
from tests.foreign.foreign_server import HTML, KEY, TAILED_KEY, Foreign, Manners, foreign

ROOT = Path(__file__).parents[2]
SYSTEM = ("_key", "account", "_row_hash", "_visible", "_observed_at", "_not_before", "_extra")
TALENT_RAY_STREAMS = ("roles", "candidates", "tests", "leads", "candidate_steps", "role_steps")
TAILED_STREAMS = ("jobs", "candidates", "applications", "analytics_snapshots")
STREAMS = {f"talent_ray.{name}" for name in TALENT_RAY_STREAMS} | {f"tailed.{name}" for name in TAILED_STREAMS}
OF_A_STREAM = {"verdict", "requests", "rows", "new", "changed", "gone", "seconds"}
OF_A_REFRESH = {"refresh_id", "outcome", "exit_status", "streams", "requests", "seconds"}
NO_TAILED = {"SOURCES__TAILED__API_KEY": ""}


@dataclass(frozen=True)
class Ran:
    """How the command ended and what it said."""

    status: int
    out: str
    err: str

    @property
    def told(self) -> dict[str, Any]:
        """The JSON object on the last line of standard output."""
        found: dict[str, Any] = json.loads(self.out.splitlines()[-1])
        return found

    def counts(self, stream: str) -> tuple[int, ...]:
        """Rows, new, changed, gone of a stream."""
        found = self.told["streams"][stream]
        return tuple(found[name] for name in ("rows", "new", "changed", "gone"))


def command(server: Foreign, warehouse: Path, *words: str, **settings: str) -> Ran:
    """Run the program as a user does."""
    own = {"PATH": os.environ["PATH"], "HOME": str(warehouse.parent), "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"}
    found = subprocess.run(
        [sys.executable, "-c", "from pipelines.cli import main; main()", *words, "--warehouse", str(warehouse)],
        env=own | server.settings() | settings,
        cwd=warehouse.parent,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    ran = Ran(found.returncode, found.stdout, found.stderr)
    assert KEY not in ran.out + ran.err
    assert TAILED_KEY not in ran.out + ran.err
    assert "Traceback" not in ran.err
    if "--json" in words:
        assert ran.told["exit_status"] == ran.status, ran.out
    return ran


def refreshed(server: Foreign, warehouse: Path, *words: str, **settings: str) -> Ran:
    """One refresh without the models, told as JSON."""
    ran = command(server, warehouse, "refresh", "--json", "--skip-build", *words, **settings)
    assert set(ran.told) >= OF_A_REFRESH
    assert all(set(one) == OF_A_STREAM for one in ran.told["streams"].values())
    return ran


def held(warehouse: Path) -> dict[str, Rows]:
    """The current visible rows of all raw tables, without what the connector adds and without nulls."""
    found: dict[str, Rows] = {}
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        tables = connection.execute(
            "select table_schema || '.' || table_name from information_schema.tables where table_schema like 'raw_%'"
        ).fetchall()
        for (table,) in tables:
            if "._dlt" in table:
                continue
            current = connection.execute(f"select * from {table} where _dlt_valid_to is null and _visible")
            names = [column[0] for column in current.description]
            wanted = [i for i, name in enumerate(names) if name not in SYSTEM and not name.startswith("_dlt")]
            rows = current.fetchall()
            found[table] = sorted(
                (tuple(sorted((names[i], row[i]) for i in wanted if row[i] is not None)) for row in rows), key=repr
            )
    return found


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    """Where the warehouse will be."""
    return tmp_path / "hiring.duckdb"


COMMANDED = {
    "odd ids",
    "numbers as ids",
    "no rows, no pages",
    "1 row",
    "100 rows, past the end 404",
    "200 rows",
    "billionths",
    "another zone",
    "scores with decimals",
    "fields of tomorrow",
    "fields left out",
    "scopes are not told",
    "HTTP/1.0",
    "compressed, in chunks",
    "500 now and then",
    "429 with a date",
}


@pytest.mark.slow
@pytest.mark.parametrize("case", [WHOLE[name] for name in sorted(COMMANDED)], ids=sorted(COMMANDED))
def test_the_raw_tables_hold_what_the_server_holds(case: Case, warehouse: Path) -> None:
    manners, holding = case
    with foreign(Records(**holding), manners) as server:
        ran = refreshed(server, warehouse)

        assert (ran.status, ran.told["outcome"], ran.told["requests"]) == (0, "ok", len(server.asked)), ran.err
        assert unlike(server, held(warehouse)) == {}
        assert {one: found["verdict"] for one, found in ran.told["streams"].items()} == dict.fromkeys(STREAMS, "proven")


@pytest.mark.slow
def test_a_server_of_the_plainest_kind_is_followed_through_a_second_refresh(warehouse: Path) -> None:
    """One quick case of all that the slow ones show at length."""
    records = Records(30, ids=ODD_IDS)
    with foreign(records, Manners(order="updated", past_end="404", protocol="HTTP/1.0", keep_alive=False)) as server:
        assert refreshed(server, warehouse).status == 0
        assert unlike(server, held(warehouse)) == {}

        gone = records.leads.pop(3)
        records.leads[5] |= {"status": "hired", "updatedAt": "2026-04-01T08:00:00Z"}
        records.leads.append(records.leads[6] | {"id": "a new one", "createdAt": "2026-04-01T09:00:00Z"})
        again = refreshed(server, warehouse, **NO_TAILED)

        assert (again.status, again.counts("talent_ray.leads")) == (0, (30, 1, 1, 1)), again.err
        assert unlike(server, held(warehouse)) == {}
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        query = "select _visible, full_name from raw_talent_ray.leads where id = ? and _dlt_valid_to is null"
        assert connection.execute(query, [gone["id"]]).fetchall() == [(False, gone["fullName"])]


@pytest.mark.slow
@pytest.mark.parametrize(
    "not_found", [b'{"error":"not_found"}', b'{"error":"Not found"}', b'{"error":"NOT_FOUND","x":1}']
)
def test_a_row_that_answers_404_by_id_is_marked_gone_however_the_404_is_worded(
    not_found: bytes, warehouse: Path
) -> None:
    with foreign(Records(30), Manners(not_found=not_found)) as server:
        refreshed(server, warehouse, **NO_TAILED)
        server.records.leads.pop()

        assert refreshed(server, warehouse, **NO_TAILED).counts("talent_ray.leads") == (29, 0, 0, 1)


@pytest.mark.slow
@pytest.mark.parametrize("not_found", [HTML, b"", b"<h1>404</h1>", b'{"message":"no Route matched with those values"}'])
def test_a_404_that_may_be_a_gateway_s_marks_nothing(not_found: bytes, warehouse: Path) -> None:
    with foreign(Records(30), Manners(not_found=not_found)) as server:
        refreshed(server, warehouse, **NO_TAILED)
        server.records.leads.pop()
        again = refreshed(server, warehouse, **NO_TAILED)

        assert (again.status, again.counts("talent_ray.leads")) == (5, (29, 0, 0, 0))


@pytest.mark.slow
def test_most_rows_gone_at_once_trip_the_breaker_until_they_are_accepted(warehouse: Path) -> None:
    records = Records(120)
    with foreign(records) as server:
        refreshed(server, warehouse, **NO_TAILED)
        del records.leads[50:]

        tripped = refreshed(server, warehouse, **NO_TAILED)
        assert (tripped.status, tripped.told["outcome"]) == (6, "absence_breaker")
        assert "--accept-absences 70" in tripped.err
        assert len(held(warehouse)["raw_talent_ray.leads"]) == 120

        accepted = refreshed(server, warehouse, "--accept-absences", "70", **NO_TAILED)
        assert (accepted.status, accepted.counts("talent_ray.leads")) == (0, (50, 0, 0, 70)), accepted.err
        assert unlike(server, held(warehouse), "raw_talent_ray") == {}


@pytest.mark.slow
def test_what_stands_in_the_way_has_its_exit_status_and_leaves_the_file_as_it_was(warehouse: Path) -> None:
    with foreign(Records(12)) as server:
        refreshed(server, warehouse)
        before = warehouse.read_bytes()
        plain = server.manners
        for status, outcome, faults, settings in (
            (3, "key_refused", lambda number, target: (401, {}, HTML), NO_TAILED),
            (8, "source_unavailable", lambda number, target: (200, {}, b'{"data":{}}'), NO_TAILED),
            (
                8,
                "source_unavailable",
                lambda number, target: (302, {"Location": "http://example.com/"}, b""),
                NO_TAILED,
            ),
            (2, "usage", plain.faults, {"SOURCES__TALENT_RAY__BASE_URL": "http://example.com"}),
            (2, "usage", plain.faults, {"SOURCES__TALENT_RAY__API_KEY": "no key"}),
            (2, "usage", plain.faults, {"SOURCES__TALENT_RAY__API_KEY": "", **NO_TAILED}),
        ):
            server.manners = replace(plain, faults=faults)
            ran = refreshed(server, warehouse, **settings)

            assert (ran.status, ran.told["outcome"]) == (status, outcome), ran.err
            assert warehouse.read_bytes() == before


@pytest.mark.slow
def test_a_list_that_fails_costs_itself_and_exit_5(warehouse: Path) -> None:
    with foreign(Records(12), Manners(faults=at("/api/v1/tests", 404, b"{}"))) as server:
        ran = refreshed(server, warehouse)

        assert (ran.status, ran.told["outcome"]) == (5, "partial")
        assert ran.told["streams"]["talent_ray.tests"]["verdict"] == "failed"
        server.records.tests.clear()
        assert unlike(server, held(warehouse)) == {}


@pytest.mark.slow
@pytest.mark.parametrize("case", [TALENT_RAY["no pagination"], TALENT_RAY["none"]], ids=["no pagination", "none"])
def test_lists_without_a_right_count_are_published_whole(case: Case, warehouse: Path) -> None:
    manners, holding = case
    with foreign(Records(**holding), manners) as server:
        assert refreshed(server, warehouse, **NO_TAILED).status == 0
        assert unlike(server, held(warehouse), "raw_talent_ray") == {}


@pytest.mark.slow
@pytest.mark.parametrize("window", ["sliding", "fixed"])
def test_a_limit_by_any_kind_of_window_is_kept_to_and_used(window: str, warehouse: Path) -> None:
    """120 requests at 100 a minute: about a minute, whatever the window, and never one refused."""
    with foreign(Records(55), Manners(limit=100, window=window)) as server:
        ran = refreshed(server, warehouse, SOURCES__TALENT_RAY__REQUESTS_PER_MINUTE="100", **NO_TAILED)

        assert (ran.status, server.refused) == (0, 0), ran.err
        assert ran.told["seconds"] < 75


@pytest.mark.slow
def test_check_plan_and_status_speak_of_a_foreign_server_too(warehouse: Path) -> None:
    with foreign(Records(130, ids=ODD_IDS), Manners(past_end="404", order="newest_first")) as server:
        checked = command(server, warehouse, "check", "--json")
        assert (checked.status, checked.told["outcome"]) == (0, "ok"), checked.err
        planned = command(server, warehouse, "plan", "--json")
        asked = len(server.asked)
        ran = refreshed(server, warehouse)

        assert planned.status == 0
        assert set(planned.told["streams"]) == STREAMS
        assert planned.told["requests"] == pytest.approx(len(server.asked) - asked, rel=0.05)
        assert command(server, warehouse, "status", "--json").status == ran.status == 0
