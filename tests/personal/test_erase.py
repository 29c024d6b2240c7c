from __future__ import annotations

import json
import threading

import duckdb
import pytest
from personal_world import KEY, MakeWorld, World

from connector.errors import UsageError
from connector.privacy import Policy, Profile
from pipelines.personal.erase import Whom, erase, plan_erasure
from pipelines.personal.erasures import erasures_file
from pipelines.tell import Teller

ADA = (
    "cand_ada",
    "lead_ada",
    "Ada Canary",
    "ada.canary@example.org",
    "canary summary",
    "reason of ada",
    "canary of ada",
)
QUIET = Teller(quiet=True)


def erased(world: World, whom: Whom, policy: Policy | None = None) -> dict[str, int]:
    return erase(world.settings(policy), whom, QUIET, threading.Event()).rows


def test_a_dry_run_counts_and_changes_nothing(world: World) -> None:
    before = world.path.read_bytes()

    found = plan_erasure(world.settings(), Whom("cand_ada"))

    assert (found.done, found.records) == (False, {"talent_ray.candidates": 1, "talent_ray.leads": 1})
    assert found.rows == {
        "meta.quarantine": 1,
        "raw_talent_ray.candidates": 2,
        "raw_talent_ray.candidate_roles": 1,
        "raw_talent_ray.leads": 2,
        "raw_talent_ray.lead_roles": 1,
        "raw_talent_ray.candidate_steps": 1,
        "raw_talent_ray.cv_screening_batch_members": 1,
        "meta.record_marks": 2,
        "meta.child_reads": 1,
    }
    assert world.path.read_bytes() == before
    assert not erasures_file(world.path).exists()


def test_an_erased_person_is_in_no_row_and_no_byte_and_others_stay(world: World, uncompressed: None) -> None:
    world.put("talent_ray.roles", {"id": "role_2", "name": "Written without compression"})
    assert world.bytes_hold("Bob Robin", *ADA[:2]) == ["Bob Robin", *ADA[:2]]
    planned = plan_erasure(world.settings(), Whom("cand_ada")).rows

    assert erased(world, Whom("cand_ada")) == planned

    assert [text for text in ADA if text in world.everything().replace("t_cem", "")] == ["ada.canary@example.org"]
    assert world.ask("select full_name from raw_tailed.candidates where email = 'ada.canary@example.org'")
    erased(world, Whom("t_cem"))
    assert world.bytes_hold(*ADA, "canary tag", "app_1") == []
    assert world.bytes_hold("Bob Robin", "reason of bob", "canary of bob", "Dan Finch") == [
        "Bob Robin",
        "reason of bob",
        "canary of bob",
        "Dan Finch",
    ]


def test_deleting_alone_leaves_the_bytes(world: World, uncompressed: None) -> None:
    with world.open() as connection:
        connection.execute("create table old as select * from raw_talent_ray.candidates; checkpoint")
        connection.execute("delete from old; delete from raw_talent_ray.candidates; checkpoint; vacuum")

    assert world.bytes_hold("Ada Canary") == ["Ada Canary"]


def test_the_id_of_a_lead_finds_the_candidate_it_became(world: World) -> None:
    assert (
        plan_erasure(world.settings(), Whom("lead_ada")).rows == plan_erasure(world.settings(), Whom("cand_ada")).rows
    )


def test_a_lead_linked_by_mistake_for_a_day_is_somebody_else(world: World) -> None:
    erased(world, Whom("cand_ada"))

    links = world.ask("select candidate_id from raw_talent_ray.leads where id = 'lead_dan' order by _dlt_valid_from")
    assert links == [(None,), ("cand_dan",)]


def test_what_is_blanked_is_hashed_anew(world: World, make_world: MakeWorld) -> None:
    other = make_world(name="other.duckdb", people=False)
    other.put("talent_ray.leads", {"id": "lead_dan", "full_name": "Dan Finch"}, at=1)

    erased(world, Whom("cand_ada"))

    query = "select _row_hash from raw_talent_ray.leads where id = 'lead_dan' order by _dlt_valid_from limit 1"
    assert world.ask(query) == other.ask(query)


def test_logs_keep_the_call_and_lose_whom_it_asked_for(world: World) -> None:
    erased(world, Whom("cand_ada"))

    assert world.ask("select id, path from raw_talent_ray.api_key_usage order by id") == [
        ("use_1", None),
        ("use_2", "/api/v1/candidates/cand_bob"),
    ]


