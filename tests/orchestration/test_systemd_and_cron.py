"""The systemd units and the line for cron: well formed, and what they run does its work."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from configparser import ConfigParser

import duckdb
import pytest

from pipelines import settings
from tests.orchestration.conftest import ROOT

needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed here")
HERE = ROOT / "pipelines" / "orchestration"
UNITS = HERE / "systemd"


@pytest.fixture
def units(tmp_path, program):
    """The units as somebody installs them: with the place of the program of this machine."""
    for unit in UNITS.iterdir():
        text = unit.read_text().replace("/srv/hiring/.venv/bin/hiring-elt", str(program))
        (tmp_path / unit.name).write_text(text)
    return tmp_path


def service():
    parser = ConfigParser(strict=False, interpolation=None, delimiters=("=",), comment_prefixes=("#",))
    parser.optionxform = str  # type: ignore[assignment]
    parser.read(UNITS / "hiring-elt.service")
    return dict(parser["Service"])


@needs_systemd
@pytest.mark.server
def test_systemd_finds_nothing_to_say_about_the_units(units):
    files = [str(units / name) for name in ("hiring-elt.service", "hiring-elt.timer")]
    verified = subprocess.run(["systemd-analyze", "verify", *files], check=False, capture_output=True, text=True)

    assert (verified.returncode, verified.stdout, verified.stderr) == (0, "", "")


@needs_systemd
@pytest.mark.server
def test_the_service_is_as_confined_as_systemd_calls_ok(units):
    words = ["systemd-analyze", "security", "--offline=true", "--threshold=20", str(units / "hiring-elt.service")]
    judged = subprocess.run(words, check=False, capture_output=True, text=True)

    assert judged.returncode == 0, judged.stdout[-300:]


@needs_systemd
@pytest.mark.server
def test_the_timer_goes_off_every_morning():
    words = ["systemd-analyze", "calendar", "--iterations=3", "*-*-* 05:15:00"]
    assert "OnCalendar=*-*-* 05:15:00" in (UNITS / "hiring-elt.timer").read_text()
    told = subprocess.run(words, check=True, capture_output=True, text=True).stdout

    assert told.count(" 05:15:00") >= 3


def test_the_service_tries_again_what_is_worth_another_try_and_nothing_else():
    told = service()

    assert told["SuccessExitStatus"] == "5"
    assert told["Restart"] == "on-failure"
    assert set(told["RestartPreventExitStatus"].split()) == {"1", "2", "3", "6", "7", "9"}


def test_a_key_that_systemd_hands_over_as_a_file_is_read(tmp_path, monkeypatch):
    (tmp_path / "SOURCES__TALENT_RAY__API_KEY").write_text(f"tr_{'k' * 40}\n")
    (tmp_path / "SOURCES__TAILED__ACCOUNTS__ACME__API_KEY").write_text(f"tl_{'k' * 40}\n")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))

    found = settings.load()

    assert [account.name for account in found.accounts] == ["talent_ray", "tailed.acme"]
    assert found.accounts[0].key.reveal() == f"tr_{'k' * 40}"


def installed_at(folder, program):
    (folder / ".venv" / "bin").mkdir(parents=True, mode=0o700)
    (folder / ".venv" / "bin" / "hiring-elt").symlink_to(program)


@pytest.mark.slow
def test_the_line_for_cron_refreshes_and_writes_the_report(tmp_path, program, environment):
    (line,) = [
        line for line in (HERE / "hiring-elt.cron").read_text().splitlines() if line and not line.startswith("#")
    ]
    when, command = line.split("  ", 1)
    assert re.fullmatch(r"\d+ \d+ \* \* \*", when)
    assert "%" not in command, "cron reads a percent sign as the end of the command"
    installed_at(tmp_path / "hiring", program)

    # As cron does it: sh, and next to nothing in the environment.
    ended = subprocess.run(
        ["/bin/sh", "-c", command.replace("/srv/hiring", shlex.quote(str(tmp_path / "hiring")))],
        check=False,
        capture_output=True,
        text=True,
        env=environment | {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "SHELL": "/bin/sh"},
    )

    assert ended.returncode == 0, ended.stderr
    with duckdb.connect(str(tmp_path / "hiring" / "hiring.duckdb"), read_only=True) as warehouse:
        assert warehouse.execute("select count(*) > 0 from marts.dim_candidates").fetchone() == (True,)
    assert (tmp_path / "hiring" / "hiring-report.html").exists()


@pytest.mark.parametrize(
    "document",
    ["README.md", "airflow_dag.py", "hiring-elt.cron", "systemd/hiring-elt.service", "systemd/hiring-elt.timer"],
)
def test_each_way_to_schedule_is_there_and_explained(document):
    assert (HERE / document).stat().st_size > 200
    assert document == "README.md" or document.rsplit("/", 1)[-1] in (HERE / "README.md").read_text()
