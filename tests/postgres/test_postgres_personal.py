"""Erasure, narrowing and retention on a PostgreSQL server: in rows, and in the bytes of its files."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from connector.errors import HiringEltError, UsageError
from connector.platforms import PLATFORMS
from connector.privacy import Policy, Profile
from connector.sandbox import Company
from pipelines.personal.erase import Whom, erase, plan_erasure
from pipelines.personal.export import as_text, export
from pipelines.personal.inventory import inventory
from pipelines.settings import Settings
from pipelines.tell import Teller
from tests.postgres.cluster import Cluster

Ask = Callable[..., list[tuple[Any, ...]]]
CANARY = {"fullName": "Zoe Kanarienvogel", "email": "zoe.canary@example.org", "phone": "+905559998877"}
OWED = "select to_regclass('meta.rewrite_owed') is not null"


@pytest.fixture
def settings(cluster: Cluster, database: str) -> Settings:
    return Settings(cluster.url(database), Policy(Profile.FULL), (), "UTC")


@pytest.fixture
def person(small: Company, run: Callable[..., Any]) -> str:
    """The id of a candidate whom everybody would know, once the warehouse knows her."""
    found: str = small.truth("talent_ray", "candidates")[0]["id"]
    small.update("talent_ray", "candidates", found, **CANARY)
    small.insert("talent_ray", "sourcing", candidateId=found, **CANARY)
    assert run().exit_status == 0
    return found


@pytest.fixture
def in_bytes(cluster: Cluster, database: str) -> Callable[..., list[str]]:
    """Those of the texts that stand in a file of the server; its log of writes left out, which is out of reach."""

    def look(*texts: str) -> list[str]:
        cluster.ask(database, "checkpoint")
        ((data,),) = cluster.ask(database, "show data_directory")
        ((number,),) = cluster.ask(database, "select oid from pg_database where datname = current_database()")
        found = set()
        for folder, _, files in os.walk(Path(data) / "base" / str(number)):
            for name in files:
                content = (Path(folder) / name).read_bytes()
                found |= {text for text in texts if text.encode() in content}
        return [text for text in texts if text in found]

    return look


def in_rows(ask: Ask, *texts: str) -> list[str]:
    """The tables that hold one of the texts."""
    tables = ask(
        "select table_schema, table_name from information_schema.tables"
        " where table_schema not in ('information_schema', 'pg_catalog') and table_type = 'BASE TABLE'"
    )
    found = []
    for schema, table in tables:
        rows = str(ask(f'select * from "{schema}"."{table}"'))
        found += [f"{schema}.{table}" for text in texts if text in rows]
    return found


def versions(ask: Ask) -> dict[str, int]:
    return {
        f"{name}.{table.name}": ask(f'select count(*) from raw_{name}."{table.name}"')[0][0]
        for name, platform in PLATFORMS.items()
        for table in platform.tables
    }


def erased(settings: Settings, person: str) -> Any:
    return erase(settings, Whom(person), Teller(quiet=True), threading.Event())


def test_an_erased_person_is_in_no_row_and_no_byte_and_does_not_come_back(
    settings: Settings, person: str, ask: Ask, run: Callable[..., Any], small: Company, in_bytes: Callable[..., Any]
) -> None:
    traces = (person, *CANARY.values())
    assert in_bytes(*traces) == [*traces]
    counts = plan_erasure(settings, Whom(person))
    assert counts.rows["raw_talent_ray.candidates"] == 2
    assert in_rows(ask, person)

    done = erased(settings, person)

    assert done.rows == counts.rows
    assert in_rows(ask, *traces) == []
    assert in_bytes(*traces) == []
    before = versions(ask)
    assert run().exit_status == 0
    assert versions(ask) == before
    small.update("talent_ray", "candidates", person, phone="+905550001122")
    small.advance(hours=2)
    run()
    assert in_rows(ask, *traces) == []
    assert in_bytes(*traces, "+905550001122") == []
    assert ("privacy erase",) in ask("select command from meta.audit")
    assert ask(OWED) == [(False,)]


def test_a_run_that_broke_after_its_erasure_is_finished_by_the_next_one(
    cluster: Cluster, database: str, settings: Settings, person: str, ask: Ask, run: Callable[..., Any], in_bytes: Any
) -> None:
    """The connections are cut between the transaction that erases and the publication."""

    class Cut(Teller):
        def step(self, text: str) -> None:
            if "file anew" in text:
                cut = "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s"
                cluster.ask("postgres", cut, database)

    with pytest.raises(HiringEltError):
        erase(settings, Whom(person), Cut(quiet=True), threading.Event())
    assert ask("select count(*) from meta.erasures")[0][0] >= 1
    assert ask(OWED) == [(True,)]

    assert run().exit_status == 0
    assert in_rows(ask, person, *CANARY.values()) == []
    assert in_bytes(person, *CANARY.values()) == []
    assert ask(OWED) == [(False,)]


def test_a_narrower_profile_reaches_every_version_and_byte_and_makes_no_new_version(
    person: str, ask: Ask, run: Callable[..., Any], in_bytes: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = versions(ask)
    monkeypatch.setenv("PRIVACY__PROFILE", "minimal")

    assert run().exit_status == 0
    assert versions(ask) == before
    assert in_rows(ask, *CANARY.values()) == []
    assert in_bytes(*CANARY.values()) == []
    assert ask("select profile from meta.stored_policy") == [("minimal",)]
    assert run().exit_status == 0
    assert versions(ask) == before


def test_thirty_days_after_the_tombstone_names_go_and_facts_stay(
    person: str, ask: Ask, run: Callable[..., Any], small: Company
) -> None:
    small.delete("talent_ray", "candidates", person)
    run()
    query = "select count(*), count(full_name) from raw_talent_ray.candidates where id = %s"
    ((rows, named),) = ask(query, person)
    assert rows == named
    small.advance(days=31)
    run()

    assert ask(query, person) == [(rows, 0)]
    assert ("refresh: retention",) in ask("select command from meta.audit")


def test_one_person_can_be_exported_and_all_columns_are_listed(settings: Settings, person: str, ask: Ask) -> None:
    found = json.loads(as_text(export(settings, Whom(person), threading.Event())))

    assert {row["full_name"] for row in found["tables"]["raw_talent_ray.candidates"]} >= {CANARY["fullName"]}
    assert ("privacy export",) in ask("select command from meta.audit")
    listed = {(one.table, one.column): one for one in inventory(settings).columns}
    assert listed["raw_talent_ray.candidates", "full_name"].rows_filled > 0


def test_tokens_of_another_key_are_refused(
    run: Callable[..., Any], person: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRIVACY__PROFILE", "pseudonymous")
    monkeypatch.setenv("PRIVACY__PSEUDONYM_KEY", "a key of thirty-two characters..")
    run()
    monkeypatch.setenv("PRIVACY__PSEUDONYM_KEY", "another key of 32 characters....")

    with pytest.raises(UsageError, match="another pseudonym key"):
        run()


def test_a_reader_who_asks_on_and_on_meets_no_error(
    cluster: Cluster, database: str, settings: Settings, person: str
) -> None:
    finished, errors, reads = threading.Event(), [], []

    def read() -> None:
        # Named as nobody of ours: while a session lasts, its process calls all its connections by one name.
        while not finished.is_set():
            try:
                with closing(psycopg2.connect(cluster.url(database), application_name="reader")) as connection:
                    cursor = connection.cursor()
                    cursor.execute("select count(*) from raw_talent_ray.candidates")
                    reads.append(cursor.fetchall())
            except psycopg2.Error as error:
                errors.append(str(error))

    reader = threading.Thread(target=read)
    reader.start()
    try:
        erased(settings, person)
    finally:
        finished.set()
        reader.join()
    assert errors == []
    assert reads
