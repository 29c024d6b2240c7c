"""Two hundred refreshes with faults and kills: the truth at the end, and nothing grows but the history."""

from __future__ import annotations

import os
import random
import statistics
from typing import Any

from connector.sandbox import Fault

REFRESHES = int(os.environ.get("REFRESHES", "200"))
KINDS = ("status", "reset", "cut", "html", "429", "bad_utf8", "wrong_length")


def faults(chance):
    """One refresh in twenty meets one kind of trouble, at a twentieth of its requests."""
    if chance.random() >= 0.05:
        return []
    kind = chance.choice(KINDS)
    return [Fault(kind, rate=0.05, octets=60, retry_after="zero")]


def test_200_refreshes_with_faults_and_kills_end_at_the_truth(town, zygote, capsys):
    chance = random.Random(50)
    events = zygote.refresh(town).events
    elsewhere = town.warehouse.parent.parent / "elsewhere"
    elsewhere.mkdir()
    ended, killed, sizes, versions, peaks = [], 0, [], [], []
    for number in range(1, REFRESHES + 1):
        town.company.edit_some("talent_ray", "sourcing", 0.05)
        town.company.advance(hours=2)
        town.switch(faults=faults(chance), churn_rate=chance.choice((0.0, 0.0, 0.1)))
        is_killed = chance.random() < 0.01
        order: dict[str, Any] = {"kill_at": 1 + chance.randrange(events)} if is_killed else {}
        run = zygote.refresh(town, watched=is_killed, environment={"TMPDIR": str(elsewhere)}, **order)
        killed += run.status == -9
        ended.append(run.status)
        assert run.status in {0, 5, 8, -9}, (number, run)
        peaks.append(run.peak_mb)
        assert is_killed or town.rests() == [], number
        sizes.append(town.warehouse.stat().st_size)
        versions.append(sum(map(len, town.versions().values())))
    town.switch(faults=[], churn_rate=0.0)
    assert zygote.refresh(town, "--full", watched=False).status in {0, 5}
    assert zygote.refresh(town, "--full", watched=False).status == 0

    early, late = statistics.median(peaks[: REFRESHES // 5]), statistics.median(peaks[-REFRESHES // 5 :])
    with capsys.disabled():
        by_status = {status: ended.count(status) for status in sorted(set(ended))}
        print(
            f"\n{REFRESHES} refreshes, by exit status {by_status}; memory {early} -> {late} MB; "
            f"file {sizes[5] / 2**20:.1f} -> {sizes[-1] / 2**20:.1f} MB, versions {versions[5]} -> {versions[-1]}"
        )
    assert town.differences() == {}
    assert killed or REFRESHES < 200
    assert town.rests() == []
    assert list(elsewhere.iterdir()) == []
    assert late < early * 1.25 + 20
    # Linear in versions: what a version costs does not grow.
    assert sizes[-1] / versions[-1] < 2 * sizes[5] / versions[5]
