"""`make accuracy`: what is missed, and how far the figures are off, when a company is read hourly, daily or weekly.

Simulated companies are read for a year at each frequency; the same figures from a reading at every single change, and
the event log, are the truth. Nothing is asserted here: the table is for the README.
"""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from connector.sandbox import Company
from oracle.calculate import calculate
from oracle.errors import ErrorTable
from oracle.observed import Manner, every, observe
from oracle.truth import event_instants, truth

if TYPE_CHECKING:
    from collections.abc import Iterable

END = datetime(2026, 3, 1, tzinfo=UTC)
HOURS = {"hourly": 1, "daily": 24, "weekly": 168}
PLATFORMS = {"talent_ray": "Talent-Ray", "tailed": "Tailed"}


def error_tables(seeds: Iterable[int], *, days: int = 365, candidates: int = 80) -> dict[str, ErrorTable]:
    """The errors by frequency, over some companies, each read from its first day to its last."""
    tables = {frequency: ErrorTable(frequency) for frequency in HOURS}
    start = END - timedelta(days=days)
    for seed in seeds:
        log = Company(seed=seed, candidates=candidates, days=days, end=END).log
        true = truth(log)
        exact = calculate(observe(log, event_instants(log, END), Manner(seconds_apart=0, audit_every=1)))
        for frequency, hours in HOURS.items():
            tables[frequency].add(calculate(observe(log, every(start, END, hours=hours))), exact, true, start, END)
    return tables


def markdown(tables: dict[str, ErrorTable]) -> list[str]:
    """The tables as one table of the README, a column per platform and frequency."""
    heads = [f"{label}, {name}" for label in PLATFORMS.values() for name in tables]
    columns = [(platform, table) for platform in PLATFORMS for table in tables.values()]
    rows = [["true visits seen", *(_share(table.seen[platform]) for platform, table in columns)]]
    for label, share in (("median", 50), ("95th percentile", 95)):
        widths = [np.percentile(table.widths[platform] or [0.0], share) for platform, table in columns]
        rows.append([f"width of bounds, {label}, hours", *(f"{width:.1f}" for width in widths)])
    for name in dict.fromkeys(name for table in tables.values() for _, name in table.errors):
        errors = [table.errors.get((platform, name)) for platform, table in columns]
        rows.append([f"largest error: {name}", *("-" if error is None else f"{error:.2f}" for error in errors)])
    return [_line(["", *heads]), _line(["---"] * (len(heads) + 1)), *(_line(row) for row in rows)]


def _share(seen: list[int]) -> str:
    return f"{seen[0] / seen[1]:.1%}" if seen[1] else "-"


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="make accuracy", description=__doc__)
    parser.add_argument("--companies", type=int, default=20, help="how many companies are read")
    parser.add_argument("--days", type=int, default=365, help="for how long each is read")
    asked = parser.parse_args()
    tables = error_tables(range(201, 201 + asked.companies), days=asked.days)
    sys.stdout.write("\n".join(markdown(tables)) + "\n")


if __name__ == "__main__":
    main()
