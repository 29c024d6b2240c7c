"""`make bench`: what a first load, an unchanged refresh and a refresh of 1 % changes cost, as ratios of one run.

CPU seconds and peak memory of whole processes, by the system's own accounts. Machines are noisy: quote the ratios.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SCENARIOS = ("first load", "unchanged", "1 % changed")
SLOW_BEYOND = 100_000
KEY_SETTING = "SOURCES__TALENT_RAY__API_KEY"


@dataclass(frozen=True)
class Cost:
    """What one process took."""

    cpu_seconds: float
    seconds: float
    peak_megabytes: float


def main() -> None:
    """Run all contestants at all sizes and print the tables."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--sizes", default="20000,100000", help="numbers of candidates, between commas")
    parser.add_argument("--contestants", default="pull,floor,ours,rest_api_parquet,rest_api")
    options = parser.parse_args()
    names = options.contestants.split(",")
    for size in map(int, options.sizes.split(",")):
        compete(size, [name for name in names if size <= SLOW_BEYOND or name != "rest_api"])


def compete(size: int, names: list[str]) -> None:
    """All contestants at one size, in turn, on one server."""
    with tempfile.TemporaryDirectory() as place, serving(size) as (url, key):
        costs: dict[tuple[str, str], Cost] = {}
        folders = {name: Path(place) / name for name in names}
        for name, folder in folders.items():
            folder.mkdir()
            for scenario in SCENARIOS[:2]:
                costs[name, scenario] = run(name, folder, url, key)
        post(f"{url}/sandbox/edit-some", {"platform": "talent_ray", "resource": "candidates", "share": 0.01})
        for name, folder in folders.items():
            costs[name, SCENARIOS[2]] = run(name, folder, url, key)
            shutil.rmtree(folder)
    show(size, names, costs)


@contextmanager
def serving(size: int) -> Iterator[tuple[str, str]]:
    """A sandbox of that many candidates in a process of its own: its URL and key."""
    command = [sys.executable, "-m", "connector.sandbox", "--light", "--candidates", str(size), "--no-rate-limit"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        found: dict[str, str] = {}
        assert process.stdout is not None
        for line in process.stdout:
            name, _, value = line.strip().removeprefix("export ").partition("=")
            found[name] = value.strip("'\"")
            if "SOURCES__TAILED__BASE_URL" in found:
                break
        yield found["SOURCES__TALENT_RAY__BASE_URL"], found[KEY_SETTING]
    finally:
        process.terminate()
        process.wait(30)


def post(url: str, body: dict[str, object]) -> None:
    """Tell the sandbox something."""
    request = urllib.request.Request(
        url, json.dumps(body).encode(), {"Content-Type": "application/json"}, method="POST"
    )
    with urllib.request.urlopen(request, timeout=600):
        pass


def run(name: str, folder: Path, url: str, key: str) -> Cost:
    """One contestant once."""
    command = [sys.executable, "-m", "tests.bench.contestants", name, str(folder)]
    environment = os.environ | {"BENCH_URL": url, "BENCH_KEY": key}
    began = time.monotonic()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, env=environment, stdout=said, stderr=said)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            raise SystemExit(f"{name} failed: {said.read()[-2000:].decode()}")
    return Cost(cpu(usage), time.monotonic() - began, usage.ru_maxrss / 1024)


def cpu(usage: resource.struct_rusage) -> float:
    """User and system time."""
    return usage.ru_utime + usage.ru_stime


def show(size: int, names: list[str], costs: dict[tuple[str, str], Cost]) -> None:
    """The figures, then the ratios that we answer for."""
    print(f"\n### {size:,} candidates\n\n| | " + " | ".join(f"{s}: CPU s, wall s, MB" for s in SCENARIOS) + " |")
    print("| --- |" + " --- |" * len(SCENARIOS))
    for name in names:
        cells = [costs[name, scenario] for scenario in SCENARIOS]
        told = " | ".join(f"{c.cpu_seconds:.1f}, {c.seconds:.1f}, {c.peak_megabytes:.0f}" for c in cells)
        print(f"| {name} | {told} |")
    print("\nCPU seconds of ours as a ratio to:")
    for name in names:
        if name != "ours":
            ratios = [costs["ours", s].cpu_seconds / costs[name, s].cpu_seconds for s in SCENARIOS]
            told = ", ".join(f"{s} {ratio:.2f}" for s, ratio in zip(SCENARIOS, ratios, strict=True))
            print(f"- {name}: {told}")
    again = costs["ours", "1 % changed"].cpu_seconds / costs["ours", "unchanged"].cpu_seconds
    print(f"- ours unchanged: 1 % changed {again:.2f}", flush=True)


if __name__ == "__main__":
    main()
