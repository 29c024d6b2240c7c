"""What a program costs: CPU seconds and peak memory of it and of those it started, by the system's own accounts."""

from __future__ import annotations

import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Cost:
    """CPU and wall seconds, and the megabytes of the largest process at its peak; `said` is what it printed last."""

    cpu_seconds: float
    seconds: float
    peak_megabytes: float
    said: str = ""


def run(arguments: Sequence[str], environment: Mapping[str, str] | None = None) -> Cost:
    """Run a Python program of ours, `-m` and so on, and say what it cost."""
    began = time.monotonic()
    with tempfile.TemporaryFile() as said:
        everything = os.environ | dict(environment or {})
        everything.pop("PYTHONDONTWRITEBYTECODE", None)  # installed programs are compiled
        process = subprocess.Popen([sys.executable, *arguments], env=everything, stdout=said, stderr=said)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        lines = said.read().decode(errors="replace").strip().splitlines() or [""]
        if process.returncode:
            raise SystemExit(f"{' '.join(arguments)} failed:\n" + "\n".join(lines[-30:]))
    return Cost(usage.ru_utime + usage.ru_stime, time.monotonic() - began, usage.ru_maxrss / 1024, lines[-1])


def middle(costs: Sequence[Cost]) -> Cost:
    """The median of each figure."""
    return Cost(
        statistics.median(cost.cpu_seconds for cost in costs),
        statistics.median(cost.seconds for cost in costs),
        statistics.median(cost.peak_megabytes for cost in costs),
        costs[-1].said,
    )


def slope(sizes: Sequence[int], figures: Sequence[float]) -> float:
    """The exponent with which figures grow with size: 1 is linear, 0 is flat."""
    x, y = [math.log(size) for size in sizes], [math.log(max(figure, 1e-9)) for figure in figures]
    return statistics.linear_regression(x, y).slope


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table as Markdown."""
    print("| " + " | ".join(head) + " |")
    print("| " + " | ".join(["---"] * len(head)) + " |")
    for row in rows:
        print("| " + " | ".join(map(str, row)) + " |", flush=True)
