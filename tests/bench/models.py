"""All models and their tests on synthetic warehouses: built from nothing, and again when 1 % of them moved."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench import synthetic
from tests.bench.measure import Cost, run, slope, table

MEMORY_LIMIT = "2GB"
LOOK_SECONDS = 0.5


@dataclass(frozen=True)
class Building:
    """What a build cost, and the largest amount of megabytes that lay in its spill folder."""

    cost: Cost
    spilled_megabytes: float


def build(warehouse: Path) -> Building:
    """`hiring-elt build` under the memory limit."""
    program = "from pipelines.cli import main; main()"
    with _watched(warehouse) as spilled:
        cost = run(["-c", program, "build", "-w", str(warehouse)], {"DUCKDB_MEMORY_LIMIT": MEMORY_LIMIT})
    left = [path.name for path in warehouse.parent.iterdir() if "work" in path.name or path.suffix == ".tmp"]
    if left:
        raise SystemExit(f"left behind: {left}")
    return Building(cost, max(spilled))


@contextmanager
def _watched(warehouse: Path) -> Iterator[list[float]]:
    """The megabytes in spill folders, looked at twice a second; each must be in the private folder."""
    found = [0.0]
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(LOOK_SECONDS):
            sizes = [0.0]
            for path in warehouse.parent.rglob("*.tmp/*"):
                try:
                    sizes.append(path.stat().st_size / 2**20)
                except FileNotFoundError:
                    continue
                if path.parent.parent.stat().st_mode & 0o077:
                    found.append(float("inf"))
            found.append(sum(sizes))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield found
    finally:
        ended.set()
        thread.join()


def bench(sizes: Sequence[int]) -> None:
    """Each size from nothing and after a change; then how time and memory grow."""
    print(f"\n### All models and tests, memory limit {MEMORY_LIMIT}\n")
    rows, full, peaks = [], [], []
    for size in sizes:
        with tempfile.TemporaryDirectory() as place:
            warehouse = Path(place) / "hiring.duckdb"
            synthetic.fill(warehouse, size)
            before = warehouse.stat().st_size
            first = build(warehouse)
            synthetic.change_one_in_a_hundred(warehouse)
            again = build(warehouse)
            disk = warehouse.stat().st_size
        full.append(first.cost.cpu_seconds)
        peaks.append(first.cost.peak_megabytes)
        rows.append(
            [
                f"{size:,}",
                f"{4 * size:,}",
                *_cells(first),
                *_cells(again),
                f"{before / 2**20:.0f}",
                f"{disk / 2**20:.0f}",
            ]
        )
    head = ["applications", "steps"]
    head += [f"{build}: {what}" for build in ("full", "again") for what in ("CPU s", "s", "peak MB", "spilled MB")]
    table([*head, "raw MB", "file MB"], rows)
    if len(sizes) > 1:
        print(f"\nSlopes, log against log: CPU seconds {slope(sizes, full):.2f}, memory {slope(sizes, peaks):.2f}")


def _cells(building: Building) -> list[str]:
    cost = building.cost
    figures = (cost.cpu_seconds, cost.seconds, cost.peak_megabytes, building.spilled_megabytes)
    return [f"{figure:.0f}" for figure in figures]
