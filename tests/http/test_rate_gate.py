"""The gate against a server that counts: simulated time, random latencies, two real processes."""

from __future__ import annotations

import fcntl
import heapq
import json
import os
import random
import signal
import stat
import struct
import subprocess
import sys
import threading
import time
from bisect import bisect_left
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from pathlib import Path

from connector.errors import Stopped
from connector.http.rate_limit import RateGate, Ticket
from connector.http.secret import Secret
from connector.http.shared_file import share_file


@dataclass
class World:
    """Workers without end of work, and a server that writes down when each request arrived. Nothing sleeps."""

    gate_options: dict[str, object]
    workers: int = 8
    latency: tuple[float, float] = (0.02, 0.4)
    seed: int = 0
    now: float = 1_000.0
    arrivals: list[float] = field(default_factory=list)

    def gate(self, **more: object) -> RateGate:
        return RateGate(**self.gate_options, **more, clock=lambda: self.now)

    def run(self, gates: list[RateGate], seconds: float) -> None:
        chance = random.Random(self.seed)
        end = self.now + seconds
        events: list[tuple[float, int, RateGate, Ticket | None]] = [
            (self.now + chance.random(), worker, gates[worker % len(gates)], None) for worker in range(self.workers)
        ]
        heapq.heapify(events)
        while events and (event := heapq.heappop(events))[0] < end:
            self.now, worker, gate, ticket = event
            if ticket is not None:
                gate.settle(ticket)
            answer = gate.attempt()
            if isinstance(answer, Ticket):
                latency = chance.uniform(*self.latency)
                self.arrivals.append(self.now + chance.random() * latency)
                heapq.heappush(events, (self.now + latency, worker, gate, answer))
            else:
                heapq.heappush(events, (self.now + answer, worker, gate, None))

    def most_in_a_window(self, window: float) -> int:
        arrivals = sorted(self.arrivals)
        return max(bisect_left(arrivals, first + window) - index for index, first in enumerate(arrivals))


@settings(max_examples=60, deadline=None)
@given(
    limit=st.integers(1, 40),
    workers=st.integers(1, 12),
    slowest=st.floats(0.001, 30.0),
    seed=st.integers(0, 2**32),
)
def test_no_window_of_the_server_ever_holds_more_than_the_limit(limit, workers, slowest, seed):
    world = World({"limit": limit, "window_seconds": 10.0}, workers, (0.0005, slowest), seed)

    world.run([world.gate()], seconds=120)

    assert world.most_in_a_window(10.0) <= limit


@pytest.mark.parametrize("latency", [(0.001, 0.005), (0.05, 0.4), (0.3, 1.2)])
def test_at_least_97_of_100_allowed_requests_are_used_when_there_is_work(latency):
    world = World({"limit": 60}, workers=16, latency=latency)

    world.run([world.gate()], seconds=6_000)

    assert world.most_in_a_window(60.0) <= 60
    assert len(world.arrivals) / (60 * 100) >= 0.97


def test_a_thousand_pages_at_600_a_minute_take_about_61_seconds():
    world = World({"limit": 600}, workers=4, latency=(0.001, 0.005))

    world.run([world.gate()], seconds=62)

    assert len(world.arrivals) >= 1_000


def test_several_gates_on_one_file_share_one_limit(tmp_path):
    world = World({"limit": 50, "window_seconds": 10.0}, workers=6)
    shared = private(tmp_path) / "key.times"

    world.run([world.gate(share_file=shared) for _ in range(3)], seconds=200)

    assert world.most_in_a_window(10.0) <= 50
    assert len(world.arrivals) >= 0.97 * 50 * 20 * 10 / 10.5


def test_gates_of_two_limits_on_one_file_keep_to_the_higher_together_and_each_to_its_own(tmp_path):
    world = World({"window_seconds": 10.0}, workers=4)
    shared = private(tmp_path) / "key.times"
    small, large = world.gate(limit=10, share_file=shared), world.gate(limit=30, share_file=shared)

    world.run([small, large], seconds=100)

    assert world.most_in_a_window(10.0) <= 30


def test_a_request_on_its_way_counts_until_a_window_after_its_reply():
    now = [0.0]
    gate = RateGate(1, 60.0, clock=lambda: now[0])
    ticket = gate.take()
    now[0] = 30.0

    gate.settle(ticket)

    assert gate.attempt() == pytest.approx(60.3)
    now[0] = 90.31
    assert isinstance(gate.attempt(), Ticket)


