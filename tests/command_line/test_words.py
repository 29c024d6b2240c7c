"""What the program says at a prompt: help, wrong words, missing settings, and how it looks in a terminal."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from connector.sandbox import Fault
from tests.command_line.pseudo_terminal import RUN, in_terminal
from tests.command_line.test_json_last_line import commands
from tests.orchestration.conftest import ROOT

SETTINGS = (
    "SOURCES__TALENT_RAY__API_KEY",
    "SOURCES__TALENT_RAY__BASE_URL",
    "SOURCES__TALENT_RAY__REQUESTS_PER_MINUTE",
    "SOURCES__TALENT_RAY__CV_SCREENING_BATCH_IDS",
    "SOURCES__TALENT_RAY__PORTAL_SLUGS",
    "SOURCES__TAILED__API_KEY",
    "WAREHOUSE",
    "PRIVACY__PROFILE",
    "PRIVACY__PSEUDONYM_KEY",
    "REPORT_TIMEZONE",
)
ESCAPE = "\x1b"


def test_help_tells_commands_statuses_and_settings_within_80_columns(hiring_elt):
    ended = hiring_elt("--help")

    assert ended.status == 0
    told = [line.split()[0] for line in ended.out.split("Commands:")[1].split("Begin:")[0].splitlines() if line.strip()]
    assert set(told) == {name.split()[0] for name, _ in commands()}
    for status in range(10):
        assert re.search(rf"^ +{status}  \w", ended.out, re.MULTILINE)
    for setting in SETTINGS:
        assert setting in ended.out
    assert max(map(len, ended.out.splitlines())) <= 80
    assert "..." not in ended.out.split("Commands:")[1].split("Begin:")[0], "a description is cut off"


@pytest.mark.parametrize("command", [name for name, _ in commands()])
def test_each_command_has_help_of_its_own_without_the_words_of_programmers(hiring_elt, command):
    ended = hiring_elt(*command.split(), "--help")

    assert ended.status == 0
    assert f"Usage: hiring-elt {command}" in ended.out
    assert not re.search(r"<(str|int|float|path|list)", ended.out.split("Options:")[1])
    assert max(map(len, ended.out.splitlines())) <= 80


def test_no_words_at_all_show_the_help(hiring_elt):
    ended = hiring_elt()

    assert ended.status == 2
    assert ended.err.startswith("Usage: hiring-elt")


def test_the_version_is_told(hiring_elt):
    assert re.fullmatch(r"hiring-elt \d+\.\d+\.\d+ \(dlt .+, duckdb .+, dbt-core .+\)\n", hiring_elt("--version").out)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["refrsh"], "Did you mean 'refresh'? See: hiring-elt --help"),
        (["refresh", "--selct", "roles"], "hiring-elt refresh --help"),
        (["refresh", "--platform", "workday"], "Choose from talent_ray, tailed."),
        (["refresh", "--wait", "soon"], "--wait"),
        (["status", "--warehouse", "nix.duckdb"], "There is no warehouse at nix.duckdb yet."),
        (["refresh"], "Set SOURCES__TALENT_RAY__API_KEY"),
    ],
)
def test_wrong_or_missing_words_say_what_is_right(hiring_elt, words, told):
    ended = hiring_elt(*words)

    assert (ended.status, ended.out) == (2, "")
    assert ended.err.startswith("hiring-elt: ")
    assert told in ended.err
    assert "Traceback" not in ended.err


def program(*words, folder, environment=None, **more):
    """Run a command line without a terminal."""
    return subprocess.run(
        [sys.executable, "-c", RUN, *map(str, words)],
        check=False,
        capture_output=True,
        text=True,
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)} | (environment or {}),
        **more,
    )


def test_a_settings_file_that_is_no_toml_is_named_with_its_line_and_without_its_text(tmp_path):
    Path(".dlt").mkdir(mode=0o700)
    Path(".dlt/secrets.toml").write_text('[sources.tailed]\napi_key = "tl_secret_of_somebody\n')
    ended = program("refresh", folder=tmp_path)

    assert ended.returncode == 2
    assert ".dlt/secrets.toml is not valid TOML (line 2)" in ended.stderr
    assert "tl_secret" not in ended.stdout + ended.stderr


def test_a_reader_that_stops_reading_is_no_bug(tmp_path):
    words = f"{sys.executable} -c '{RUN}' --help | true; exit ${{PIPESTATUS[0]}}"
    ended = subprocess.run(
        ["bash", "-c", words], check=False, capture_output=True, text=True, env={"PYTHONPATH": str(ROOT)}, cwd=tmp_path
    )

    assert ended.returncode in {0, 141}
    assert ended.stderr == ""


@pytest.fixture
def sandbox(server):
    """The settings of the sandbox, for a process of its own."""
    rates = {f"SOURCES__{name}__REQUESTS_PER_MINUTE": "60000" for name in ("TALENT_RAY", "TAILED")}
    return server.environment() | rates


@pytest.mark.slow
def test_without_a_terminal_progress_is_plain_lines_on_standard_error(sandbox, tmp_path):
    ended = program("refresh", "--skip-build", "--select", "tests", "--json", folder=tmp_path, environment=sandbox)

    assert ended.returncode == 0
    assert ended.stdout.count("\n") == 1
    assert ESCAPE not in ended.stdout + ended.stderr
    assert "loading what changed" in ended.stderr.splitlines()


@pytest.mark.slow
def test_in_a_terminal_there_are_bars_and_a_summary_that_fits_it(sandbox, tmp_path):
    screen = in_terminal("refresh", "--skip-build", environment=sandbox, folder=tmp_path, columns=80)

    assert screen.status == 0, screen.shown
    assert "━" in screen.shown
    assert "talent_ray.candidate_steps" in screen.shown
    summary = [line for line in screen.shown.split("\r\n") if re.search(r"proven +\d", line)]
    assert len(summary) >= 10


@pytest.mark.slow
def test_no_color_means_no_colour(sandbox, tmp_path):
    screen = in_terminal("check", environment=sandbox | {"NO_COLOR": "1"}, folder=tmp_path)

    assert not re.search(r"\x1b\[[0-9;]*3[0-9]", screen.shown)
    assert "Next: hiring-elt plan" in screen.shown


@pytest.mark.slow
def test_prose_is_broken_between_words_where_the_terminal_ends(tmp_path):
    screen = in_terminal("refresh", folder=tmp_path, columns=60)
    lines = [line.rstrip() for line in re.sub(r"\x1b\[[?0-9;]*[a-zA-Z]|\r", "", screen.shown).split("\n")]

    assert max(map(len, lines)) <= 60
    assert "SOURCES__TALENT_RAY__API_KEY" in screen.shown


@pytest.mark.slow
def test_ctrl_c_ends_a_refresh_with_a_sentence(server, sandbox, tmp_path):
    server.switches.faults = [Fault("hang", rate=1.0, seconds=40, path="/api/v1/sourcing")]
    screen = in_terminal("refresh", environment=sandbox, folder=tmp_path, interrupt="reading")

    assert screen.status == 130, screen.shown
    assert "Stopped on request. The published warehouse is as it was before." in screen.shown
    assert "Traceback" not in screen.shown
    assert sorted(path.name for path in tmp_path.iterdir()) == [".hiring.duckdb.lock"]
