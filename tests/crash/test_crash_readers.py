"""Readers who open the file in a loop while it is refreshed: no error, and never two refreshes in one read."""

from __future__ import annotations

import json
import subprocess
import sys


def read_during(town, zygote, *, readers, refreshes):
    """What all readers saw, by refresh: the figures of each read."""
    stop = town.warehouse.parent.parent / "stop"
    outputs = [(town.warehouse.parent.parent / f"reader{number}").open("w+") for number in range(readers)]
    words = [sys.executable, "-m", "tests.crash.reader_loop", str(town.warehouse), str(stop)]
    root = str(zygote.root)
    loops = [subprocess.Popen(words, stdout=output, stderr=output, cwd=root) for output in outputs]
    try:
        for _ in range(refreshes):
            town.company.edit_some("talent_ray", "sourcing", 0.2)
            town.company.advance(hours=1)
            assert zygote.refresh(town, watched=False).status == 0
    finally:
        stop.touch()
        for loop in loops:
            loop.wait(30)
    found: dict[str, set[str]] = {}
    reads = 0
    for output in outputs:
        output.seek(0)
        for line in output:
            read = json.loads(line)
            assert "error" not in read, read
            (first,), (second,), *figures = read["seen"]
            assert first == second
            found.setdefault(first, set()).add(json.dumps(figures))
            reads += 1
        output.close()
    return found, reads


def check(town, zygote, capsys, *, readers, refreshes):
    found, reads = read_during(town, zygote, readers=readers, refreshes=refreshes)

    assert all(len(figures) == 1 for figures in found.values())
    assert len(found) > refreshes // 2
    with capsys.disabled():
        print(f"\n{readers} readers, {refreshes} refreshes: {reads} reads, 0 errors, {len(found)} refreshes seen whole")


def test_readers_in_a_loop_see_whole_refreshes_and_no_error(town, zygote, capsys):
    check(town, zygote, capsys, readers=4, refreshes=2)


def test_ten_readers_through_30_refreshes_see_whole_refreshes_and_no_error(town, zygote, capsys):
    check(town, zygote, capsys, readers=10, refreshes=30)