def test_a_refusal_closes_the_gate_for_all_then_opens_it_a_fifth_narrower_and_evenly_spaced():
    now = [0.0]
    gate = RateGate(600, 60.0, clock=lambda: now[0])

    gate.refused(30.0)

    assert gate.attempt() == pytest.approx(30.0)
    assert gate.effective_limit == 480
    now[0] = 30.0
    gate.settle(gate.take())
    assert gate.attempt() == pytest.approx(60 / 480)


def test_refusals_of_requests_sent_together_are_one_lesson():
    gate = RateGate(600, clock=lambda: 0.0)

    for _ in range(16):
        gate.refused(1.0)

    assert gate.effective_limit == 480


def test_a_lowered_limit_comes_back_window_by_window():
    now = [0.0]
    gate = RateGate(100, 60.0, clock=lambda: now[0])
    gate.refused(10.0)

    now[0] = 70.0
    gate.settle(gate.take())
    after_one = gate.effective_limit
    now[0] = 70.0 + 4 * 60
    gate.settle(gate.take())

    assert (after_one, gate.effective_limit) == (85, 100)


def test_a_gate_set_too_high_learns_what_the_server_allows():
    world = World({"limit": 100, "window_seconds": 10.0}, workers=4, latency=(0.01, 0.02))
    gate = world.gate()
    allowed, counted, refusals = 60, [], 0
    while world.now < 1_400.0:
        answer = gate.attempt()
        if not isinstance(answer, Ticket):
            world.now += answer
            continue
        counted = [instant for instant in counted if instant > world.now - 10.0]
        if len(counted) < allowed:
            counted.append(world.now)
            world.arrivals.append(world.now)
        else:
            refusals += 1
            gate.refused(counted[0] + 10.0 - world.now)
        world.now += 0.01
        gate.settle(answer)

    assert refusals <= 25
    assert len(world.arrivals) >= 0.75 * allowed * 40


def test_a_longer_closure_is_not_shortened_by_a_later_shorter_one():
    gate = RateGate(10, clock=lambda: 0.0)

    gate.close_until(50.0)
    gate.close_until(5.0)

    assert gate.attempt() == 50.0


def test_waiting_ends_when_somebody_wants_to_stop():
    gate, stop = RateGate(1), threading.Event()
    gate.take()
    threading.Timer(0.1, stop.set).start()
    began = time.monotonic()

    with pytest.raises(Stopped):
        gate.take(stop)

    assert time.monotonic() - began < 2.0


def numbers_after_the_mark(numbers: list[float]) -> bytes:
    return struct.pack(f"={len(numbers) + 1}d", 20261128.0, *numbers)


@settings(max_examples=100, deadline=None)
@given(content=st.binary(max_size=200) | st.lists(st.floats(), min_size=1, max_size=30).map(numbers_after_the_mark))
def test_whatever_stands_in_the_file_the_gate_neither_breaks_nor_stays_shut(tmp_path_factory, content):
    shared = private(tmp_path_factory.mktemp("gate")) / "key.times"
    shared.write_bytes(content)
    now = [500.0]
    gate = RateGate(5, 10.0, clock=lambda: now[0], share_file=shared)
    waits = 0
    while not isinstance(answer := gate.attempt(), Ticket):
        now[0] += answer
        waits += 1

    assert now[0] <= 500.0 + 701.0
    assert waits <= 40


def test_a_damaged_file_counts_as_a_full_window(tmp_path):
    shared = private(tmp_path) / "key.times"
    shared.write_bytes(b"no times at all")

    assert RateGate(5, 10.0, clock=lambda: 500.0, share_file=shared).attempt() == pytest.approx(10.05)


@pytest.mark.parametrize("harm", [float("nan"), float("inf"), float("-inf")])
def test_a_file_with_a_time_that_is_none_counts_as_damaged(tmp_path, harm):
    shared = private(tmp_path) / "key.times"
    RateGate(5, 10.0, clock=lambda: 500.0, share_file=shared).take()
    shared.write_bytes(shared.read_bytes()[:-8] + struct.pack("d", harm))

    assert RateGate(5, 10.0, clock=lambda: 500.0, share_file=shared).attempt() == pytest.approx(10.05)


def test_times_of_the_clock_before_a_restart_hold_for_one_window_at_most(tmp_path):
    shared = private(tmp_path) / "key.times"
    before = RateGate(3, 10.0, clock=lambda: 900_000.0, share_file=shared)
    for _ in range(3):
        before.settle(before.take())
    now = [20.0]
    after = RateGate(3, 10.0, clock=lambda: now[0], share_file=shared)

    assert after.attempt() == pytest.approx(10.05)
    now[0] = 30.06
    assert isinstance(after.attempt(), Ticket)


