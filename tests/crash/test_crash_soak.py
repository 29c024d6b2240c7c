"""Two hundred refreshes with faults and kills: the truth at the end, and nothing grows but the history."""

from __future__ import annotations

import os
import random
import statistics

from connector.sandbox import Fault
from tests.scenarios.town import later

REFRESHES = int(os.environ.get("REFRESHES", "200"))
PASSING = ("status", "reset", "cut", "html", "429", "bad_utf8", "wrong_length")
LASTING = (Fault("status", rate=1.0, status=501, path="/api/v1/candidates"), Fault("data_object", rate=1.0, path="/v1"))
LARGE = ("sourcing", "candidates", "applications")
"""Lists that live on whatever is deleted while they are read: one that became empty would rightly be disbelieved."""


def trouble(chance):
    """Trouble of one kind: at a tenth of all requests, or whenever some lists are asked for."""
    if chance.random() < 0.3:
        return [chance.choice(LASTING)]
    return [Fault(chance.choice(PASSING), rate=0.1, octets=60, retry_after="zero")]


def live(company, number):
    """Of three refreshes one finds that time passed, one that people edited, one that a working day went on."""
    later(company, hours=1)
    if number % 3 == 1:
        company.edit_some("talent_ray", "sourcing", 0.05)
    if number % 3 == 2:
        company.advance(hours=6)


def at_both_ends(figures):
    """The median of the first fifth and of the last; the first refreshes of a process fill its caches."""
    share = len(figures) // 5
    return statistics.median(figures[share // 2 : share + share // 2]), statistics.median(figures[-share:])


def test_200_refreshes_with_faults_and_kills_end_at_the_truth(town, zygote, one_process, capsys):
    """One process does all of them but those that are killed, so that memory and files it does not give back show."""
    chance = random.Random(50)
    numbers = range(1, REFRESHES + 1)
    killed = set(chance.sample(numbers[1::3], max(1, REFRESHES // 100)))
    troubled = set(chance.sample(numbers, REFRESHES // 20))
    elsewhere = town.warehouse.parent.parent / "elsewhere"
    elsewhere.mkdir()
    words = {"environment": {"TMPDIR": str(elsewhere)}}
    live(town.company, 2)
    events = zygote.refresh(town).events
    ended, held, sizes, versions = [], [], [], [sum(map(len, town.versions().values()))]
    for number in numbers:
        live(town.company, number)
        faults = trouble(chance) if number in troubled else []
        town.switch(faults=faults, churn_rate=0.1 if number % 9 == 2 else 0.0, churn_lists=LARGE)
        if number in killed:
            run = zygote.refresh(town, kill_at=1 + int(events * 0.9 * chance.random()), **words)
            assert run.status == -9, (number, run)
        else:
            run = one_process.refresh(town, **words)
            assert run.status in {0, 5, 8}, (number, run)
            assert town.rests() == [], number
            held.append(run)
        ended.append(run.status)
        sizes.append(town.warehouse.stat().st_size)
    versions.append(sum(map(len, town.versions().values())))
    town.switch(faults=[], churn_rate=0.0)
    assert one_process.refresh(town, "--full").status in {0, 5}
    assert one_process.refresh(town, "--full").status == 0

    memory = at_both_ends([run.memory_mb for run in held])
    files = at_both_ends([run.open_files for run in held])
    with capsys.disabled():
        statuses = {status: ended.count(status) for status in sorted(set(ended))}
        print(f"\n{REFRESHES} refreshes, {len(troubled)} with faults, by exit status {statuses}; versions {versions}")
        print(f"one process: memory {memory} MB, open files {files}; warehouse {sizes[0]:,} -> {sizes[-1]:,} bytes")
    assert town.differences() == {}
    assert town.rests() == []
    assert list(elsewhere.iterdir()) == []
    assert memory[1] < memory[0] * 1.25 + 20
    assert files[1] <= files[0]
    # Linear in versions: what a version costs does not grow.
    assert sizes[-1] / versions[-1] < 2 * sizes[0] / versions[0]
