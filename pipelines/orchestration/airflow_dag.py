"""An Airflow 3 DAG that runs hiring-elt every morning. Put this one file into your DAGs folder.

It imports nothing of hiring-elt, which lives in a virtual environment of its own: Airflow and dbt want different
versions of the same libraries. Parsing asks nobody anything; places and keys are looked up when a task runs:

    Variable hiring_elt_program   the command line, such as /srv/hiring/.venv/bin/hiring-elt
    Variable hiring_elt_folder    where it runs: the folder of `.dlt/` and of the warehouse
    Variable hiring_elt_secrets   optional: a JSON object of environment variables, {"SOURCES__TAILED__API_KEY": "..."}

As everywhere in Airflow, a variable may stand in the environment (AIRFLOW_VAR_HIRING_ELT_FOLDER) or in a secrets
backend.

    plan ─► refresh ─► report
                 └───► status    also after a failure: it fails when a stream is stale

Reading, loading, building, testing and publishing are one task, because readers see them all at once or not at all.
Were they tasks, new rows would stand beside old reports between them, or for good where the models fail.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from airflow.sdk import DAG, BaseOperator, Param, TriggerRule, Variable
from airflow.sdk.exceptions import AirflowException, AirflowFailException

if TYPE_CHECKING:
    from collections.abc import Sequence

SCHEDULE = "15 5 * * *"
PROGRAM = "{{ var.value.get('hiring_elt_program', '/srv/hiring/.venv/bin/hiring-elt') }}"
FOLDER = "{{ var.value.get('hiring_elt_folder', '/srv/hiring') }}"

PARTIAL = {
    5: "Partial: what is safe is published, and the log names what is not.",
    6: "The absence breaker tripped: too many rows are missing at once to mark any as gone. Somebody should look.",
}
AGAIN_LATER = {4: "Somebody else holds the warehouse.", 8: "The platform did not answer properly."}
NEEDS_A_PERSON = {
    1: "This is a bug in hiring-elt.",
    2: "A setting or an option is wrong.",
    3: "The platform refused the key.",
    7: "There is no space, or no right to write.",
    9: "The new warehouse did not pass its checks.",
}
FROM_SIGNALS_ON = 128
SECONDS_TO_STOP = 20


class HiringElt(BaseOperator):  # type: ignore[misc] # Airflow is not installed where types are checked
    """Runs one command of hiring-elt as a process; its exit status decides whether trying again makes sense."""

    template_fields: Sequence[str] = ("words", "program", "folder")
    ui_color: ClassVar[str] = "#d9ead3"

    def __init__(
        self,
        *,
        words: list[str],
        program: str = PROGRAM,
        folder: str = FOLDER,
        may_be_partial: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.words = words
        self.program = program
        self.folder = folder
        self.may_be_partial = may_be_partial
        self._process: subprocess.Popen[str] | None = None

    def execute(self, context: Any) -> Any:
        """Run the command, its lines going to the log; returns what it says under `--json`."""
        del context
        status, said = self._run([word for word in self.words if word])
        told = said.get("message", "") if isinstance(said, dict) else ""
        if status in PARTIAL and self.may_be_partial:
            self.log.warning("%s (exit status %s) %s", PARTIAL[status], status, told)
        elif status in AGAIN_LATER or status >= FROM_SIGNALS_ON or status < 0:
            raise AirflowException(f"{AGAIN_LATER.get(status, 'It was stopped.')} (exit status {status}) {told}")
        elif status:
            reason = NEEDS_A_PERSON.get(status, "The command asks for attention.")
            raise AirflowFailException(f"{reason} Trying again would not help. (exit status {status}) {told}")
        return said

    def on_kill(self) -> None:
        """End the command the gentle way: it cleans up within seconds, and what is published stays as it is."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(SECONDS_TO_STOP)
        self._process.kill()

    def _run(self, words: list[str]) -> tuple[int, Any]:
        self.log.info("In %s: %s %s", self.folder, self.program, " ".join(words))
        said = None
        try:
            self._process = subprocess.Popen(  # noqa: S603 - a fixed program and words of this file; no shell
                [self.program, *words],
                cwd=self.folder,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
            )
        except OSError as error:
            raise AirflowFailException(
                f"{error}. Set the variables hiring_elt_program and hiring_elt_folder to where it is."
            ) from None
        try:
            for line in self._process.stdout or ():
                if line.startswith("{"):
                    with contextlib.suppress(ValueError):
                        said = json.loads(line)
                        continue
                self.log.info("%s", line.rstrip())
            return self._process.wait(), said
        finally:
            self.on_kill()


def _environment() -> dict[str, str]:
    """The environment of the command, without Airflow's own settings and without where Airflow's Python looks."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "PYTHON"))}
    secrets: dict[str, str] = Variable.get("hiring_elt_secrets", default={}, deserialize_json=True)
    return inherited | secrets


with DAG(
    dag_id="hiring_elt",
    description="Talent-Ray and Tailed in the warehouse, every morning.",
    doc_md=__doc__,
    schedule=SCHEDULE,
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=12),
    tags=["hiring"],
    params={
        "full": Param(default=False, type="boolean", description="Read the steps of all candidates and roles again."),
        "accept_absences": Param(
            default=None,
            type=["null", "integer"],
            minimum=0,
            description="Lift the absence breaker once, for up to so many rows.",
        ),
    },
    default_args={
        "retries": 4,
        "retry_delay": timedelta(minutes=5),
        "retry_exponential_backoff": 2,
        "max_retry_delay": timedelta(hours=1),
    },
) as dag:
    plan = HiringElt(
        task_id="plan", words=["plan", "--json"], execution_timeout=timedelta(minutes=15), doc_md="What it will cost."
    )
    refresh = HiringElt(
        task_id="refresh",
        words=[
            "refresh",
            "--json",
            "{{ '--full' if params.full else '' }}",
            "{{ '' if params.accept_absences is none else '--accept-absences=%d' % params.accept_absences }}",
        ],
        execution_timeout=timedelta(hours=6),
        doc_md="Read, load, build, test, publish: all at once.",
    )
    report = HiringElt(
        task_id="report", words=["report"], execution_timeout=timedelta(minutes=15), doc_md="The HTML report."
    )
    status = HiringElt(
        task_id="status",
        words=["status", "--json"],
        may_be_partial=False,
        retries=0,
        trigger_rule=TriggerRule.ALL_DONE,
        execution_timeout=timedelta(minutes=15),
        doc_md="Fails when a stream was not read whole for 26 hours.",
    )
    plan >> refresh >> [report, status]
