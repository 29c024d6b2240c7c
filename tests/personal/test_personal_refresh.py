"""The same promises, through whole refreshes of a company that goes on living."""

from __future__ import annotations

import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from personal_world import World

from connector.contract import Privacy
from connector.platforms import PLATFORMS
from connector.privacy import Policy, Profile
from connector.sandbox import Company, Drift, Server, Switches
from pipelines.personal.commands import do_rollback
from pipelines.personal.erase import Whom, erase
from pipelines.tell import Teller

pytestmark = pytest.mark.slow
Run = Callable[..., Any]


@pytest.fixture
def here(warehouse: Path) -> World:
    """The warehouse that the refreshes fill."""
    world = World.__new__(World)
    world.path, world.policy = warehouse, Policy(Profile.FULL)
    return world


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRIVACY__PROFILE", "full")


def versions(world: World) -> dict[str, int]:
    return {
        f"{platform.name}.{table.name}": world.ask(f'select count(*) from raw_{platform.name}."{table.name}"')[0][0]
        for platform in PLATFORMS.values()
        for table in platform.tables
    }


CANARY = {"fullName": "Zoe Kanarienvogel", "email": "zoe.canary@example.org", "phone": "+905559998877"}


def somebody(company: Company) -> str:
    """The id of a candidate who became one by being sourced; lead and candidate get a name that nobody else has."""
    known = {one["id"] for one in company.truth("talent_ray", "candidates")}
    lead = next(one for one in company.truth("talent_ray", "sourcing") if one["candidateId"] in known)
    company.update("talent_ray", "candidates", lead["candidateId"], **CANARY)
    company.update("talent_ray", "sourcing", lead["id"], **CANARY)
    found: str = lead["candidateId"]
    return found


def test_an_erased_person_does_not_come_back_by_refresh_edit_or_restored_file(
    run: Run, company: Company, server: Server, here: World, full: None, uncompressed: None
) -> None:
    person = somebody(company)
    traces = [person, *CANARY.values()]
    run()
    assert here.bytes_hold(*traces) == traces
    backup = shutil.copy(here.path, here.path.parent.parent / "backup")
    erase(here.settings(), Whom(person), Teller(quiet=True), threading.Event())
    assert here.bytes_hold(*traces) == []
    before = versions(here)

    asked_before = len(server.journal)
    assert run().exit_status == 0
    assert versions(here) == before
    assert not [reply.path for reply in server.journal[asked_before:] if person in reply.path]

    company.update("talent_ray", "candidates", person, phone="+905550001122")
    company.advance(days=3)
    run()
    assert here.bytes_hold(*traces, "+905550001122") == []

    Path(backup).replace(here.path)
    assert here.bytes_hold(*traces) == traces
    run()
    assert here.bytes_hold(*traces) == []


def test_a_narrower_profile_makes_no_new_version(
    run: Run, here: World, monkeypatch: pytest.MonkeyPatch, full: None, uncompressed: None
) -> None:
    run()
    before = versions(here)
    names = [name for (name,) in here.ask("select distinct full_name from raw_tailed.candidates")]
    assert here.bytes_hold(*names) == names

    monkeypatch.setenv("PRIVACY__PROFILE", "minimal")
    assert run().exit_status == 0

    assert versions(here) == before
    assert here.bytes_hold(*names) == []


