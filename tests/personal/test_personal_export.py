from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import pytest
from personal_world import FULL, KEY, MakeWorld, World
from typer.testing import CliRunner

from connector.contract import Privacy
from connector.platforms import PLATFORMS
from connector.privacy import Policy, Profile
from pipelines.personal.commands import privacy
from pipelines.personal.erase import Whom
from pipelines.personal.export import as_text, export, write_private
from pipelines.personal.inventory import inventory
from pipelines.personal.references import belongings


def test_an_export_holds_every_version_of_one_person_and_nobody_else(world: World) -> None:
    found = json.loads(as_text(export(world.settings(), Whom("cand_ada"), threading.Event())))

    assert found["records"] == [
        {"platform": "talent_ray", "stream": "candidates", "id": "cand_ada"},
        {"platform": "talent_ray", "stream": "leads", "id": "lead_ada"},
    ]
    assert {name: len(rows) for name, rows in found["tables"].items()} == {
        "raw_talent_ray.candidates": 2,
        "raw_talent_ray.candidate_roles": 1,
        "raw_talent_ray.leads": 2,
        "raw_talent_ray.lead_roles": 1,
        "raw_talent_ray.candidate_steps": 1,
        "raw_talent_ray.cv_screening_batch_members": 1,
        "meta.quarantine": 1,
    }
    first = found["tables"]["raw_talent_ray.candidates"][0]
    assert (first["email"], first["_dlt_valid_from"]) == ("ada.canary@example.org", "2026-01-01T00:00:00+00:00")
    assert "bob" not in json.dumps(found).lower()


def test_an_export_leaves_a_line_in_the_audit_without_the_person(world: World) -> None:
    export(world.settings(), Whom("cand_ada"), threading.Event())

    ((command, counts),) = world.ask("select command, counts from meta.audit")
    assert command == "privacy export"
    assert "ada" not in counts


def test_an_exported_file_is_for_its_owner_and_replaces_none(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        write_private(tmp_path / "ada.json", "{}")
    finally:
        os.umask(before)

    assert (tmp_path / "ada.json").stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        write_private(tmp_path / "ada.json", "{}")


def test_the_inventory_says_what_is_stored_of_each_personal_column(make_world: MakeWorld) -> None:
    shown = {}
    for policy in (Policy(), Policy(Profile.PSEUDONYMOUS, KEY), FULL):
        world = make_world(policy, name=f"{policy.profile}.duckdb")
        found = inventory(world.settings())
        shown[policy.profile.value] = {
            (one.column, one.stored, one.rows_filled)
            for one in found.columns
            if one.table == "raw_talent_ray.leads" and one.column in {"id", "full_name", "summary", "candidate_id"}
        }

    assert shown == {
        "minimal": {
            ("id", "value", 4),
            ("candidate_id", "value", 3),
            ("full_name", "withheld", 0),
            ("summary", "withheld", 0),
        },
        "pseudonymous": {
            ("id", "value", 4),
            ("candidate_id", "value", 3),
            ("full_name", "token", 4),
            ("summary", "withheld", 0),
        },
        "full": {
            ("id", "value", 4),
            ("candidate_id", "value", 3),
            ("full_name", "value", 4),
            ("summary", "value", 2),
        },
    }


def test_the_inventory_leaves_no_personal_column_of_the_contract_out(world: World) -> None:
    found = {(one.table, one.column): one for one in inventory(world.settings()).columns}
    personal = {
        (f"raw_{platform.name}.{table.name}", column.name)
        for platform in PLATFORMS.values()
        for table in platform.tables
        for column in table.columns
        if column.privacy not in {Privacy.KEY, Privacy.FACT}
    }

    assert personal <= set(found)
    assert {found[one].retention for one in personal} == {"30 days after the record is gone"}
    assert ("meta.record_marks", "record_id") in found


def test_whose_a_row_is_follows_from_the_contract() -> None:
    """Adding a table with people in it changes this list; look whether the owner is the right one."""
    found = {
        f"{name}.{one.table.name}": (one.owner.column, one.owner.stream, [link.column for link in one.links])
        for name, platform in PLATFORMS.items()
        for one in belongings(platform)
    }

    assert found == {
        "talent_ray.candidates": ("id", "candidates", []),
        "talent_ray.candidate_roles": ("candidate_id", "candidates", []),
        "talent_ray.candidate_steps": ("candidate_id", "candidates", []),
        "talent_ray.leads": ("id", "leads", ["candidate_id"]),
        "talent_ray.lead_roles": ("lead_id", "leads", []),
        "talent_ray.lead_organizations": ("lead_id", "leads", []),
        "talent_ray.cv_screening_batch_members": ("lead_id", "leads", ["candidate_id"]),
        "talent_ray.cv_screening_batch_member_roles": ("lead_id", "leads", []),
        "talent_ray.api_keys": ("id", "api_keys", []),
        "talent_ray.api_key_usage": ("api_key_id", "api_keys", []),
        "tailed.candidates": ("id", "candidates", []),
        "tailed.applications": ("candidate_id", "candidates", []),
    }


def test_every_table_with_a_direct_identifier_belongs_to_somebody() -> None:
    for platform in PLATFORMS.values():
        of_people = {one.table.name for one in belongings(platform)}
        direct = {t.name for t in platform.tables if any(c.privacy is Privacy.DIRECT for c in t.columns)}
        assert direct <= of_people


def command(world: World, *words: str, stdin: str | None = None) -> tuple[int, str]:
    result = CliRunner().invoke(privacy, [*words, "--warehouse", str(world.path)], input=stdin)
    return result.exit_code, result.output


def test_the_commands_speak(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRIVACY__PROFILE", "full")

    status, said = command(world, "erase", "--email", "-", "--json", stdin="bob@example.org\n")
    assert (status, json.loads(said.splitlines()[-1])["outcome"]) == (0, "dry_run")
    assert "Add --yes to do it" in said

    status, said = command(world, "erase", "--id", "cand_bob", "--yes")
    assert status == 0
    assert "Erased the records of one person: 1 of talent_ray.candidates." in said
    assert "backups" in said

    status, said = command(world, "inventory", "--json")
    assert (status, json.loads(said.splitlines()[-1])["erasures"]) == (0, 1)

    status, said = command(world, "export", "--id", "cand_ada")
    assert (status, json.loads(said)["profile"]) == (0, "full")
