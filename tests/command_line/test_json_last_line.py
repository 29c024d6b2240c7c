"""With `--json`, the last line of standard output is one JSON object, however a command ends; progress is elsewhere."""

from __future__ import annotations

import pytest
import typer

from pipelines.cli import app
from pipelines.lock import lock_of, locked

WORDS = {
    "refresh": ["--skip-build", "--select", "tests,jobs"],
    "build": [],
    "check": [],
    "plan": [],
    "status": [],
    "explain": ["hiring_funnel"],
    "init": ["--yes", "--platform", "tailed"],
    "privacy inventory": [],
    "privacy erase": ["--id", "nobody"],
    "rollback": [],
}
"""Every command that has `--json`, with words that make it do something small."""
READ_PLATFORMS = ("refresh", "check", "plan")
READ_THE_WAREHOUSE = ("build", "status", "explain", "privacy inventory", "privacy erase", "rollback")


def commands(group=None, before=""):
    """All commands of the program, by name, as typer knows them."""
    group = group or typer.main.get_command(app)
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{before}{name} ")
        else:
            yield f"{before}{name}", command


def test_every_command_with_json_is_claimed_here():
    with_json = {name for name, command in commands() if any("--json" in one.opts for one in command.params)}

    assert with_json == set(WORDS)


def of(ended, status, outcome):
    """The object, which says how the command ended as its exit status does."""
    told = ended.last_line
    assert (ended.status, told["exit_status"], told["outcome"]) == (status, status, outcome), ended.err
    assert [line for line in ended.out.splitlines() if line] == [ended.out.splitlines()[-1]], "progress on stdout"
    return told


def test_a_refresh_tells_its_streams(hiring_elt, asked):
    told = of(hiring_elt("refresh", *WORDS["refresh"], "--json"), 0, "ok")

    assert set(told) == {"refresh_id", "outcome", "exit_status", "streams", "requests", "seconds"}
    assert set(told["streams"]) == {"talent_ray.tests", "tailed.jobs"}
    for stream in told["streams"].values():
        assert set(stream) == {"verdict", "requests", "rows", "new", "changed", "gone", "seconds"}


def test_commands_that_find_what_they_need_end_with_an_object(hiring_elt, asked):
    of(hiring_elt("refresh", *WORDS["refresh"], "--json"), 0, "ok")

    of(hiring_elt("check", "--json"), 0, "ok")
    assert of(hiring_elt("plan", "--json"), 0, "ok")["requests"] > 0
    assert len(of(hiring_elt("status", "--json"), 0, "ok")["streams"]) == 2
    assert hiring_elt("privacy", "inventory", "--json").last_line
    of(hiring_elt("rollback", "--json"), 2, "usage")


@pytest.mark.parametrize("command", WORDS)
def test_wrong_words_end_with_an_object(hiring_elt, asked, command):
    ended = hiring_elt(*command.split(), *WORDS[command], "--json", "--no-such-option")

    assert "--no-such-option" in of(ended, 2, "usage")["message"]


@pytest.mark.parametrize("command", READ_PLATFORMS)
def test_missing_settings_end_with_an_object(hiring_elt, command):
    assert "API_KEY" in of(hiring_elt(command, "--json"), 2, "usage")["message"]


@pytest.mark.parametrize("command", READ_THE_WAREHOUSE)
def test_a_missing_warehouse_ends_with_an_object(hiring_elt, command):
    of(hiring_elt(*command.split(), *WORDS[command], "--json"), 2, "usage")


@pytest.mark.parametrize("command", READ_PLATFORMS)
def test_a_refused_key_ends_with_an_object(hiring_elt, asked, monkeypatch, command):
    monkeypatch.setenv("SOURCES__TALENT_RAY__API_KEY", f"tr_{'a' * 64}")
    monkeypatch.delenv("SOURCES__TAILED__API_KEY")

    ended = hiring_elt(command, "--json")

    of(ended, 3, "key_refused")
    assert "tr_a" not in ended.out + ended.err


def test_a_held_warehouse_ends_with_an_object(hiring_elt, asked, warehouse):
    with locked(lock_of(warehouse)):
        of(hiring_elt("refresh", "--json"), 4, "locked")


def test_a_folder_that_is_not_there_ends_with_an_object(hiring_elt, asked, tmp_path):
    of(hiring_elt("refresh", "--json", "--warehouse", tmp_path / "nowhere" / "hiring.duckdb"), 7, "cannot_write")


@pytest.mark.slow
@pytest.mark.parametrize("command", READ_PLATFORMS)
def test_a_platform_that_is_down_ends_with_an_object(hiring_elt, asked, monkeypatch, command):
    monkeypatch.setenv("SOURCES__TAILED__BASE_URL", "http://127.0.0.1:9")

    of(hiring_elt(command, "--platform", "tailed", "--json"), 8, "source_unavailable")


def test_a_bug_ends_with_an_object(hiring_elt, asked, monkeypatch):
    monkeypatch.setattr("pipelines.status.status_of", lambda *_, **__: 1 // 0)

    assert "bug" in of(hiring_elt("status", "--json"), 1, "bug")["message"]
