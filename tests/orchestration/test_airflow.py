"""The Airflow DAG, run by a real Airflow that has nothing of ours, against the sandbox and the real command line."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest

from connector.sandbox import Company, serve
from pipelines.lock import locked
from pipelines.refresh import Options, refresh
from pipelines.tell import Teller
from tests.orchestration.conftest import ROOT

DAG_FILE = ROOT / "pipelines" / "orchestration" / "airflow_dag.py"
AIRFLOW = ROOT / ".venv-airflow" / "bin"


def test_the_dag_file_imports_nothing_but_airflow_and_the_standard_library():
    imported = {
        (node.module if isinstance(node, ast.ImportFrom) else name.name).split(".")[0]
        for node in ast.walk(ast.parse(DAG_FILE.read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in node.names
    }
    standard = {"__future__", "contextlib", "json", "os", "subprocess", "datetime", "typing", "collections"}
    assert imported == standard | {"airflow"}


@pytest.fixture(scope="session")
def airflow_home(tmp_path_factory):
    """A fresh Airflow with this DAG alone, its database ready."""
    if not (AIRFLOW / "airflow").exists():
        reason = "There is no Airflow: `make airflow` installs one into .venv-airflow."
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
    home = tmp_path_factory.mktemp("airflow")
    (home / "dags").mkdir()
    (home / "dags" / "hiring.py").write_text(DAG_FILE.read_text())
    subprocess.run([AIRFLOW / "airflow", "db", "migrate"], env=own(home), check=True, capture_output=True, timeout=900)
    return home


def own(home, **more):
    """Airflow's environment: nothing of the tests', least of all where they find this package."""
    return {
        "HOME": str(home),
        "PATH": os.environ["PATH"],
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_FOLDER": str(home / "dags"),
        **more,
    }


@pytest.fixture
def airflow(airflow_home, program, environment, tmp_path):
    """Run a command in Airflow's environment; the variables lead to the program, a folder and the sandbox."""
    folder = tmp_path / "srv"
    folder.mkdir(mode=0o700)

    log = tmp_path / "airflow.log"

    def run(*command, settings=None, seconds=1500):
        secrets = environment | (settings or {})
        variables = own(
            airflow_home,
            AIRFLOW_VAR_HIRING_ELT_PROGRAM=str(program),
            AIRFLOW_VAR_HIRING_ELT_FOLDER=str(folder),
            AIRFLOW_VAR_HIRING_ELT_SECRETS=json.dumps(secrets),
        )
        words = [AIRFLOW / command[0], *command[1:]]
        with log.open("w") as output:
            ended = subprocess.run(
                words, env=variables, stdout=output, stderr=output, timeout=seconds, cwd="/", check=False
            )
        said = log.read_text()
        assert ended.returncode == 0, said[-3000:]
        for secret in (secrets["SOURCES__TALENT_RAY__API_KEY"], secrets["SOURCES__TAILED__API_KEY"]):
            assert secret not in said
        return said

    def script(*words, **more):
        here = Path(__file__).with_name("airflow_run.py")
        said = run("python", here, *words, **more)
        (found,) = (line for line in said.splitlines() if line.startswith("{"))
        return json.loads(found) | {"log": said}

    return SimpleNamespace(folder=folder, log=log, run=run, script=script)


@pytest.mark.slow
@pytest.mark.server
def test_the_dag_is_parsed_without_our_package_and_without_asking_anybody(airflow):
    found = airflow.script("parse")

    del found["log"]
    assert found == {
        "errors": {},
        "dags": ["hiring_elt"],
        "ours": [],
        "connections": [],
        "tasks": {"plan": ["refresh"], "refresh": ["report", "status"], "report": [], "status": []},
        "catchup": False,
        "max_active_runs": 1,
        "schedule": "15 5 * * *",
    }


