"""A Spark cluster of the tests' own: a master and two workers of the pyspark package, on loopback, gone at the end."""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

JAVA = "default-jre-headless"
CLASSES = "org.apache.spark.deploy"
# Small rows: one partition is quickest, and little time goes into compiling what runs once.
BRIEF = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
SMALL = {
    "spark.sql.shuffle.partitions": "1",
    "spark.default.parallelism": "2",
    "spark.sql.codegen.wholeStage": "false",
    "spark.driver.extraJavaOptions": BRIEF,
    "spark.executor.extraJavaOptions": BRIEF,
    "spark.executor.memory": "1g",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.showConsoleProgress": "false",
}


def needed() -> None:
    """Skip the test where the cluster lacks something; where CI could have installed it, fail."""
    lacking = missing()
    if lacking is None:
        return
    if os.environ.get("CI") and ("Java" not in lacking or java_can_be_installed()):
        pytest.fail(lacking, pytrace=False)
    pytest.skip(lacking)


def java_can_be_installed() -> bool:
    """Whether this is root of a machine whose packages include Java."""
    asked = ("apt-cache", "show", JAVA)
    return (
        os.getuid() == 0
        and bool(shutil.which("apt-cache"))
        and not subprocess.run(asked, check=False, capture_output=True).returncode
    )


def missing() -> str | None:
    """What the cluster lacks on this machine; None when it can be started."""
    for package, of in (("pyspark", "pyspark"), ("dbt.adapters.spark", "dbt-spark")):
        try:
            found = importlib.util.find_spec(package)
        except ModuleNotFoundError:
            found = None
        if found is None:
            return f"{of} is not installed (pip install 'hiring-elt[spark]')"
    return None if shutil.which("java") else f"no Java is installed (Debian: apt-get install {JAVA})"


def free_port() -> int:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """The address of the master, when both workers have told it that they are there."""
    import pyspark

    home = Path(pyspark.__file__).parent
    port, page = free_port(), free_port()
    log = folder / "cluster.log"
    environment = os.environ | {"SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_NO_DAEMONIZE": "1"}
    started: list[subprocess.Popen[bytes]] = []

    def start(kind: str, *words: str) -> None:
        command = [str(home / "bin" / "spark-class"), f"{CLASSES}.{kind}", *words]
        with log.open("ab") as writable:
            started.append(subprocess.Popen(command, env=environment, stdout=writable, stderr=writable))

    def wait_for(words: str, times: int) -> None:
        give_up = time.monotonic() + 120
        while log.read_text(errors="replace").count(words) < times:
            assert time.monotonic() < give_up, log.read_text(errors="replace")[-2000:]
            time.sleep(0.2)

    try:
        start("master.Master", "--host", "127.0.0.1", "--port", str(port), "--webui-port", str(page))
        wait_for("New state: ALIVE", 1)
        for number in (1, 2):
            place = str(folder / f"worker-{number}")
            one = ("--cores", "1", "--memory", "1500m", "--webui-port", "0", "--host", "127.0.0.1", "--work-dir", place)
            start("worker.Worker", *one, f"spark://127.0.0.1:{port}")
        wait_for("Successfully registered with master", 2)
        yield f"spark://127.0.0.1:{port}"
    finally:
        for process in reversed(started):
            process.terminate()
        for process in started:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(20)