def test_a_file_removed_under_the_gate_is_made_anew_with_what_the_gate_knows(tmp_path):
    shared = private(tmp_path) / "key.times"
    gate = RateGate(2, 10.0, clock=lambda: 0.0, share_file=shared)
    gate.take()
    gate.take()
    shared.unlink()

    assert not isinstance(gate.attempt(), Ticket)
    assert not isinstance(RateGate(2, 10.0, clock=lambda: 0.0, share_file=shared).attempt(), Ticket)


def test_files_of_other_keys_are_removed_when_they_are_long_forgotten(tmp_path):
    folder = private(tmp_path)
    forgotten, recent = folder / "forgotten.times", folder / "recent.times"
    for path in (forgotten, recent):
        path.write_bytes(b"any")
    os.utime(forgotten, (time.time() - 4_000,) * 2)

    RateGate(2, share_file=folder / "key.times").take()

    assert sorted(path.name for path in folder.iterdir()) == ["key.times", "recent.times"]


def test_what_another_process_gave_back_is_seen_within_a_second(tmp_path):
    now = [100.0]
    shared = private(tmp_path) / "key.times"
    mine, others = (RateGate(2, 2.0, clock=lambda: now[0], share_file=shared) for _ in range(2))
    theirs = others.attempt()
    ours = mine.attempt()  # reads the file whole, and is the last to write it
    others.settle(theirs)
    mine.settle(ours)

    now[0] += 2.1  # both have left the window
    taken = [mine.attempt(), mine.attempt()]

    assert all(isinstance(ticket, Ticket) for ticket in taken)


def test_a_gate_waits_while_another_process_reads_and_writes_the_file(tmp_path):
    shared = private(tmp_path) / "key.times"
    gate = RateGate(2, share_file=shared)
    gate.take()
    waiting = threading.Thread(target=gate.take)
    with shared.open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        waiting.start()
        waiting.join(0.2)
        waited = waiting.is_alive()
    waiting.join(5.0)

    assert waited
    assert not waiting.is_alive()


def test_a_folder_open_to_others_is_not_used_and_that_is_said(tmp_path, caplog):
    tmp_path.chmod(0o755)
    gate = RateGate(2, share_file=tmp_path / "key.times")

    assert isinstance(gate.attempt(), Ticket)
    assert "not shared with other processes" in caplog.text
    assert not (tmp_path / "key.times").exists()


def test_the_file_and_its_folder_are_private_whatever_the_umask(tmp_path):
    shared = tmp_path / "gate" / "key.times"
    before = os.umask(0)
    try:
        RateGate(2, share_file=shared).take()
    finally:
        os.umask(before)

    assert stat.S_IMODE(shared.stat().st_mode) == 0o600
    assert stat.S_IMODE(shared.parent.stat().st_mode) == 0o700


def test_the_name_of_the_file_tells_the_key_and_the_host_apart_and_shows_neither():
    key = "tr_" + "k" * 64

    names = {share_file(Secret(key), host) for host in ("https://app.talent-ray.com", "https://other.talent-ray.com")}
    names.add(share_file(Secret("tr_" + "l" * 64), "https://app.talent-ray.com"))

    assert len(names) == 3
    assert share_file(Secret(key), "https://app.talent-ray.com") in names
    assert not any("kkk" in str(name) or "talent" in str(name) for name in names)


WORKER = """
import json, sys, time
from pathlib import Path
from connector.http.rate_limit import RateGate
gate = RateGate(20, 1.0, share_file=Path(sys.argv[1]))
for _ in range(int(sys.argv[2])):
    ticket = gate.take()
    time.sleep(0.002)
    print(json.dumps([ticket.sent, time.monotonic()]), flush=True)
    gate.settle(ticket)
"""


def test_two_processes_with_one_key_stay_below_the_limit_together_also_when_one_is_killed(tmp_path):
    shared = private(tmp_path) / "key.times"
    command = [sys.executable, "-c", WORKER, str(shared)]
    processes = [subprocess.Popen([*command, trips], stdout=subprocess.PIPE, text=True) for trips in ("60", "10000")]
    begun = "".join(processes[1].stdout.readline() for _ in range(10))
    processes[1].send_signal(signal.SIGKILL)
    outputs = [process.communicate(timeout=60)[0] for process in processes]
    outputs[1] = begun + outputs[1]
    trips = [json.loads(line) for output in outputs for line in output.splitlines() if line.endswith("]")]

    assert all(output.count("\n") >= 5 for output in outputs)
    for arrived in (0, 1):
        world = World({}, arrivals=[trip[arrived] for trip in trips])
        assert world.most_in_a_window(1.0) <= 20


def private(folder: Path) -> Path:
    folder.chmod(0o700)
    return folder
