"""An erased person stays away: when the lists bring the record again, and when an old file is put back."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import threading
from pathlib import Path

import pyarrow as pa
import pytest
from personal_world import FULL, World, day, modes

from connector.changes import stored_form
from connector.errors import CannotWrite
from connector.findings import Quarantined
from connector.platforms import PLATFORMS
from connector.reading.harvest import Harvest, SweepNote
from connector.stored_rows import key_texts
from pipelines.duckdb_file import DuckDBFile
from pipelines.personal.care import Care
from pipelines.personal.erase import Whom, erase
from pipelines.personal.erasures import erasures_file, in_file
from pipelines.personal.retention import Retention
from pipelines.rollback import keep_published, kept
from pipelines.tell import Teller

ADA = ("cand_ada", "lead_ada", "Ada Canary", "summary of ada", "reason of ada", "canary of ada")


def erase_ada(world: World) -> None:
    erase(world.settings(), Whom("cand_ada"), Teller(quiet=True), threading.Event())


def refresh(world: World, harvest: Harvest | None = None, *, keep: int = 0) -> Harvest:
    """The steps of a refresh that concern the erased; what is left to load is handed back."""
    harvest = harvest or Harvest("talent_ray", "default")
    with DuckDBFile(world.path).session(wait_seconds=0, stop=threading.Event()) as session:
        care = Care(session, Retention())
        care.begin(FULL)
        care.forget([harvest])
        care.finish(keep=keep)
        session.publish()
    return harvest


def rows(place: str, *found: dict[str, object]) -> pa.Table:
    """Rows as a reading hands them over."""
    table = PLATFORMS["talent_ray"].table(place)
    columns = {column.name: pa.array([row.get(column.name) for row in found]) for column in table.columns}
    typed = pa.table(
        columns
        | {
            "_key": pa.array(key_texts("default", [[str(row[part]) for row in found] for part in table.key])),
            "account": pa.array(["default"] * len(found)),
            "_observed_at": pa.array([day(9)] * len(found), pa.timestamp("us", "UTC")),
            "_extra": pa.nulls(len(found), pa.string()),
        }
    )
    return stored_form(table, FULL.applied(table, typed), not_before=None)


def harvest_with_ada() -> Harvest:
    harvest = Harvest("talent_ray", "default")
    harvest.add("candidates", rows("candidates", {"id": "cand_ada", "full_name": "Ada Canary"}, {"id": "cand_eve"}))
    harvest.add("candidate_roles", rows("candidate_roles", {"candidate_id": "cand_ada", "role_id": "role_1"}))
    harvest.add("candidate_steps", rows("candidate_steps", {"id": "step_ada", "candidate_id": "cand_ada"}))
    # Found since, by the recruiters: another lead of Ada's, and its list.
    harvest.add("leads", rows("leads", {"id": "lead_new", "candidate_id": "cand_ada"}, {"id": "lead_eve"}))
    harvest.add("lead_roles", rows("lead_roles", {"lead_id": "lead_new", "role_id": "role_1"}))
    paths = ({"id": "use_3", "path": "/api/v1/candidates/cand_ada"}, {"id": "use_4", "path": "/api/v1/candidates"})
    harvest.add("api_key_usage", rows("api_key_usage", *({"api_key_id": "key_1"} | one for one in paths)))
    harvest.marks = {"candidates": {"cand_ada": 1, "cand_eve": 2}, "cv_screening_batch_members": {"b/lead_new": 3}}
    harvest.child_reads = {"candidate_steps": {"cand_ada": day(9), "cand_eve": day(9)}}
    harvest.sweeps = {"candidates": SweepNote("candidates", rows_new=2, pending='[["cand_ada"], ["cand_bob"]]')}
    for table, key in (("candidate_steps", '["default","step_ada"]'), ("candidates", '["default","cand_eve"]')):
        harvest.quarantined.append(Quarantined(table, key, "status", "odd", "sample", day(9)))
    return harvest


def test_what_the_lists_bring_again_is_dropped_before_it_is_written(world: World) -> None:
    erase_ada(world)

    left = refresh(world, harvest_with_ada())

    ids = {
        name: [one for part in parts for one in part[PLATFORMS["talent_ray"].table(name).key[-1]].to_pylist()]
        for name, parts in left.tables.items()
    }
    assert ids == {
        "candidates": ["cand_eve"],
        "candidate_roles": [],
        "candidate_steps": [],
        "leads": ["lead_eve"],
        "lead_roles": [],
        "api_key_usage": ["use_3", "use_4"],
    }
    assert [path for part in left.tables["api_key_usage"] for path in part["path"].to_pylist()] == [
        None,
        "/api/v1/candidates",
    ]
    assert left.marks == {"candidates": {"cand_eve": 2}, "cv_screening_batch_members": {}}
    assert left.child_reads == {"candidate_steps": {"cand_eve": day(9)}}
    assert left.sweeps["candidates"].rows_new == 1
    assert left.sweeps["candidates"].pending == '[["cand_bob"]]'
    assert [entry.row_key for entry in left.quarantined] == ['["default","cand_eve"]']


def test_nothing_is_dropped_where_nobody_was_erased(world: World) -> None:
    left = refresh(world, harvest_with_ada())

    assert (left.rows_changed, left.sweeps["candidates"].rows_new) == (9, 2)


def test_a_stored_lead_that_turns_out_to_be_of_the_erased_goes(world: World, uncompressed: None) -> None:
    world.put("talent_ray.leads", {"id": "lead_new", "full_name": "Ada C. Canary"})
    erase_ada(world)
    assert world.bytes_hold("Ada C. Canary") == ["Ada C. Canary"]

    refresh(world, harvest_with_ada())

    assert world.bytes_hold("Ada C. Canary", "lead_new") == []


def test_a_restored_file_is_cleaned_by_the_next_refresh(world: World, uncompressed: None) -> None:
    world.put("talent_ray.roles", {"id": "role_2", "name": "Written without compression"})
    old = world.path.with_suffix(".backup")
    shutil.copy(world.path, old)
    erase_ada(world)
    old.replace(world.path)
    assert "Ada Canary" in world.everything()

    refresh(world)

    assert world.bytes_hold(*ADA) == []
    assert "Bob Robin" in world.everything()
    assert len(world.ask("from meta.erasures")) == 2


def test_a_file_beside_the_warehouse_that_was_lost_is_written_again(world: World) -> None:
    erase_ada(world)
    before = in_file(world.path)
    erasures_file(world.path).unlink()

    refresh(world)

    assert in_file(world.path) == before
    assert len(before) == 2


def test_a_crash_between_the_list_of_the_erased_and_the_publication_ends_in_erasure(world: World) -> None:
    with DuckDBFile(world.path).session(wait_seconds=0, stop=threading.Event()) as session:
        care = Care(session, Retention())
        with care.opened() as connection:
            person = Whom("cand_ada").found(connection, FULL)
            connection.execute("create schema if not exists meta")
            care_known = care.known
        care.begin(FULL)
        care.erase(person, dt.datetime.now(dt.UTC))
        assert care_known == set()
    assert "Ada Canary" in world.everything()

    refresh(world)

    assert "Ada Canary" not in world.everything()


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"erasures": [{}]}', b'{"erasures": [{"hash_key": "xyz"}]}'])
def test_a_damaged_list_of_the_erased_stops_the_refresh(world: World, damage: bytes) -> None:
    erase_ada(world)
    erasures_file(world.path).write_bytes(damage)
    before = world.path.read_bytes()

    with pytest.raises(CannotWrite, match="damaged"):
        refresh(world)
    assert world.path.read_bytes() == before


def test_kept_warehouses_go_with_the_person(world: World, uncompressed: None) -> None:
    for _ in range(2):
        refresh(world, keep=3)
    assert len(kept(world.path)) == 2

    found = erase(world.settings(), Whom("cand_ada"), Teller(quiet=True), threading.Event())

    assert found.kept_warehouses == 2
    assert kept(world.path) == []
    assert world.bytes_hold(*ADA) == []


def test_files_are_the_owners_alone_whatever_the_umask(world: World) -> None:
    before = os.umask(0)
    try:
        keep_published(world.path, 1)
        erase_ada(world)
        refresh(world, keep=1)
    finally:
        os.umask(before)

    assert {mode for _, mode in modes(world.path.parent)} == {"0o600"}
    assert len(list(Path(world.path.parent).iterdir())) == 4
