"""Simulated companies, read hourly, daily and weekly, all in one warehouse: every reading is an account of its own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import duckdb
from oracle import warehouse
from oracle.calculate import KEYS, Tables, calculate, calendar
from oracle.observed import Manner, Observed, every, observe
from oracle.shape import built, differences

from connector.sandbox import Company
from connector.sandbox.log import Event

END = datetime(2026, 3, 1, tzinfo=UTC)
HOURS = {"hourly": 1, "daily": 24, "weekly": 168}


@dataclass(frozen=True)
class Reading:
    """One company, read at one frequency."""

    seed: int
    frequency: str
    log: list[Event]
    instants: list[datetime]
    seen: Observed

    @property
    def name(self) -> str:
        return self.seen.account


def readings(
    seeds: Iterable[int],
    *,
    candidates: int = 60,
    days: int = 400,
    read_days: int = 365,
    frequencies: Iterable[str] = HOURS,
) -> list[Reading]:
    """Make the companies and read them; an odd seed is read with trouble: gaps, and sweeps that lose rows."""
    found = []
    for seed in seeds:
        company = Company(seed=seed, candidates=candidates, days=days, end=END)
        for frequency in frequencies:
            instants = every(END - timedelta(days=read_days), END, hours=HOURS[frequency])
            manner = Manner(privacy="full", seed=seed)
            if seed % 2:
                instants = with_gaps(instants, seed)
                manner.unproven_share = 0.08
            seen = observe(company.log, instants, manner)
            seen.account = f"{frequency}-{seed}"
            found.append(Reading(seed, frequency, company.log, instants, seen))
    return found


def with_gaps(instants: list[datetime], seed: int) -> list[datetime]:
    """Leave out every sixth refresh, and all of two and a half weeks."""
    chance = Random(seed)
    gap = instants[0] + timedelta(days=chance.randrange(10, 40))
    kept = [at for at in instants[:-1] if chance.random() > 0.16 and not gap < at < gap + timedelta(days=17)]
    return [*kept, instants[-1]]


def load(all_readings: Iterable[Reading], path: Path) -> Path:
    """Write all of them into one warehouse."""
    first, *others = all_readings
    warehouse.write(first.seen, path)
    with duckdb.connect(str(path)) as database:
        database.execute("set timezone = 'UTC'")
        for reading in others:
            warehouse.add(reading.seen, database)
    return path


def calculated(all_readings: Iterable[Reading]) -> Tables:
    """Every table, over all accounts."""
    tables: Tables = {name: [] for name in KEYS}
    for reading in all_readings:
        for name, rows in calculate(reading.seen).items():
            tables[name] += rows
    tables["dim_dates"] = calendar(tables, [reading.seen for reading in all_readings])
    return tables


def compared(tables: Tables, path: Path, names: Iterable[str] = KEYS) -> dict[str, list[str]]:
    """Table -> its first differences from what was built; nothing for those that are equal."""
    found = {}
    with duckdb.connect(str(path), read_only=True) as database:
        database.execute("set timezone = 'UTC'")
        for name in names:
            schema = "reports" if name.startswith("rpt_") else "marts"
            different = differences(tables[name], built(database, f"{schema}.{name}"), KEYS[name])
            if different:
                found[name] = [f"{len(different)} differences", *different[:8]]
    return found
