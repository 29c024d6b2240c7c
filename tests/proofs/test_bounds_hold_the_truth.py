"""What was read is held against what happened: bounds, exact instants, and the errors that seldom reading makes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import pytest
from companies import END, HOURS, with_gaps
from oracle.accuracy import error_tables
from oracle.agreement import disagreements
from oracle.calculate import calculate
from oracle.errors import bounded_events
from oracle.observed import RETURNS_ARE_WIDE, Manner, every, observe
from oracle.truth import event_instants, truth

from connector.sandbox import Company

DAYS = 90
START = END - timedelta(days=DAYS)


def company(seed: int) -> Company:
    return Company(seed=seed, candidates=80, days=DAYS, end=END)


def outside(seeds: Iterable[int], hours: float) -> tuple[int, list[str]]:
    """How many events are known by bounds, and those whose bounds do not hold the truth."""
    count, found = 0, []
    for seed in seeds:
        log = company(seed).log
        manner = Manner(seed=seed, unproven_share=0.1 if seed % 2 else 0.0)
        instants = every(START, END, hours=hours)
        seen = observe(log, with_gaps(instants, seed) if seed % 2 else instants, manner)
        for event in bounded_events(calculate(seen), truth(log)):
            # A change made while nobody could see the record: see RETURNS_ARE_WIDE.
            if RETURNS_ARE_WIDE or not event.was_out_of_sight:
                count += 1
                if not event.is_inside:
                    found.append(f"seed {seed}: {event}")
    return count, found


def unequal(seeds: Iterable[int], hours: float) -> tuple[int, list[str]]:
    """How many applications were compared with the truth, and what differs."""
    count, found = 0, []
    for seed in seeds:
        log = company(seed).log
        manner = Manner(seconds_apart=0, audit_every=1, privacy="full")
        exact = calculate(observe(log, event_instants(log, END), manner))
        compared, different = disagreements(
            calculate(observe(log, every(START, END, hours=hours), manner)), exact, truth(log)
        )
        count += compared
        found += [f"seed {seed}: {line}" for line in different]
    return count, found


@pytest.mark.parametrize("frequency", ["daily", "weekly"])
def test_true_instants_lie_within_their_bounds(frequency: str) -> None:
    count, found = outside((1, 2), HOURS[frequency])

    assert count > 50
    assert found == []


def test_what_the_api_dates_is_exact_however_seldom_it_is_read() -> None:
    count, found = unequal((1,), HOURS["weekly"])

    assert count > 50
    assert found == []


@pytest.mark.slow
@pytest.mark.parametrize("frequency", HOURS)
def test_true_instants_lie_within_their_bounds_in_twenty_companies(frequency: str) -> None:
    count, found = outside(range(101, 121), HOURS[frequency])

    assert count > 500
    assert found == []


@pytest.mark.slow
@pytest.mark.parametrize("frequency", HOURS)
def test_what_the_api_dates_is_exact_in_twenty_companies(frequency: str) -> None:
    count, found = unequal(range(101, 121), HOURS[frequency])

    assert count > 1000
    assert found == []


@pytest.mark.slow
def test_the_oftener_a_company_is_read_the_less_is_missed() -> None:
    tables = error_tables(range(201, 204))

    for platform in ("talent_ray", "tailed"):
        shares = [tables[name].seen[platform][0] / tables[name].seen[platform][1] for name in HOURS]
        assert shares == sorted(shares, reverse=True)
        assert shares[0] > 0.95
