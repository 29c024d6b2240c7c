"""One list of candidates, brought into DuckDB in several ways: a first load, an unchanged refresh, 1 % changed."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.bench.measure import Cost, middle, run, table
from tests.bench.server import Served, endless

FIRST, UNCHANGED, CHANGED = SCENARIOS = ("first load", "unchanged", "1 % changed")
CONTESTANTS = ("pull", "floor", "ours", "rest_api_parquet", "rest_api")
SLOW_BEYOND = {"rest_api": 20_000, "rest_api_parquet": 100_000}

Costs = dict[tuple[str, str], Cost]


def compete(size: int, names: Sequence[str], repeats: int) -> Costs:
    """All contestants at one size, in turn, on one server; of repeated runs the median."""
    costs: Costs = {}
    with tempfile.TemporaryDirectory() as place, endless(size) as served:
        folders = {name: Path(place) / name for name in names}
        for name, folder in folders.items():
            folder.mkdir()
            costs[name, FIRST] = _once(name, folder, served, size)
        for name, folder in folders.items():
            costs[name, UNCHANGED] = middle([_once(name, folder, served, size) for _ in range(repeats)])
        several = {name: [] for name in names}
        for _ in range(repeats):
            served.edit_one_in_a_hundred()
            for name, folder in folders.items():
                several[name].append(_once(name, folder, served, size))
        costs |= {(name, CHANGED): middle(found) for name, found in several.items()}
        for folder in folders.values():
            shutil.rmtree(folder)
    return costs


def _once(name: str, folder: Path, served: Served, size: int) -> Cost:
    settings = served.environment() | {"BENCH_CANDIDATES": str(size)}
    return run(["-m", "tests.bench.contestants", name, str(folder)], settings)


def show(size: int, names: Sequence[str], costs: Costs) -> None:
    """The figures, then the ratios that we answer for."""
    print(f"\n### {size:,} candidates: CPU seconds / peak MB\n")
    cells = {key: f"{cost.cpu_seconds:.1f} / {cost.peak_megabytes:.0f}" for key, cost in costs.items()}
    table(["", *SCENARIOS], [[name, *(cells[name, scenario] for scenario in SCENARIOS)] for name in names])
    print("\nCPU seconds of ours, as a ratio\n")
    rows = []
    for name in names:
        if name != "ours" and "ours" in names:
            ratios = [costs["ours", s].cpu_seconds / costs[name, s].cpu_seconds for s in SCENARIOS]
            rows.append([f"to {name}", *(f"{ratio:.2f}" for ratio in ratios)])
    if "ours" in names:
        itself = [costs["ours", s].cpu_seconds / costs["ours", UNCHANGED].cpu_seconds for s in SCENARIOS]
        rows.append(["to ours unchanged", *(f"{ratio:.2f}" for ratio in itself)])
    table(["", *SCENARIOS], rows)


def bench(sizes: Sequence[int], names: Sequence[str], repeats: int, *, all_of_them: bool) -> None:
    """Every size; contestants that would take minutes are left out of the large ones unless all are asked for."""
    for size in sizes:
        able = [name for name in names if all_of_them or size <= SLOW_BEYOND.get(name, size)]
        show(size, able, compete(size, able, repeats if size <= min(SLOW_BEYOND.values()) else 1))
