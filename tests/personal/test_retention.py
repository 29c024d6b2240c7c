from __future__ import annotations

import datetime as dt
import threading
from typing import Any

import pytest
from personal_world import MakeWorld, World, day

from connector.contract import Privacy
from connector.errors import UsageError
from connector.reading.harvest import Harvest, SweepNote
from pipelines.duckdb_file import DuckDBFile
from pipelines.personal.care import Care
from pipelines.personal.retention import Retention, retention_settings

HASHES = "select count(*) from (select distinct _row_hash from raw_talent_ray.candidates)"
NAMES = "select id, full_name, status from raw_talent_ray.candidates order by id, _dlt_valid_from"


def expire(world: World, at: float, retention: Retention | None = None, **absences: str) -> dict[str, int]:
    """Retention as a refresh does it that ended on that day."""
    harvest = Harvest("talent_ray", "default", finished_at=day(at))
    for stream, word in ({"candidates": "settled", "leads": "settled"} | absences).items():
        verdict = word if word in {"skipped", "failed"} else "proven"
        absence = "none" if word == "skipped" else "suspended" if word == "failed" else word
        harvest.sweeps[stream] = SweepNote(stream, verdict=verdict, absences=absence)
    with DuckDBFile(world.path).session(wait_seconds=0, stop=threading.Event()) as session:
        care = Care(session, retention or Retention())
        found = care.expire([harvest], now=day(at))
        care.finish()
        session.publish()
    return found


@pytest.fixture
def gone(world: World) -> World:
    """Ada's candidate left the list on day 10, Bob's is there."""
    ada: dict[str, Any] = {"id": "cand_ada", "full_name": "Ada Canary", "email": "new.canary@example.org"}
    world.put("talent_ray.candidates", ada | {"status": "hired"}, at=10, visible=False)
    step = {"id": "step_ada", "candidate_id": "cand_ada", "rejection_reason": "reason of ada"}
    world.put("talent_ray.candidate_steps", step, at=10, visible=False)
    return world


KEPT = [("cand_ada", "Ada Canary", "active"), ("cand_ada", "Ada Canary", "hired"), ("cand_ada", "Ada Canary", "hired")]
BOB = [("cand_bob", "Bob Robin", "active")]


def test_thirty_days_after_the_tombstone_names_go_from_every_version_and_facts_stay(gone: World) -> None:
    expire(gone, at=39.9)
    assert gone.ask(NAMES) == KEPT + BOB

    found = expire(gone, at=40)

    assert found == {"raw_talent_ray.candidates": 3, "raw_talent_ray.candidate_steps": 2}
    assert gone.ask(NAMES) == [(one, None, status) for one, _, status in KEPT] + BOB
    reasons = gone.ask("select id, rejection_reason from raw_talent_ray.candidate_steps order by all")
    assert reasons == [("step_ada", None), ("step_ada", None), ("step_bob", "reason of bob")]


def test_what_is_blanked_leaves_the_bytes(gone: World, uncompressed: None) -> None:
    gone.put("talent_ray.candidates", {"id": "cand_x", "full_name": "Xenia Plain"}, at=5)
    gone.put("talent_ray.candidates", {"id": "cand_x", "full_name": "Xenia Plain"}, at=10, visible=False)

    expire(gone, at=40)

    assert gone.bytes_hold("Xenia Plain", "new.canary", "reason of ada") == []
    assert gone.bytes_hold("Bob Robin", "reason of bob") == ["Bob Robin", "reason of bob"]


@pytest.mark.parametrize("word", ["suspended", "tripped", "skipped", "failed"])
@pytest.mark.parametrize("stream", ["candidates", "leads"])
def test_nothing_is_blanked_while_the_key_is_narrowed(gone: World, stream: str, word: str) -> None:
    assert expire(gone, at=400, **{stream: word}) == {}
    assert gone.ask(NAMES) == KEPT + BOB


def test_a_stream_that_never_had_a_row_holds_nothing_up(gone: World) -> None:
    assert expire(gone, at=400, tests="skipped")["raw_talent_ray.candidates"] == 3


def test_a_stream_not_read_this_time_counts_as_it_was_last_left(gone: World) -> None:
    whose = {"platform": "talent_ray", "account": "default", "resource": "cv_screening_batch_members"}
    for number, word in enumerate(("settled", "tripped")):
        gone.note("sweeps", **whose, refresh_id=f"r{number}", absences=word, verdict="proven")
    assert expire(gone, at=400) == {}

    gone.note("sweeps", **whose, refresh_id="r9", absences="settled", verdict="proven")
    assert expire(gone, at=400)["raw_talent_ray.candidates"] == 3


def test_other_accounts_are_not_held_up(gone: World) -> None:
    cem = {"id": "t_cem", "full_name": "Cem Kanarya"}
    gone.put("tailed.candidates", cem, at=10, visible=False)

    assert expire(gone, at=400, candidates="tripped") == {"raw_tailed.candidates": 2}


def test_once_blanked_there_is_nothing_to_do(gone: World) -> None:
    expire(gone, at=40)
    before = gone.ask("select count(*) from meta.audit")

    assert expire(gone, at=80) == {}
    assert gone.ask("select count(*) from meta.audit") == before == [(1,)]


def test_who_is_back_is_not_blanked_again(gone: World) -> None:
    expire(gone, at=40)
    gone.put("talent_ray.candidates", {"id": "cand_ada", "full_name": "Ada Canary"}, at=50)

    assert expire(gone, at=400) == {}
    assert gone.ask(NAMES)[3] == ("cand_ada", "Ada Canary", None)


def test_days_are_settings_by_class(gone: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRIVACY__RETENTION__DIRECT_DAYS", "never")
    monkeypatch.setenv("PRIVACY__RETENTION__FREE_TEXT_DAYS", "7.5")

    retention = retention_settings()

    assert retention.days == {Privacy.DIRECT: None, Privacy.FREE_TEXT: 7.5, Privacy.SENSITIVE: 30.0}
    assert expire(gone, at=17.5, retention=retention) == {"raw_talent_ray.candidate_steps": 2}


@pytest.mark.parametrize("days", ["soon", "-1", "inf", "nan"])
def test_days_that_are_no_number_are_a_usage_error(monkeypatch: pytest.MonkeyPatch, days: str) -> None:
    monkeypatch.setenv("PRIVACY__RETENTION__DIRECT_DAYS", days)

    with pytest.raises(UsageError, match="PRIVACY__RETENTION__DIRECT_DAYS"):
        retention_settings()


def test_the_default_is_thirty_days_and_facts_are_kept() -> None:
    assert retention_settings().days == dict.fromkeys((Privacy.DIRECT, Privacy.FREE_TEXT, Privacy.SENSITIVE), 30.0)


def test_samples_of_blanked_values_go_from_quarantine(gone: World) -> None:
    whose = {"platform": "talent_ray", "account": "default", "refresh_id": "r2", "table_name": "candidates"}
    key = '["default","cand_ada"]'
    gone.note("quarantine", **whose, number=0, row_key=key, column_name="phone", reason="odd", value="canary")

    expire(gone, at=40)

    assert gone.ask("select value from meta.quarantine where refresh_id = 'r2'") == [(None,)]


def test_the_world_is_dated() -> None:
    assert day(30) - day(0) == dt.timedelta(days=30)


def test_an_empty_warehouse_has_nothing_to_expire(make_world: MakeWorld) -> None:
    assert expire(make_world(people=False), at=400) == {}
