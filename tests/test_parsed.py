"""The parsed project is kept: what a build makes does not depend on whether it was."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.parsed import parsed
from pipelines.transform import close_connections


class SmallProject:
    """A dbt project of one model, and a count of how often it was parsed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.parsed = 0
        self.catalog = "hiring"
        self.variables = {"answer": 42}
        (folder / "models").mkdir(parents=True)
        (folder / "dbt_project.yml").write_text("name: small\nprofile: small\nversion: '1.0'\n")
        self.write("select {{ var('answer') }} as answer")

    def write(self, model: str) -> None:
        (self.folder / "models" / "answers.sql").write_text(model)

    @property
    def warehouse(self) -> Path:
        return self.folder / f"{self.catalog}.duckdb"

    def build(self) -> int:
        """What the model says, once it is built."""
        from dbt.cli.main import dbtRunner

        output = {"type": "duckdb", "path": str(self.warehouse), "threads": 1}
        profile = {"small": {"target": "here", "outputs": {"here": output}}}
        (self.folder / "profiles.yml").write_text(json.dumps(profile))
        words = ["--no-write-json", "--log-level-file", "none", "--vars", json.dumps(self.variables)]
        for option, value in (("project-dir", "."), ("profiles-dir", "."), ("target-path", "t"), ("log-path", "l")):
            words += [f"--{option}", str(self.folder / value)]

        def parse() -> Any:
            self.parsed += 1
            return dbtRunner().invoke(["--quiet", "parse", *words]).result

        manifest = parsed(self.folder, output, self.variables, parse)
        outcome = dbtRunner(manifest=manifest).invoke(["--quiet", "build", *words])
        close_connections()
        assert outcome.success, outcome.exception
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            return connection.execute("select answer from answers").fetchone()[0]


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "hiring-elt"


@pytest.fixture
def project(tmp_path: Path) -> SmallProject:
    return SmallProject(tmp_path / "project")


def test_what_was_parsed_is_kept_in_private_and_builds_the_same(cache, project):
    assert [project.build(), project.build()] == [42, 42]

    (kept,) = cache.iterdir()
    assert project.parsed == 1
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(cache.stat().st_mode) == 0o700
    assert b"project" in kept.read_bytes()
    assert str(project.warehouse).encode() not in kept.read_bytes(), "of a connection nothing is kept"


def test_whatever_a_parse_depends_on_makes_it_anew(cache, project):
    project.build()
    project.variables = {"answer": 43}
    assert project.build() == 43
    project.write("select 44 as answer")
    assert project.build() == 44
    project.catalog = "other"
    assert project.build() == 44

    assert project.parsed == 4


def test_a_damaged_cache_and_one_that_cannot_be_written_cost_the_parse_alone(cache, project):
    project.build()
    (kept,) = cache.iterdir()
    kept.write_bytes(kept.read_bytes()[:-100])
    assert project.build() == 42
    kept.unlink()
    cache.rmdir()
    cache.write_text("a file where the folder should be")

    assert project.build() == 42
    assert project.parsed == 3


def test_a_draft_of_a_killed_process_is_removed_and_one_that_is_being_written_is_not(cache, project):
    cache.mkdir(parents=True)
    abandoned, new = cache / ".a.manifest.11", cache / ".b.manifest.12"
    abandoned.touch()
    os.utime(abandoned, (0, 0))
    new.touch()
    project.build()

    assert not abandoned.exists()
    assert new.exists()