def test_absences_that_wait_forget_the_person_and_nobody_else(world: World) -> None:
    erased(world, Whom("cand_ada"))

    ((pending,),) = world.ask("select pending from meta.sweeps")
    assert json.loads(pending) == [{"key": ["cand_bob"], "missed": "x"}]


def test_an_address_finds_every_record_that_carries_it_on_both_platforms(world: World) -> None:
    found = plan_erasure(world.settings(), Whom(email=" ADA.canary@example.ORG"))

    assert found.records == {"tailed.candidates": 1, "talent_ray.candidates": 1, "talent_ray.leads": 1}


def test_an_address_finds_tokens_by_their_key(make_world: MakeWorld) -> None:
    world = make_world(Policy(Profile.PSEUDONYMOUS, KEY))

    assert plan_erasure(world.settings(), Whom(email="Ada.Canary@example.org")).records == {
        "tailed.candidates": 1,
        "talent_ray.candidates": 1,
        "talent_ray.leads": 1,
    }


def test_an_address_is_refused_where_none_is_stored(make_world: MakeWorld) -> None:
    world = make_world(Policy())

    with pytest.raises(UsageError, match="No e-mail address is stored"):
        plan_erasure(world.settings(), Whom(email="ada.canary@example.org"))


def test_an_id_that_two_streams_know_is_not_guessed_at(world: World) -> None:
    world.put("talent_ray.leads", {"id": "cand_bob"})

    with pytest.raises(UsageError, match=r"--stream talent_ray\.candidates"):
        plan_erasure(world.settings(), Whom("cand_bob"))
    assert plan_erasure(world.settings(), Whom("cand_bob", stream="talent_ray.leads")).records == {
        "talent_ray.leads": 1
    }


@pytest.mark.parametrize("whom", [Whom("nobody"), Whom(), Whom("cand_ada", "ada.canary@example.org")])
def test_nobody_and_anybody_are_usage_errors(world: World, whom: Whom) -> None:
    with pytest.raises(UsageError):
        erased(world, whom)


def test_analysts_keep_their_own_tables_and_are_told_of_the_person_in_them(world: World) -> None:
    with world.open() as connection:
        connection.execute("create schema mine; create table mine.notes as select 'cand_ada' as who, 1 as score")
        connection.execute("create table other as select 42 as answer; create view shown as select * from other")
        connection.execute("create macro twice(x) as x * 2; create sequence count_up start 5")

    found = erase(world.settings(), Whom("cand_ada"), QUIET, threading.Event())

    assert found.tables_of_others == {'"mine"."notes"': 1}
    assert world.ask("select (select who from mine.notes), (select answer from shown), twice(4)") == [
        ("cand_ada", 42, 8)
    ]
    with world.open() as connection:
        assert connection.execute("select nextval('count_up')").fetchone() == (5,)


def test_the_ledger_of_erasures_holds_hashes_only(world: World) -> None:
    erased(world, Whom("cand_ada"))

    in_file = json.loads(erasures_file(world.path).read_text())["erasures"]
    in_table = world.ask("select subject, hash_key, platform, stream from meta.erasures order by subject")
    assert [(one["subject"], one["hash_key"], one["platform"], one["stream"]) for one in in_file] == in_table
    assert len(in_table) == 2
    assert all(len(bytes.fromhex(one["subject"])) == len(bytes.fromhex(one["hash_key"])) == 32 for one in in_file)
    assert "cand_ada" not in erasures_file(world.path).read_text()  # "ada" alone may be part of a hash


def test_two_warehouses_hash_the_same_id_differently(world: World, make_world: MakeWorld) -> None:
    other = make_world(name="there/hiring.duckdb")
    erased(world, Whom("cand_bob"))
    erased(other, Whom("cand_bob"))

    assert world.ask("select subject from meta.erasures") != other.ask("select subject from meta.erasures")


def test_the_audit_says_who_did_what_and_not_to_whom(world: World) -> None:
    erased(world, Whom("cand_ada"))

    ((actor, command, counts),) = world.ask("select actor, command, counts from meta.audit")
    assert (bool(actor), command) == (True, "privacy erase")
    assert json.loads(counts)["raw_talent_ray.candidates"] == 2
    assert "ada" not in counts


def test_a_reader_of_the_old_file_reads_on(world: World) -> None:
    with duckdb.connect(str(world.path), read_only=True) as reader:
        erased(world, Whom("cand_ada"))

        assert reader.execute("select count(*) from raw_talent_ray.candidates").fetchone() == (3,)


def test_an_address_never_shows_in_what_an_exception_could_print() -> None:
    assert "ada" not in repr(Whom(email="ada.canary@example.org"))
