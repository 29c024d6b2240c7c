"""Runs inside the virtual environment of Airflow, which has nothing of hiring-elt: what it finds, as one line of JSON.

python airflow_run.py parse             what the DAG file is, and what parsing it imported
python airflow_run.py task NAME TRIES   one task of a real run, its retries without waiting
"""

from __future__ import annotations

import json
import re
import sys
from datetime import timedelta


def parse() -> dict:
    import socket

    asked = []
    real = socket.socket.connect
    socket.socket.connect = lambda self, address: asked.append(str(address)) or real(self, address)
    found = bag()
    dag = found.get_dag("hiring_elt")
    return {
        "errors": found.import_errors,
        "dags": sorted(found.dags),
        "ours": sorted(name for name in sys.modules if name.split(".")[0] in {"connector", "pipelines", "dlt", "dbt"}),
        "connections": asked,
        "tasks": {task.task_id: sorted(task.downstream_task_ids) for task in dag.tasks},
        "catchup": dag.catchup,
        "max_active_runs": dag.max_active_runs,
        "schedule": dag.schedule,
    }


def task(name: str, retries: int) -> dict:
    dag = bag().get_dag("hiring_elt")
    for one in dag.tasks:
        one.retry_delay, one.retries = timedelta(seconds=1), retries if one.task_id == name else 0
        one.retry_exponential_backoff = 0
    run = dag.test(mark_success_pattern=re.compile(f"(?!{name}$).*"))
    (found,) = (one for one in run.get_task_instances() if one.task_id == name)
    return {"state": str(found.state), "tries": found.try_number}


def bag():
    from airflow.dag_processing.dagbag import DagBag

    return DagBag()


if __name__ == "__main__":
    answer = parse() if sys.argv[1] == "parse" else task(sys.argv[2], int(sys.argv[3]))
    print(json.dumps(answer))