@pytest.mark.slow
@pytest.mark.server
def test_a_run_of_the_dag_leaves_a_published_warehouse_and_a_report(airflow):
    said = airflow.run("airflow", "dags", "test", "hiring_elt", seconds=1500)

    with duckdb.connect(str(airflow.folder / "hiring.duckdb"), read_only=True) as warehouse:
        (candidates,) = warehouse.execute("select count(*) from marts.dim_candidates").fetchone() or (0,)
    assert candidates > 0
    assert (airflow.folder / "hiring-report.html").stat().st_size > 10_000
    assert "state=success" in said


@pytest.mark.slow
@pytest.mark.server
def test_a_refused_key_is_not_tried_again(airflow):
    wrong = {"SOURCES__TALENT_RAY__API_KEY": f"tr_{'a' * 64}", "SOURCES__TAILED__API_KEY": f"tl_{'b' * 64}"}

    found = airflow.script("task", "plan", "3", settings=wrong)

    assert (found["state"], found["tries"]) == ("failed", 1)
    assert "The platform refused the key. Trying again would not help. (exit status 3)" in found["log"]


@pytest.mark.slow
@pytest.mark.server
def test_a_wrong_setting_is_not_tried_again(airflow):
    found = airflow.script("task", "refresh", "3", settings={"REPORT_TIMEZONE": "Mars/Olympus"})

    assert (found["state"], found["tries"]) == ("failed", 1)
    assert "REPORT_TIMEZONE names no time zone." in found["log"]


@pytest.mark.slow
@pytest.mark.server
def test_a_platform_that_is_down_is_tried_again_until_the_tries_are_spent(airflow):
    nobody = {"SOURCES__TALENT_RAY__BASE_URL": "http://127.0.0.1:9", "SOURCES__TAILED__BASE_URL": "http://127.0.0.1:9"}

    found = airflow.script("task", "plan", "1", settings=nobody, seconds=1500)

    assert (found["state"], found["tries"]) == ("failed", 2)
    assert found["log"].count("The platform did not answer properly. (exit status 8)") >= 2


@pytest.mark.slow
@pytest.mark.server
def test_a_held_warehouse_is_tried_again_until_it_is_free(airflow):
    def hold_until_refused():
        with locked(airflow.folder / ".hiring.duckdb.lock"):
            for _ in range(600):
                if "(exit status 4)" in airflow.log.read_text():
                    break
                time.sleep(0.2)

    airflow.log.touch()
    holder = threading.Thread(target=hold_until_refused)
    holder.start()
    found = airflow.script("task", "refresh", "20", seconds=1500)
    holder.join()

    assert (found["state"], found["tries"] > 1) == ("success", True)
    assert "Somebody else holds the warehouse. (exit status 4)" in found["log"]


@pytest.mark.slow
@pytest.mark.server
def test_a_partial_refresh_succeeds_with_a_warning_that_says_so(airflow, server):
    narrow = {"SOURCES__TALENT_RAY__API_KEY": server.key(scopes=["candidates:read", "roles:read"])}

    found = airflow.script("task", "refresh", "3", settings=narrow, seconds=1500)

    assert (found["state"], found["tries"]) == ("success", 1)
    assert "Partial: what is safe is published" in found["log"]
    assert "tests:read" in found["log"]


@pytest.mark.slow
@pytest.mark.server
def test_a_stale_warehouse_fails_the_run_though_nothing_crashed(airflow):
    old = Company(seed=3, candidates=5, days=30, end=datetime.now(UTC) - timedelta(days=3))
    with serve(old, clock="frozen") as yesterday, pytest.MonkeyPatch.context() as patch:
        for name, value in yesterday.environment().items():
            patch.setenv(name, value)
        wanted = Options(warehouse=str(airflow.folder / "hiring.duckdb"), platforms=("tailed",), skip_build=True)
        refresh(wanted, Teller(quiet=True), threading.Event())

    found = airflow.script("task", "status", "0")

    assert (found["state"], found["tries"]) == ("failed", 1)
    assert "stale" in found["log"]