def test_a_wider_profile_reads_everything_again(run: Run, here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    run()
    count = here.ask("select count(*) from raw_talent_ray.candidates where _visible")[0][0]

    monkeypatch.setenv("PRIVACY__PROFILE", "full")
    run()

    query = "select count(full_name) from raw_talent_ray.candidates where _dlt_valid_to is null and _visible"
    assert here.ask(query) == [(count,)]


def test_retention_follows_the_platforms_clock(
    run: Run, company: Company, server: Server, here: World, full: None
) -> None:
    run()
    person = company.truth("talent_ray", "candidates")[0]
    company.delete("talent_ray", "candidates", person["id"])
    run()
    query = f"select count(*), count(full_name) from raw_talent_ray.candidates where id = '{person['id']}'"
    assert here.ask(query) == [(2, 2)]

    company.advance(days=31)
    run()

    assert here.ask(query) == [(2, 0)]
    assert here.ask("select command from meta.audit") == [("refresh: retention",)]


def test_retention_takes_no_name_while_the_key_is_narrowed(
    run: Run, company: Company, server: Server, here: World, monkeypatch: pytest.MonkeyPatch, full: None
) -> None:
    run()
    person = company.truth("talent_ray", "candidates")[0]
    company.delete("talent_ray", "candidates", person["id"])
    run()
    company.advance(days=31)

    narrowed = server.key(scopes=set(company.talent_ray_key.scopes) - {"candidates:read"})
    monkeypatch.setenv("SOURCES__TALENT_RAY__API_KEY", narrowed)
    assert run().exit_status == 5

    query = f"select count(full_name) from raw_talent_ray.candidates where id = '{person['id']}'"
    assert here.ask(query) == [(2,)]


def test_going_back_and_on(run: Run, company: Company, here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEEP_PUBLISHED", "1")
    run()
    before = versions(here)
    company.advance(days=10)
    run()
    after = versions(here)
    assert after != before

    do_rollback(str(here.path))
    assert versions(here) == before
    run()
    assert versions(here) == after


@pytest.fixture
def last_work(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A copy of everything that a refresh had written by the time it published."""
    seen = tmp_path.with_name(f"{tmp_path.name}-work")
    watching = [True]

    def look(event: str, arguments: tuple[Any, ...]) -> None:
        source, target = (str(one) for one in arguments[:2]) if event == "os.rename" else ("", "")
        if watching and ".work-" in source and target.endswith(".duckdb") and "rebuilt" not in source:
            shutil.copytree(Path(source).parent, seen, dirs_exist_ok=True)

    sys.addaudithook(look)
    yield seen
    watching.clear()


@pytest.mark.parametrize("profile", [Profile.MINIMAL, Profile.PSEUDONYMOUS])
def test_no_withheld_value_is_written_anywhere(
    run: Run,
    company: Company,
    server: Server,
    here: World,
    profile: Profile,
    monkeypatch: pytest.MonkeyPatch,
    last_work: Path,
    uncompressed: None,
) -> None:
    monkeypatch.setenv("PRIVACY__PROFILE", profile.value)
    if profile is Profile.PSEUDONYMOUS:
        monkeypatch.setenv("PRIVACY__PSEUDONYM_KEY", "a key of thirty-two characters..")
    company.insert("talent_ray", "candidates", fullName="Zoe Kanarienvogel", email="zoe.canary@example.org")
    company.insert("tailed", "candidates", fullName="Zoe Kanarienvogel", email="zoe.canary@example.org")
    run()
    company.advance(days=5)
    # Fields nobody declared, and values of a wrong type, go by quarantine and drift: no way around the profile.
    undeclared = Drift("candidates", "nickname", value="Kanarienkind")
    misfit = Drift("candidates", "email", value={"inbox": "Kanarienpost"}, share=0.5)
    server.switches = Switches(drift=[undeclared, misfit])
    company.edit_some("talent_ray", "candidates", 0.5)
    run()

    withheld = withheld_values(company) | {"Kanarienkind", "Kanarienpost"}
    assert len(withheld) > 60
    files = [path for folder in (here.path.parent, last_work) for path in folder.rglob("*") if path.is_file()]
    assert any(path.is_relative_to(last_work) for path in files)
    for path in files:
        content = path.read_bytes()
        assert [value for value in withheld if value.encode() in content] == [], path.name


LISTS = (
    ("talent_ray", "candidates", "candidates"),
    ("talent_ray", "leads", "sourcing"),
    ("tailed", "candidates", "candidates"),
)


def withheld_values(company: Company) -> set[str]:
    """What people's records hold in columns that are withheld; nothing so short that it stands everywhere."""
    found: set[str] = set()
    for platform, stream, resource in LISTS:
        columns = PLATFORMS[platform].table(stream).columns
        fields = [column.field for column in columns if column.privacy in {Privacy.DIRECT, Privacy.FREE_TEXT}]
        for record in company.truth(platform, resource):
            found |= {str(record[name]) for name in fields if isinstance(record.get(name), str)}
    return {value for value in found if len(value) > 6}
