"""Sweeps of lists that move against them. None may be called proven that missed a row alive all the time."""

import random
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from moving_list import ORDERS, SORTED, MovingList, drive

from connector.sweep import Swept, sweep

EVENTS = [(0, 1, 0, 0), (0.5, 0.4, 0.1, 0), (0.3, 0.3, 0.3, 0.1), (0, 0.2, 0.8, 0), (0, 0, 0, 1), (0.3, 0.2, 0.4, 0.1)]
CHURN = [0, 0.03, 0.3, 3]
ROWS = [0, 5, 99, 100, 101, 150, 400, 1_000, 2_500]
PAST_END = ["empty", "refused", "last page again"]


@dataclass
class Tally:
    """Sweeps simulated, proven, proven but wrong, and by order how often proven."""

    simulated: int = 0
    proven: int = 0
    wrong: list[str] = field(default_factory=list)
    count_complete: int = 0
    count_complete_but_missed: int = 0
    unproven_and_missed: int = 0
    by_order: Counter[tuple[str, bool]] = field(default_factory=Counter)

    def add(self, moving: MovingList, swept: Swept) -> None:
        missed = moving.alive_throughout() - swept.seen.keys()
        stale = {row for row, mark in swept.seen.items() if not self._was_current(moving, row, mark)}
        is_proven = swept.verdict == "proven"
        self.simulated += 1
        self.proven += is_proven
        self.by_order[moving.order, is_proven] += 1
        self.count_complete += swept.verdict == "count_complete"
        self.count_complete_but_missed += bool(missed) and swept.verdict == "count_complete"
        self.unproven_and_missed += bool(missed) and swept.verdict == "unproven"
        if is_proven and (missed or stale):
            self.wrong.append(f"{moving.order} churn {moving.churn} seed {moving.seed} rows {moving.rows}")

    @staticmethod
    def _was_current(moving: MovingList, row: str, mark: object) -> bool:
        """Whether this version of the row was current at some moment of the sweep."""
        versions = moving.versions[row]
        died = next((later for later in versions if later > mark), moving.died.get(row))  # type: ignore[operator]
        return mark in versions and (died is None or died > moving.began)

    def share_proven(self, orders: Iterable[str]) -> float:
        of_these = [(proven, times) for (order, proven), times in self.by_order.items() if order in orders]
        return sum(times for proven, times in of_these if proven) / sum(times for _, times in of_these)

    def __str__(self) -> str:
        return (
            f"sweeps simulated {self.simulated}, proven {self.proven}, proven but wrong {len(self.wrong)}; "
            f"strictly sorted orders proven {self.share_proven(SORTED):.1%}; "
            f"count_complete {self.count_complete}, of them with a miss {self.count_complete_but_missed}; "
            f"unproven with a miss {self.unproven_and_missed}"
        )


def hostile(seed: int, largest: int = 100) -> tuple[MovingList, int]:
    """A list and a look-ahead drawn from a seed.

    Lists of small pages are short and calmer: one that grows faster than it can be read is followed for long.
    """
    draw = random.Random(seed)
    moving = MovingList(
        draw.choice(ROWS) * min(largest, 25) // 25,
        draw.choice(ORDERS),
        churn=draw.choice([*CHURN, 10]) * min(largest, 25) / 25,
        seed=seed,
        mix=draw.choice(EVENTS),
        behind=draw.random() < 0.5,
        purge=draw.choice([0, 0, 0.05, 0.2]),
        past_end=draw.choice(PAST_END),
    )
    return moving, draw.choice([0, 0, 1, 3, 8])


def swept_hostile(seeds: Iterable[int], largest: Sequence[int] = (100,)) -> Tally:
    tally = Tally()
    for seed in seeds:
        size = largest[seed % len(largest)]
        moving, ahead = hostile(seed, size)
        tally.add(moving, drive(sweep(ahead=ahead, largest=size), moving))
    return tally


def swept_steadily(rows: int, seeds: range, ahead: int) -> Tally:
    """Every order under every churn."""
    tally = Tally()
    for order in ORDERS:
        for churn in CHURN:
            for seed in seeds:
                moving = MovingList(rows, order, churn=churn, seed=seed)
                tally.add(moving, drive(sweep(ahead=ahead), moving))
    return tally


def test_no_sweep_of_a_hostile_list_is_proven_that_missed_a_row():
    tally = swept_hostile(range(400))

    assert tally.wrong == []
    assert tally.proven > 200


@pytest.mark.parametrize("ahead", [0, 3])
def test_strictly_sorted_lists_are_proven_and_others_are_not(ahead):
    """T1, a small one."""
    tally = swept_steadily(700, range(5), ahead)

    assert tally.wrong == []
    assert tally.share_proven(SORTED) >= 0.95
    assert tally.share_proven(set(ORDERS) - set(SORTED)) == 0


@settings(max_examples=100, deadline=None)
@given(
    rows=st.integers(0, 700),
    order=st.sampled_from(ORDERS),
    churn=st.floats(0, 5),
    seed=st.integers(0, 2**32),
    mix=st.sampled_from(EVENTS),
    behind=st.booleans(),
    purge=st.sampled_from([0, 0.1]),
    past_end=st.sampled_from(PAST_END),
    ahead=st.integers(0, 5),
    largest=st.integers(1, 12) | st.sampled_from([20, 37, 100]),
)
def test_whatever_the_list_does_proven_means_complete(
    rows, order, churn, seed, mix, behind, purge, past_end, ahead, largest
):
    moving = MovingList(rows, order, churn=churn, seed=seed, mix=mix, behind=behind, purge=purge, past_end=past_end)
    tally = Tally()
    tally.add(moving, drive(sweep(largest=largest, ahead=ahead), moving))

    assert tally.wrong == []


def test_no_sweep_in_small_pages_is_proven_that_missed_a_row():
    tally = swept_hostile(range(70_000, 70_030), largest=range(1, 13))

    assert tally.wrong == []
    assert tally.proven > 8


@pytest.mark.slow
def test_thousands_of_hostile_sweeps_in_small_pages(capsys):
    tally = swept_hostile(range(2_000_000, 2_001_200), largest=range(1, 13))
    with capsys.disabled():
        sys.stdout.write(f"\nhostile lists in pages of 1 to 12: {tally}\n")

    assert tally.wrong == []


@pytest.mark.slow
def test_thousands_of_hostile_sweeps(capsys):
    tally = swept_hostile(range(1_000_000, 1_006_000))
    with capsys.disabled():
        sys.stdout.write(f"\nhostile lists: {tally}\n")

    assert tally.wrong == []


@pytest.mark.slow
@pytest.mark.parametrize("ahead", [0, 3])
def test_every_order_under_every_churn_200_times(capsys, ahead):
    """T1."""
    tally = swept_steadily(1_000, range(200), ahead)
    with capsys.disabled():
        sys.stdout.write(f"\nsteady churn, {ahead} windows ahead: {tally}\n")

    assert tally.wrong == []
    assert tally.share_proven(SORTED) >= 0.95
