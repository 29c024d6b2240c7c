"""How a refresh of a list grows with the number of candidates: requests, time, memory, disk; on paper beyond."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.bench.measure import run, slope, table
from tests.bench.server import endless

ON_PAPER = (10_000, 100_000, 1_000_000, 10_000_000)
LIMIT_A_MINUTE = 600
SHARE_CHANGED, SHARE_OPEN = 0.01, 0.05


def bench(sizes: Sequence[int]) -> None:
    """Measure the sizes, fit the slopes, print the requests of larger ones."""
    rows, columns = [], []
    for size in sizes:
        figures = measured(size)
        columns.append(figures)
        rows.append([f"{size:,}", *(f"{figure:.0f}" if figure >= 10 else f"{figure:.1f}" for figure in figures)])
    slopes = []
    if len(sizes) > 1:
        # What is spent once, whatever the size, flattens the small end: the two largest tell more of what is to come.
        for name, first in (("slope", 0), ("slope of the two largest", len(sizes) - 2)):
            fitted = [slope(sizes[first:], column[first:]) for column in zip(*columns, strict=True)]
            slopes.append([name, *(f"{one:.2f}" for one in fitted)])
    print("\n### A list of candidates, first load and unchanged refresh\n")
    head = ["first: CPU s", "first: peak MB", "unchanged: CPU s", "unchanged: peak MB", "file MB"]
    table(["candidates", *head], [*rows, *slopes])
    on_paper()


def measured(size: int) -> tuple[float, ...]:
    """CPU seconds and peak memory of a first load and of an unchanged refresh, and the megabytes of the file."""
    with tempfile.TemporaryDirectory() as place, endless(size) as served:
        command = ["-m", "tests.bench.contestants", "ours", place]
        settings = served.environment() | {"BENCH_CANDIDATES": str(size), "DUCKDB_MEMORY_LIMIT": "2GB"}
        first, again = run(command, settings), run(command, settings)
        disk = (Path(place) / "ours.duckdb").stat().st_size / 2**20
    return first.cpu_seconds, first.peak_megabytes, again.cpu_seconds, again.peak_megabytes, disk


def on_paper() -> None:
    """What the rate limit makes of it: the list, and the steps of what changed, is open, or is due for the audit."""
    from connector.fan_out import AUDIT_SHARE
    from connector.sweep import predicted_requests

    print(f"\n### On paper: {LIMIT_A_MINUTE} requests a minute, 1 % changed, 5 % open\n")
    rows = []
    for size in ON_PAPER:
        windows = predicted_requests(size)
        quiet = 1 - SHARE_CHANGED - SHARE_OPEN
        steps = math.ceil(size * (SHARE_CHANGED + SHARE_OPEN + quiet * AUDIT_SHARE))
        rows.append([f"{size:,}", f"{windows:,}", *_told(windows + size), *_told(windows + steps)])
    head = ["candidates", "list requests", "first load: requests", "hours", "daily refresh: requests", "hours"]
    table(head, rows)


def _told(requests: int) -> tuple[str, str]:
    return f"{requests:,}", f"{requests / LIMIT_A_MINUTE / 60:.1f}"
