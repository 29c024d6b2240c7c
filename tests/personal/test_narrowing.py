from __future__ import annotations

import threading

import duckdb
import pyarrow as pa
import pytest
from personal_world import FULL, KEY, MakeWorld, World

from connector.changes import hashed
from connector.errors import UsageError
from connector.platforms import PLATFORMS
from connector.privacy import Policy, Profile, token
from connector.stored_rows import arrow_schema
from pipelines.duckdb_file import DuckDBFile
from pipelines.personal.care import Care
from pipelines.personal.retention import Retention
from pipelines.personal.stored import stored_tables

MINIMAL, TOKENS = Policy(), Policy(Profile.PSEUDONYMOUS, KEY)
OTHER_KEY = Policy(Profile.PSEUDONYMOUS, b"another key of thirty-two bytes.")


def care_for(world: World, policy: Policy) -> Policy:
    """What a refresh does about policies, and nothing else of it."""
    with DuckDBFile(world.path).session(wait_seconds=0, stop=threading.Event()) as session:
        care = Care(session, Retention())
        policy = care.begin(policy)
        care.finish()
        session.publish()
    return policy


@pytest.fixture
def world(world: World) -> World:
    """One whose rows are known to be of the profile full."""
    care_for(world, FULL)
    return world


def rows(world: World, place: str) -> pa.Table:
    return raw(world, place)[place]


def raw(world: World, *places: str) -> dict[str, pa.Table]:
    """The versions of raw tables in stored form, in order; of all tables where none is named."""
    found = {}
    with duckdb.connect(str(world.path), read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        present = stored_tables(connection)
        for platform in PLATFORMS.values():
            for table in platform.tables:
                place = f"{platform.name}.{table.name}"
                if (f"raw_{platform.name}", table.name) in present and (place in places or not places):
                    query = f'from raw_{platform.name}."{table.name}" order by _key, _dlt_valid_from'
                    rows = connection.execute(query).to_arrow_table()
                    found[place] = rows.select(arrow_schema(table).names)
    return found


@pytest.mark.parametrize("policy", [MINIMAL, TOKENS], ids=lambda policy: policy.profile.value)
def test_a_narrower_profile_leaves_history_as_if_it_had_always_been_so(
    world: World, make_world: MakeWorld, policy: Policy
) -> None:
    always = make_world(policy, name="always.duckdb")

    care_for(world, policy)

    found = raw(world)
    assert {place: rows.to_pylist() for place, rows in found.items()} == {
        place: rows.to_pylist() for place, rows in raw(always).items()
    }
    for place, rows in found.items():
        platform, table = place.split(".")
        assert rows["_row_hash"].to_pylist() == hashed(PLATFORMS[platform].table(table), rows).to_pylist()


def test_a_narrower_profile_reaches_the_bytes(world: World, uncompressed: None) -> None:
    world.put(
        "talent_ray.candidates", {"id": "cand_zoe", "full_name": "Zoe Plain", "_extra": '{"nickname": "zo canary"}'}
    )
    personal = ("Zoe Plain", "zo canary", "Ada Canary", "new.canary@example.org", "summary of ada", "reason of ada")
    assert world.bytes_hold("Zoe Plain", "zo canary") == ["Zoe Plain", "zo canary"]

    care_for(world, TOKENS)
    assert world.bytes_hold(*personal) == []
    name = token(KEY, "name", "Zoe Plain") or ""
    assert world.bytes_hold(name) == [name]

    care_for(world, MINIMAL)
    assert world.bytes_hold(*personal, name) == []
    assert world.bytes_hold("cand_zoe") == ["cand_zoe"]


def test_samples_in_quarantine_are_narrowed_too(world: World) -> None:
    whose = {"platform": "talent_ray", "account": "default", "refresh_id": "r2", "table_name": "candidates"}
    for number, column in enumerate(("full_name", "status")):
        world.note(
            "quarantine", **whose, number=number, row_key="k", column_name=column, reason="too long", value="sample"
        )

    care_for(world, MINIMAL)

    query = "select column_name, value from meta.quarantine where refresh_id = 'r2' order by 1"
    assert world.ask(query) == [("full_name", None), ("status", "sample")]


def test_tokens_of_another_key_are_refused_and_nothing_is_changed(world: World) -> None:
    care_for(world, TOKENS)
    before = world.path.read_bytes()

    with pytest.raises(UsageError, match="another pseudonym key") as refused:
        care_for(world, OTHER_KEY)

    assert refused.value.exit_status == 2
    assert KEY.decode() not in str(refused.value)
    assert world.path.read_bytes() == before


def test_giving_the_old_tokens_up_lets_another_key_in(world: World) -> None:
    care_for(world, TOKENS)
    care_for(world, MINIMAL)
    care_for(world, OTHER_KEY)

    assert world.ask("select profile, key_id from meta.stored_policy") == [("pseudonymous", OTHER_KEY.key_id)]
    assert world.ask("select count(full_name) from raw_talent_ray.candidates") == [(0,)]


def test_another_key_is_refused_across_a_time_of_full_values_too(world: World) -> None:
    care_for(world, TOKENS)
    care_for(world, FULL)

    with pytest.raises(UsageError):
        care_for(world, OTHER_KEY)


def test_tokens_survive_a_time_of_full_values_untouched(world: World) -> None:
    care_for(world, TOKENS)
    before = rows(world, "talent_ray.candidates").to_pylist()
    care_for(world, FULL)
    care_for(world, TOKENS)

    assert rows(world, "talent_ray.candidates").to_pylist() == before


def test_a_wider_profile_changes_no_stored_row(make_world: MakeWorld) -> None:
    world = make_world(MINIMAL)
    care_for(world, MINIMAL)
    before = rows(world, "talent_ray.candidates").to_pylist()

    care_for(world, FULL)

    assert rows(world, "talent_ray.candidates").to_pylist() == before
    assert world.ask("select profile from meta.stored_policy") == [("full",)]


def test_the_same_profile_again_is_no_work(world: World) -> None:
    assert world.ask("select count(*) from meta.audit") == [(0,)]
    care_for(world, TOKENS)
    care_for(world, TOKENS)

    assert world.ask("select command from meta.audit") == [("refresh: narrower profile",)]


def test_a_warehouse_that_never_noted_its_profile_is_judged_by_its_refreshes(make_world: MakeWorld) -> None:
    world = make_world()
    for number, policy in enumerate((MINIMAL, FULL, MINIMAL)):
        world.note("refreshes", refresh_id=str(number), platform="tailed", account="default", policy=policy.fingerprint)

    care_for(world, MINIMAL)

    assert world.ask("select count(full_name) from raw_talent_ray.candidates") == [(0,)]
