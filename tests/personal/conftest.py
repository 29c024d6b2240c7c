"""Warehouses made by hand, with people in them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from personal_world import MakeWorld, World, populate

from connector.privacy import Policy


@pytest.fixture(scope="session")
def patterns(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Files that are made once and copied: one without rows, one with people under each policy that is asked for."""
    folder = tmp_path_factory.mktemp("patterns")
    World(folder / "empty.duckdb")
    return {"empty": folder / "empty.duckdb"}


@pytest.fixture
def make_world(patterns: dict[str, Path], tmp_path: Path) -> MakeWorld:
    """A warehouse of its own for a test, with or without people."""

    def make(policy: Policy | None = None, name: str = "hiring.duckdb", *, people: bool = True) -> World:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        wanted = policy or Policy(World.policy.profile)
        pattern = wanted.fingerprint if people else "empty"
        if pattern not in patterns:
            patterns[pattern] = patterns["empty"].with_name(f"{len(patterns)}.duckdb")
            shutil.copy(patterns["empty"], patterns[pattern])
            populate(World(patterns[pattern], wanted))
        shutil.copy(patterns[pattern], path)
        return World(path, wanted)

    return make


@pytest.fixture
def world(make_world: MakeWorld) -> World:
    """Full values of some people."""
    return make_world()


@pytest.fixture
def uncompressed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every DuckDB file is written as it is, so that a scan of its bytes finds what is in it."""
    connect: Callable[..., duckdb.DuckDBPyConnection] = duckdb.connect

    def plain(*arguments: Any, **named: Any) -> duckdb.DuckDBPyConnection:
        connection = connect(*arguments, **named)
        connection.execute("set force_compression = 'uncompressed'")
        return connection

    monkeypatch.setattr(duckdb, "connect", plain)
