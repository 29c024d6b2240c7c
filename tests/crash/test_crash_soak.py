"""Two hundred refreshes with faults and kills: the truth at the end, and nothing grows but the history."""

from __future__ import annotations

import random
import statistics

from connector.sandbox import Fault

REFRESHES = 200
KINDS = ("status", "reset", "cut", "html", "429", "bad_utf8", "wrong_length")


def faults(chance):
    """One refresh in twenty meets one kind of trouble, at a twentieth of its requests."""
    if chance.random() >= 0.05:
        return []
    kind = chance.choice(KINDS)
    return [Fault(kind, rate=0.05, octets=60, retry_after="zero")]


def test_200_refreshes_with_faults_and_kills_end_at_the_truth(town, zygote, capsys):
    chance = random.Random(55)
    ended, killed, sizes, versions, peaks = [], 0, [], [], []
    for number in range(1, REFRESHES + 1):
        town.company.edit_some("talent_ray", "sourcing", 0.05)
        town.company.advance(hours=2)
        town.switch(faults=faults(chance), churn_rate=chance.choice((0.0, 0.0, 0.1)))
        is_killed = chance.random() < 0.01
        build = number % 50 == 0 and not is_killed
        order = {"kill_after": chance.random() * 4} if is_killed else {}
        run = zygote.refresh(town, watched=False, build=build, **order)
        killed += run.status == -9
        ended.append(run.status)
        assert run.status in {0, 5, 8, -9}, (number, run)
        if not build:
            peaks.append(run.peak_mb)
        sizes.append(town.warehouse.stat().st_size)
        versions.append(sum(map(len, town.versions().values())))
    town.switch(faults=[], churn_rate=0.0)
    assert zygote.refresh(town, "--full", watched=False).status in {0, 5}
    assert zygote.refresh(town, "--full", watched=False).status == 0

    early, late = statistics.median(peaks[10:40]), statistics.median(peaks[-30:])
    with capsys.disabled():
        by_status = {status: ended.count(status) for status in sorted(set(ended))}
        print(
            f"\n{REFRESHES} refreshes, by exit status {by_status}; memory {early} -> {late} MB; "
            f"file {sizes[10] / 2**20:.1f} -> {sizes[-1] / 2**20:.1f} MB, versions {versions[10]} -> {versions[-1]}"
        )
    assert town.differences() == {}
    assert town.rests() == []
    assert late < early * 1.25 + 20
    # Linear in versions: what a version costs does not grow.
    assert sizes[-1] / versions[-1] < 2 * sizes[10] / versions[10]
