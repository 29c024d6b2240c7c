"""Servers in processes of their own: what they cost is nobody's whose figures we take."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

KEY_SETTING = "SOURCES__TALENT_RAY__API_KEY"
URL_SETTING = "SOURCES__TALENT_RAY__BASE_URL"
LAST_SETTING = "SOURCES__TAILED__BASE_URL"
ANY_KEY = f"tr_{'k' * 64}"


@dataclass(frozen=True)
class Served:
    """Where it serves, and the key that opens it."""

    url: str
    key: str

    def environment(self) -> dict[str, str]:
        """How the contestants are told."""
        return {"BENCH_URL": self.url, "BENCH_KEY": self.key}

    def edit_one_in_a_hundred(self) -> None:
        """Change candidates."""
        with urllib.request.urlopen(f"{self.url}/sandbox/edit-some", data=b"{}", timeout=60):
            pass

    def refusals(self) -> int:
        """How many requests the sandbox refused because they were too many."""
        with urllib.request.urlopen(f"{self.url}/sandbox/journal", timeout=600) as reply:
            return sum(entry["status"] == 429 for entry in json.load(reply))


@contextmanager
def endless(candidates: int) -> Iterator[Served]:
    """A list of that many candidates, cheaply served."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.endless", str(candidates)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield Served(process.stdout.readline().strip(), ANY_KEY)
    finally:
        process.terminate()
        process.wait(30)


@contextmanager
def sandbox(candidates: int, *, requests_per_minute: int) -> Iterator[Served]:
    """A company of that many candidates behind a rate limit."""
    command = [sys.executable, "-m", "connector.sandbox", "--light", "--candidates", str(candidates)]
    command += ["--requests-per-minute", str(requests_per_minute)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        found: dict[str, str] = {}
        assert process.stdout is not None
        for line in process.stdout:
            name, _, value = line.strip().removeprefix("export ").partition("=")
            found[name] = value.strip("'\"")
            if LAST_SETTING in found:
                break
        yield Served(found[URL_SETTING], found[KEY_SETTING])
    finally:
        process.terminate()
        process.wait(30)
