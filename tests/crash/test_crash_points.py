"""A refresh killed at any point: readers see the old warehouse or the new one whole, and one more run is enough."""

from __future__ import annotations

import random
import time

import pytest

from tests.scenarios.town import later

LEADS = ("--platform", "talent_ray", "--select", "leads")


class Crashes:
    """Kills refreshes of one town again and again, and looks at what readers and the next run find."""

    def __init__(self, town, zygote, one_process, words):
        self.town = town
        self.zygote = zygote
        self.one_process = one_process
        self.words = words
        self.build = False
        self.tried = self.old = self.new = 0

    def state(self):
        """What readers see: all versions, and the refreshes that made them."""
        refreshes = self.town.ask("select refresh_id from meta.refreshes order by 1")
        return self.town.versions(), refreshes

    def kill(self, **when):
        """Change something, kill the refresh that brings it; then refresh once more."""
        town = self.town
        town.company.edit_some("talent_ray", "sourcing", 0.5)
        later(town.company, seconds=1)
        before = self.state()
        ended = self.zygote.refresh(town, *self.words, build=self.build, **when)
        after = self.state()
        assert after[0] == before[0] or town.differences("talent_ray") == {}, ended
        self.tried += 1
        self.old += after == before
        self.new += after != before
        return ended

    def recover(self):
        """One more run is good, leaves no rests, and the tables equal the truth."""
        assert self.one_process.refresh(self.town, *self.words, build=self.build).status == 0
        assert self.town.differences("talent_ray") == {}
        assert self.town.rests() == []


@pytest.fixture
def crashes(town, zygote, one_process):
    """Steps were read whole before, so that only what the tests change differs from the truth."""
    assert one_process.refresh(town, "--full").status == 0
    return Crashes(town, zygote, one_process, LEADS)


def points_of(crashes):
    """How many events a whole refresh has."""
    crashes.town.company.edit_some("talent_ray", "sourcing", 0.5)
    whole = crashes.zygote.refresh(crashes.town, *crashes.words, build=crashes.build)
    assert whole.status == 0
    return whole.events


def kill_at(crashes, points):
    seen = set()
    for k in points:
        ended = crashes.kill(kill_at=k)
        assert ended.status in {-9, 0}, ended
        seen.add(ended.at.split(" ")[0])
        crashes.recover()
    return seen


def test_a_kill_in_any_phase_leaves_the_old_warehouse_or_the_new_one(crashes, capsys):
    points = points_of(crashes)
    # From the lock to the clean-up after the swap; the last events are those around the rename.
    kill_at(crashes, sorted({*range(3, points, 10), *(points - number for number in (12, 8, 5, 3, 1))}))

    with capsys.disabled():
        print(f"\n{crashes.tried} of {points} crash points: {crashes.old} old, {crashes.new} new, 0 wedged")
    assert crashes.old
    assert crashes.new


def test_a_kill_while_models_are_built_leaves_the_old_warehouse_and_the_next_run_builds_them(crashes, capsys):
    loading = points_of(crashes)
    crashes.build = True
    points = points_of(crashes)
    kill_at(crashes, [loading + (points - loading) * part // 4 for part in range(1, 4)])

    with capsys.disabled():
        print(
            f"\n{crashes.tried} of {points - loading} steps of building: {crashes.old} old, {crashes.new} new, 0 wedged"
        )
    assert crashes.old == crashes.tried


@pytest.mark.by_hand
@pytest.mark.parametrize("part", range(4))
def test_a_kill_at_every_crash_point_leaves_the_old_warehouse_or_the_new_one(crashes, part, capsys):
    points = points_of(crashes)
    kill_at(crashes, range(1 + part, points + 1, 4))

    with capsys.disabled():
        print(
            f"\n{crashes.tried} of {points} crash points, part {part}: {crashes.old} old, {crashes.new} new, 0 wedged"
        )


def test_50_kills_at_random_times_in_a_row_and_one_good_run_equal_the_truth(crashes, capsys):
    chance = random.Random(16)
    crashes.town.company.advance(hours=3)
    began = time.monotonic()
    assert crashes.zygote.refresh(crashes.town, watched=False).status == 0
    seconds = time.monotonic() - began
    crashes.words = ()
    for run in range(1, 51):
        if run % 5 == 0:
            crashes.town.company.advance(hours=3)
        before = crashes.town.versions()
        ended = crashes.zygote.refresh(crashes.town, watched=False, kill_after=chance.random() * seconds * 1.5)
        after = crashes.town.versions()
        assert ended.status in {-9, 0}
        assert ended.status == 0 or all(before[name] == after[name] for name in before) or after != before
        crashes.tried += 1
        crashes.old += before == after
    assert crashes.zygote.refresh(crashes.town, "--full", watched=False).status == 0

    with capsys.disabled():
        print(f"\n{crashes.tried} kills at random times, {crashes.old} left the old warehouse; then one run: the truth")
    assert crashes.town.differences() == {}
    assert crashes.town.rests() == []
