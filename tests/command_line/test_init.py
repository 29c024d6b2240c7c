"""`hiring-elt init`: settings that work, for their owner alone, never over somebody else's."""

from __future__ import annotations

import stat
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.command_line.pseudo_terminal import Hidden, in_terminal


def mode(path):
    return stat.S_IMODE(Path(path).stat().st_mode)


def settings(name):
    return tomllib.loads(Path(".dlt", name).read_text())


def test_without_questions_the_defaults_are_written_for_the_owner_alone(hiring_elt, monkeypatch):
    monkeypatch.setenv("TZ", "Europe/Istanbul")
    ended = hiring_elt("init", "--yes", "--json")

    assert ended.last_line == {
        "outcome": "ok",
        "exit_status": 0,
        "files": [".dlt/config.toml", ".dlt/secrets.toml"],
        "keys_to_add": ["Talent-Ray", "Tailed"],
        "next": "hiring-elt check",
    }
    assert settings("config.toml") == {
        "warehouse": "hiring.duckdb",
        "report_timezone": "Europe/Istanbul",
        "privacy": {"profile": "minimal"},
        "sources": {"talent_ray": {}, "tailed": {}},
    }
    assert settings("secrets.toml") == {"sources": {"talent_ray": {}, "tailed": {}}}
    assert [mode(".dlt"), mode(".dlt/config.toml"), mode(".dlt/secrets.toml")] == [0o700, 0o600, 0o600]


def test_options_say_what_is_wanted(hiring_elt):
    words = ["--platform", "tailed", "-w", 'odd "name".duckdb', "--profile", "pseudonymous", "--timezone", "UTC"]
    assert hiring_elt("init", "--yes", *words).status == 0

    found, secret = settings("config.toml"), settings("secrets.toml")
    assert (found["warehouse"], found["privacy"], set(found["sources"])) == (
        'odd "name".duckdb',
        {"profile": "pseudonymous"},
        {"tailed"},
    )
    assert len(secret["privacy"]["pseudonym_key"]) >= 32


def test_a_server_with_its_password_is_among_the_secrets(hiring_elt):
    hiring_elt("init", "--yes", "-w", "postgresql://hiring:password@db/hiring")

    assert "password" not in Path(".dlt/config.toml").read_text()
    assert settings("secrets.toml")["warehouse"] == "postgresql://hiring:password@db/hiring"


def test_settings_that_are_there_stay_unless_forced(hiring_elt):
    Path(".dlt").mkdir()
    Path(".dlt/config.toml").write_text("mine = 1\n")
    ended = hiring_elt("init", "--yes")

    assert ended.status == 2
    assert "--force" in ended.err
    assert Path(".dlt/config.toml").read_text() == "mine = 1\n"
    assert not Path(".dlt/secrets.toml").exists()
    assert hiring_elt("init", "--yes", "--force").status == 0
    assert "mine" not in settings("config.toml")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--platform", "workday"], "Choose from talent_ray, tailed."),
        (["--profile", "some"], "Choose from minimal, pseudonymous, full."),
        (["--timezone", "Mars/Olympus"], "Use a name such as Europe/Istanbul."),
        (["--warehouse", " "], "Give a path"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_written(hiring_elt, words, told):
    ended = hiring_elt("init", "--yes", *words)

    assert ended.status == 2
    assert told in ended.err
    assert not Path(".dlt").exists()


def test_there_is_no_option_for_a_key(hiring_elt):
    assert "key" not in hiring_elt("init", "--help").out.replace("--help", "").split("Options:")[1].lower()


def test_in_a_git_folder_keys_and_warehouse_are_ignored_once(hiring_elt):
    subprocess.run(["git", "init", "-q"], check=True)
    Path(".gitignore").write_text("*.tmp")
    hiring_elt("init", "--yes")
    hiring_elt("init", "--yes", "--force")
    Path("hiring.duckdb").touch()
    Path(".hiring.duckdb.lock").touch()

    assert Path(".gitignore").read_text().splitlines() == [
        "*.tmp",
        "/.dlt/secrets.toml",
        "/hiring.duckdb",
        "/.hiring.duckdb.*",
    ]
    untracked = subprocess.run(["git", "status", "--short", "-uall"], check=True, capture_output=True, text=True).stdout
    assert untracked.split() == ["??", ".dlt/config.toml", "??", ".gitignore"]


def test_outside_a_terminal_it_asks_nothing(hiring_elt, monkeypatch):
    ended = hiring_elt("init")

    assert ended.status == 2
    assert "--yes" in ended.err


@pytest.mark.slow
def test_answered_at_a_terminal_it_leads_to_a_refresh_that_works(server, tmp_path):
    hosts = {
        "SOURCES__TALENT_RAY__BASE_URL": server.url,
        "SOURCES__TALENT_RAY__REQUESTS_PER_MINUTE": "60000",
    }
    screen = in_terminal(
        "init",
        typed=[
            ("Platforms", "workday\r"),
            ("There is no platform 'workday'.", ""),
            ("Platforms", "talent_ray\r"),
            ("Warehouse", "\r"),
            ("Personal data", "\r"),
            ("Time zone", "Europe/Paris\r"),
            ("Key of Talent-Ray", Hidden(f"{server.talent_ray_key}\r")),
        ],
        environment=hosts,
        folder=tmp_path,
    )

    assert screen.status == 0, screen.shown
    assert server.talent_ray_key not in screen.shown
    assert "Next: hiring-elt check" in screen.shown
    for words in (["check"], ["plan"], ["refresh", "--skip-build"], ["status"]):
        ended = in_terminal(*words, environment=hosts, folder=tmp_path)
        assert ended.status == 0, ended.shown
    assert (tmp_path / "hiring.duckdb").exists()


@pytest.mark.slow
def test_pressing_ctrl_c_at_a_question_writes_nothing(tmp_path):
    screen = in_terminal("init", interrupt="Platforms", folder=tmp_path)

    assert screen.status == 130
    assert "Traceback" not in screen.shown
    assert list(tmp_path.iterdir()) == []
