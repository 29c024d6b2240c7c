"""Runs the program in forked children that can be killed at any event: a zygote that has imported everything once.

With the argument `stays` nothing is forked: one process runs every order, so that what it leaks can be seen.

Reads one JSON object a line: `arguments`, `environment`, `folder` (what lies in it is watched), `kill_at` (the number
of the event at which SIGKILL comes, or `signal`), `kill_after` (the same after so many seconds), `largest_file` (bytes
that a file may have), `fill_at` (the event at which the file `filler` takes all that is free on its disk), `output` (a
file). Answers with one: `status` (negative: the signal), `events`, `seconds`, `at` (the event of the kill, or `end`),
`seconds_after` (from that to the end), `peak_mb`, `sockets` (addresses that were connected to or looked up); one that
stays answers with `status`, `memory_mb`, `open_files`.

An event is whatever changes something or might: files opened for writing, renamed, removed, made, synced; locks; each
statement that goes to DuckDB, before and after.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import resource
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pipelines  # noqa: F401 - switches telemetry off before dlt is imported
from pipelines import (
    cli,
    refresh,  # noqa: F401 - imported before the fork
    summary,  # noqa: F401
)

LATE = (
    "dlt._workspace",
    "dlt.common.libs.sql_alchemy_compat",
    "dlt.destinations.impl.duckdb.duck",
    "encodings.idna",
    "pipelines.anywhere.warehouse",
    "pipelines.monitoring.run",
    "pipelines.status",
    "pyarrow.dataset",
    "pyarrow.parquet",
    "pydantic",
    "requests",
    "rich._emoji_codes",
)
"""What a refresh imports when it comes to it: 240 modules that each child would import anew."""
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
PATH_EVENTS = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "os.chmod", "shutil.rmtree", "os.link"}
LOCK_EVENTS = {"fcntl.flock", "fcntl.ioctl"}
WATCHED_CALLS = {"fsync", "replace", "ftruncate", "pwrite"}
STATEMENTS = {"execute", "executemany", "connect", "close", "commit", "begin", "rollback", "sql", "append"}


class Watch:
    """Counts events and kills the process at one of them."""

    def __init__(self, order: dict[str, Any], report: int) -> None:
        self.folder = order["folder"]
        self.kill_at = order.get("kill_at")
        self.signal = order.get("signal", signal.SIGKILL)
        self.fill_at = order.get("fill_at")
        self.filler = order.get("filler", "")
        self.report = report
        self.count = 0
        self.lock = threading.Lock()

    def event(self, name: str) -> None:
        with self.lock:
            self.count += 1
            if self.count == self.kill_at:
                os.write(self.report, f"{self.count} {time.monotonic()} {name}\n".encode())
                os.kill(os.getpid(), self.signal)
                if self.signal == signal.SIGKILL:
                    time.sleep(60)
            if self.count == self.fill_at:
                os.write(self.report, f"{self.count} {time.monotonic()} {name}\n".encode())
                fill(self.filler)

    def audit(self, name: str, arguments: tuple[Any, ...]) -> None:
        if name in {"socket.connect", "socket.getaddrinfo"}:
            place = arguments[1] if name == "socket.connect" else arguments[0]
            os.write(self.report, f"0 0 socket {place}\n".encode())
        elif name == "open":
            path, _, flags = arguments
            if isinstance(flags, int) and flags & WRITING and str(path).startswith(self.folder):
                self.event(f"open {Path(str(path)).name}")
        elif name in PATH_EVENTS:
            if str(arguments[0]).startswith(self.folder):
                self.event(f"{name} {Path(str(arguments[0])).name}")
        elif name in LOCK_EVENTS:
            self.event(name)

    def profile(self, frame: Any, kind: str, called: Any) -> None:
        if kind not in {"c_call", "c_return"}:
            return
        name = getattr(called, "__name__", "")
        if name in WATCHED_CALLS and getattr(called, "__module__", "") == "posix":
            self.event(f"{name} {kind}")
        elif name in STATEMENTS and "duckdb" in type(getattr(called, "__self__", None)).__module__:
            self.event(f"duckdb {name} {kind}")


def fill(filler: str) -> None:
    """Take all that is free on a disk."""
    descriptor = os.open(filler, os.O_WRONLY | os.O_CREAT, 0o600)
    piece = b"x" * 2**20
    try:
        while piece:
            try:
                os.write(descriptor, piece)
            except OSError:
                piece = piece[: len(piece) // 2]
    finally:
        os.close(descriptor)


def settle(order: dict[str, Any]) -> None:
    """Make this process one that somebody started: environment, output, folder, rights."""
    os.environ.clear()
    os.environ.update(order["environment"])
    output = os.open(order["output"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(output)
    os.chdir(order["folder"])
    os.umask(0o077)


def command(order: dict[str, Any]) -> int:
    """Run the command in this process."""
    sys.argv = ["hiring-elt", *order["arguments"]]
    try:
        return cli.guarded(lambda: cli.app(order["arguments"], standalone_mode=False))
    finally:
        sys.setprofile(None)
        sys.stdout.flush()
        sys.stderr.flush()


def child(order: dict[str, Any], report: int) -> int:
    """Run the command in this process, watched."""
    settle(order)
    if order.get("largest_file"):
        resource.setrlimit(resource.RLIMIT_FSIZE, (order["largest_file"], order["largest_file"]))
    watch = Watch(order, report)
    if order.get("watched", True):
        sys.addaudithook(watch.audit)
        threading.setprofile(watch.profile)
        sys.setprofile(watch.profile)
    try:
        return command(order)
    finally:
        os.write(report, f"{watch.count} {time.monotonic()} end\n".encode())


def run_here(order: dict[str, Any]) -> dict[str, Any]:
    """Run the command in this process, which lives on; tell what it holds afterwards."""
    settle(order)
    status = command(order)
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return {
        "status": status,
        "memory_mb": pages * resource.getpagesize() // 2**20,
        "open_files": len(list(Path("/proc/self/fd").iterdir())),
    }


def run(order: dict[str, Any]) -> dict[str, Any]:
    """Fork, wait, tell."""
    reading, writing = os.pipe()
    began = time.monotonic()
    process = os.fork()
    if process == 0:
        os.close(reading)
        status = 1
        try:
            status = child(order, writing)
        finally:
            os._exit(status)
    os.close(writing)
    if order.get("kill_after") is not None:
        timer = threading.Timer(order["kill_after"], os.kill, (process, order.get("signal", signal.SIGKILL)))
        timer.start()
    else:
        timer = None
    _, waited, used = os.wait4(process, 0)
    if timer is not None:
        timer.cancel()
        timer.join()
    told = b""
    while piece := os.read(reading, 4096):
        told += piece
    os.close(reading)
    ended = time.monotonic()
    told_events = [line.split(" ", 2) for line in told.decode().splitlines()]
    events = [event for event in told_events if event[0] != "0"] or [["0", str(ended), ""]]
    count, _, _ = events[-1]
    _, at, name = events[0]
    return {
        "status": os.waitstatus_to_exitcode(waited),
        "events": int(count),
        "at": name,
        "sockets": sorted({text.removeprefix("socket ") for number, _, text in told_events if number == "0"}),
        "seconds": ended - began,
        "seconds_after": ended - float(at),
        "peak_mb": used.ru_maxrss // 1024,
    }


def main(*words: str) -> None:
    """Serve orders until standard input ends."""
    serve = run_here if "stays" in words else run
    answers = os.fdopen(os.dup(1), "w")
    for name in LATE:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()  # what a child does not look at is not copied for it
    print("ready", file=answers, flush=True)
    for line in sys.stdin:
        print(json.dumps(serve(json.loads(line))), file=answers, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
