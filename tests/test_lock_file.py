"""The lock is whole: exact versions with hashes, all that the program asks for, licences that allow its use."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import metadata
from pathlib import Path

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
LOCKS = ("constraints.txt", ".ci/airflow.txt", ".ci/spark.txt")
PIN = r"(?P<name>[a-z0-9][a-z0-9._-]*)(?:\[[a-z0-9, _-]+\])?==(?P<version>[0-9][^ ]*)(?: ; (?P<marker>[^#]*?))?"
ENTRY = re.compile(PIN + r"(?: +--hash=sha256:[0-9a-f]{64})+")
EXTRAS = ("sandbox", "postgres", "dev")
FREE = re.compile(r"\b(MIT|BSD|Apache|ISC|MPL|Mozilla|PSF|Python Software Foundation|LGPL|Artistic)\b")


def entries(lock: str) -> list[str]:
    """What a lock says of each package: its pin and its hashes, on one line."""
    return (ROOT / lock).read_text().replace("\\\n", " ").splitlines()


@cache
def locked() -> dict[str, str]:
    """The versions that are locked for a machine like this one, by name."""
    pins = [pin for entry in entries("constraints.txt") if (pin := ENTRY.fullmatch(entry))]
    return {
        canonicalize_name(pin["name"]): pin["version"]
        for pin in pins
        if pin["marker"] is None or Marker(pin["marker"]).evaluate()
    }


def unmet(asked: list[str]) -> list[str]:
    """Which of these requirements the lock does not meet on a machine like this one."""
    wanted = [one for one in map(Requirement, asked) if one.marker is None or one.marker.evaluate({"extra": ""})]
    return [str(one) for one in wanted if not one.specifier.contains(locked().get(canonicalize_name(one.name), "0"))]


def licence(name: str) -> str:
    """What a package says of its licence: by its own field, else by its classifiers."""
    told = metadata.metadata(name)
    classes = [line.split(" :: ")[-1] for line in told.get_all("Classifier", []) if line.startswith("License")]
    return told.get("License-Expression") or "; ".join(classes) or told.get("License") or ""


@pytest.mark.parametrize("lock", LOCKS)
def test_every_entry_of_a_lock_is_one_exact_version_with_hashes_and_no_place_to_take_it_from(lock: str) -> None:
    assert [entry[:80] for entry in entries(lock) if not ENTRY.fullmatch(entry)] == []


def test_the_lock_has_what_the_program_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    asked = project["project"]["dependencies"] + project["build-system"]["requires"]
    for extra in EXTRAS:
        asked += project["project"]["optional-dependencies"][extra]

    assert unmet(asked) == []


@pytest.mark.parametrize("name", sorted(locked()))
def test_what_runs_here_is_what_is_locked_with_all_it_asks_for_and_free_to_use(name: str) -> None:
    assert metadata.version(name) == locked()[name]
    assert unmet(metadata.requires(name) or []) == []
    assert FREE.search(licence(name)), licence(name)
