"""A disk that is full, or becomes so in the middle: exit 7, the published file as it was, no rests."""

from __future__ import annotations

import shutil
import subprocess
import threading

import pytest

from tests.scenarios.town import Town, copied, later

LEADS = ("--platform", "talent_ray", "--select", "leads")
MEGABYTE = 2**20
PROBLEM = "The published warehouse is as it was."


@pytest.fixture
def small_disk(tmp_path):
    """Mounts a file system of so many bytes."""
    mounted = []

    def mount(size):
        folder = tmp_path / f"disk{len(mounted)}"
        folder.mkdir(mode=0o700)
        options = f"size={size},mode=0700"
        made = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], capture_output=True, text=True, check=False
        )
        if made.returncode != 0:
            pytest.skip(f"no file system can be mounted here: {made.stderr.strip()}")
        mounted.append(folder)
        return folder

    yield mount
    for folder in mounted:
        subprocess.run(["umount", str(folder)], check=True)


def moved(town, disk):
    """The town with its warehouse on another disk."""
    return Town(town.server, copied(town.warehouse, disk / "warehouse"), town.capture)


def refused(town, zygote, **order):
    before = town.digest()
    ended = zygote.refresh(town, *LEADS, watched=False, **order)
    output = (town.warehouse.parent.parent / "output.txt").read_text()

    assert ended.status == 7, output
    assert town.digest() == before
    assert [name for name in town.rests() if name != "filler"] == []
    assert "Traceback" not in output
    return output


def test_a_disk_without_room_for_the_copy_is_refused_before_anything_is_asked(town, zygote, small_disk):
    size = town.warehouse.stat().st_size
    full = moved(town, small_disk(2 * size + 20 * MEGABYTE))
    asked = len(full.server.journal)
    output = refused(full, zygote)

    assert "bytes free; the refresh needs" in output
    assert len(full.server.journal) == asked


def test_a_disk_that_fills_up_while_the_lists_are_read_ends_in_7(town, zygote, small_disk):
    size = town.warehouse.stat().st_size
    disk = small_disk(3 * size + 80 * MEGABYTE)
    full = moved(town, disk)
    full.company.edit_some("talent_ray", "sourcing", 0.5)
    asked = len(full.server.journal)
    filler = disk / "filler"
    is_over = threading.Event()

    def fill():
        while not any(path.startswith("/api/v1/sourcing") for path in full.asked(asked)):
            if is_over.wait(0.002):
                return
        free = shutil.disk_usage(disk).free
        with filler.open("wb") as file:
            file.write(b"x" * (free - 4096))

    thread = threading.Thread(target=fill)
    thread.start()
    try:
        refused(full, zygote)
    finally:
        is_over.set()
        thread.join()
    filler.unlink()

    assert zygote.refresh(full, *LEADS, watched=False).status == 0
    assert "talent_ray.leads" not in full.differences("talent_ray")


def full_from(town, zygote, points):
    """Refreshes during which the disk becomes full at one event; how each ended."""
    filler = town.warehouse.parent.parent / "filler"
    said = town.warehouse.parent.parent.parent / "said.txt"  # on another disk than the one that becomes full
    statuses = []
    for point in points:
        town.company.edit_some("talent_ray", "sourcing", 0.5)
        later(town.company, seconds=1)
        before = town.digest()
        said.unlink(missing_ok=True)
        ended = zygote.refresh(town, *LEADS, fill_at=point, filler=str(filler), output=str(said))
        output = said.read_text()
        statuses.append(ended.status)
        assert ended.status in {0, 7}, (ended, output)
        assert (town.digest() == before) == (ended.status == 7), ended
        assert town.rests() == [], ended
        assert "Traceback" not in output
        filler.unlink(missing_ok=True)
        if ended.status == 7:
            assert "bytes free" in output or "refused the load" in output, output
        else:
            assert "talent_ray.leads" not in town.differences("talent_ray")
    assert zygote.refresh(town, *LEADS, watched=False).status == 0
    assert "talent_ray.leads" not in town.differences("talent_ray")
    return statuses


@pytest.fixture
def on_a_small_disk(town, zygote, small_disk):
    """The town on a disk with room for a refresh, and how many events one has."""
    moved_town = moved(town, small_disk(3 * town.warehouse.stat().st_size + 90 * MEGABYTE))
    moved_town.company.edit_some("talent_ray", "sourcing", 0.5)
    whole = zygote.refresh(moved_town, *LEADS)
    assert whole.status == 0
    return moved_town, whole.events


def test_a_disk_that_is_full_from_some_step_on_ends_in_7_and_costs_nothing(on_a_small_disk, zygote, capsys):
    town, events = on_a_small_disk
    points = sorted({1, 2, 3, *(round(events * part / 12) for part in range(1, 12)), events - 6, events - 3, events})
    statuses = full_from(town, zygote, points)

    with capsys.disabled():
        print(f"\ndisk full from {len(points)} of {events} steps: {statuses.count(7)} ended in 7, the rest had room")
    assert statuses.count(7) > len(points) // 2


@pytest.mark.by_hand
@pytest.mark.parametrize("part", range(4))
def test_a_disk_that_is_full_from_any_step_on_ends_in_7_and_costs_nothing(on_a_small_disk, zygote, part, capsys):
    town, events = on_a_small_disk
    statuses = full_from(town, zygote, range(1 + part, events + 1, 4))

    with capsys.disabled():
        print(f"\ndisk full from {len(statuses)} of {events} steps, part {part}: {statuses.count(7)} ended in 7")


def test_a_disk_that_only_reads_ends_in_7_before_anything_is_asked(town, zygote, small_disk):
    disk = small_disk(3 * town.warehouse.stat().st_size + 90 * MEGABYTE)
    there = moved(town, disk)
    asked = len(there.server.journal)
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    before = there.digest()
    output = town.warehouse.parent.parent / "said.txt"
    ended = zygote.refresh(there, *LEADS, watched=False, output=str(output))

    assert ended.status == 7, output.read_text()
    assert "cannot be written to" in output.read_text()
    assert "--warehouse" in output.read_text()
    assert there.digest() == before
    assert len(there.server.journal) == asked


def limits(town, steps):
    """Sizes at which files stop growing: in the copy, then ever later in the load, the ledger and the checkpoint."""
    size = town.warehouse.stat().st_size
    return [size // 2, *(size + 65_536 * step for step in steps)]


def at_limits(town, zygote, steps):
    statuses = []
    for limit in limits(town, steps):
        town.company.edit_some("talent_ray", "sourcing", 0.9)
        before = town.digest()
        ended = zygote.refresh(town, *LEADS, watched=False, largest_file=limit)
        statuses.append(ended.status)
        output = (town.warehouse.parent.parent / "output.txt").read_text()
        assert ended.status in {0, 7}, output
        assert (town.digest() == before) == (ended.status == 7)
        assert town.rests() == []
    assert zygote.refresh(town, *LEADS, watched=False).status == 0
    assert "talent_ray.leads" not in town.differences("talent_ray")
    return statuses


def test_a_file_that_may_not_grow_ends_in_7(town, zygote):
    assert at_limits(town, zygote, (0,))[0] == 7


def test_files_that_stop_growing_at_any_size_end_in_7_or_not_at_all(town, zygote, capsys):
    statuses = at_limits(town, zygote, range(24))

    with capsys.disabled():
        print(f"\n{len(statuses)} limits of file size: {statuses.count(7)} ended in 7, {statuses.count(0)} had room")
    assert statuses.count(7) > 1
