"""One gate for all requests of a key: as fast as allowed, never faster in any window the server could count.

The gate has as many slots as the limit allows requests. A request takes a slot when it is sent and keeps it until one
window after its reply came. The server counted it somewhere between the two; so of all requests that fall into one
window of the server, each still holds its slot when the last of them is sent, and slots bound their number. Latency and
its jitter cost their own length once a window, nothing else: bursts are allowed.
"""

from __future__ import annotations

import itertools
import math
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from connector.errors import Stopped
from connector.http.shared_file import SharedFile, State

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# The clocks of two machines do not run at exactly the same speed.
_CLOCK_MARGIN: Final = 0.005
# A request whose reply nobody reports (its process died) counts as if it had been on its way for this long.
_LONGEST_FLIGHT_SECONDS: Final = 90.0
# A waiting thread looks again at least this often: another thread or process may have changed what it waits for.
_LONGEST_NAP_SECONDS: Final = 1.0
_LONGEST_CLOSURE_SECONDS: Final = 700.0

# What a refusal teaches: allow a fifth less at a time, and take a twentieth back after each window without a refusal.
_LOWER_BY: Final = 0.8
_RAISE_BY: Final = 0.05
_LOWEST_SHARE: Final = 0.1


@dataclass(frozen=True, slots=True)
class Ticket:
    """The right to send one request, given at `sent` (seconds of the gate's clock)."""

    slot: int
    sent: float
    held_until: float


class RateGate:
    """Lets at most `limit` requests into any window of `window_seconds`, over all threads of this process.

    With `share_file`, also over all processes of this machine that name the same file; it holds nothing but times.
    `clock` must be one that processes share and that never goes back, which `time.monotonic` is on Linux and macOS.
    """

    def __init__(
        self,
        limit: int,
        window_seconds: float = 60.0,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] | None = None,
        share_file: Path | None = None,
    ) -> None:
        if limit < 1 or not window_seconds > 0:
            raise ValueError(f"A gate needs a limit of at least 1 and a window above 0, not {limit}, {window_seconds}.")
        self.limit: Final = limit
        self.window_seconds: Final = window_seconds
        self._hold: Final = window_seconds * (1 + _CLOCK_MARGIN)
        self._clock: Final = clock
        self._sleep: Final = sleep
        self._lock: Final = threading.Lock()
        self._state = State.empty(limit)
        self._file: Final = SharedFile(share_file) if share_file else None

    @property
    def effective_limit(self) -> int:
        """The limit that holds now: lower than `limit` for a while after the server refused."""
        return max(1, math.floor(self.limit * self._state.share))

    def take(self, stop: threading.Event | None = None) -> Ticket:
        """Wait until one more request may be sent, and return the ticket to hand to `settle` when its reply is there.

        Raises Stopped as soon as `stop` is set.
        """
        while True:
            if stop is not None and stop.is_set():
                raise Stopped
            answer = self.attempt()
            if isinstance(answer, Ticket):
                return answer
            self._wait(min(answer, _LONGEST_NAP_SECONDS), stop)

    def attempt(self) -> Ticket | float:
        """Return a ticket, or the seconds after which it is worth asking again. Never waits."""
        with self._lock:
            self._load()
            try:
                return self._ticket_or_wait()
            finally:
                self._release()

    def settle(self, ticket: Ticket) -> None:
        """Say that the request of this ticket is over, whatever became of it."""
        until = self._clock() + self._hold
        with self._lock:
            slots = self._state.slots
            # A file that was found damaged and made anew knows nothing of this ticket.
            if ticket.slot < len(slots) and slots[ticket.slot] == ticket.held_until:
                slots[ticket.slot] = until
            if self._file is not None:
                self._file.replace(ticket.slot, ticket.held_until, until)

    def close_until(self, instant: float) -> None:
        """Let nothing through before this instant of the gate's clock, nor before the end of a longer closure."""
        with self._lock:
            self._load()
            try:
                self._state.closed_until = max(self._state.closed_until, instant)
                self._save()
            finally:
                self._release()

    def refused(self, wait_seconds: float) -> None:
        """Close for that long, as the server said "too many"; then go on with less and evenly spaced, for a while."""
        with self._lock:
            self._load()
            try:
                state, now = self._state, self._clock()
                wait = min(max(wait_seconds, 0.0), _LONGEST_CLOSURE_SECONDS)
                state.closed_until = max(state.closed_until, now + wait)
                # The requests that are on their way together are refused together: that is one lesson, not several.
                if now >= state.lowered_at + self.window_seconds or state.share == 1.0:
                    state.share = max(_LOWEST_SHARE, state.share * _LOWER_BY)
                    state.lowered_at = now
                state.changed_at = max(now, state.closed_until)
                self._save()
            finally:
                self._release()

    def _ticket_or_wait(self) -> Ticket | float:
        state, now = self._state, self._clock()
        self._recover(now)
        allowed = self.effective_limit
        if (opens := max(state.closed_until, state.next_at)) > now:
            return opens - now
        slot = self._free_slot(allowed, now)
        if isinstance(slot, float):
            return slot
        held_until = now + _LONGEST_FLIGHT_SECONDS + self._hold
        state.slots[slot] = held_until
        state.cursor = (slot + 1) % len(state.slots)
        # Where the limit itself did not satisfy the server, bursts may be what it minds.
        state.next_at = now + self.window_seconds / allowed if state.share < 1.0 else 0.0
        self._save(slot)
        return Ticket(slot, now, held_until)

    def _free_slot(self, allowed: int, now: float) -> int | float:
        """Return a free slot, or the seconds until fewer than `allowed` are held."""
        slots, cursor = self._state.slots, self._state.cursor
        if allowed >= len(slots) and slots[cursor] <= now:
            return cursor
        held: list[float] = sorted(until for until in slots if until > now)
        if len(held) >= allowed:
            return held[-allowed] - now
        around = itertools.chain(range(cursor, len(slots)), range(cursor))
        return next(index for index in around if slots[index] <= now)

    def _recover(self, now: float) -> None:
        """Raise a lowered limit by a step for each window without refusals."""
        state = self._state
        if state.share < 1.0 and now >= state.changed_at + self.window_seconds:
            windows = math.floor((now - state.changed_at) / self.window_seconds)
            state.share = min(1.0, state.share + windows * _RAISE_BY)
            state.changed_at = now

    def _wait(self, seconds: float, stop: threading.Event | None) -> None:
        if self._sleep is not None:
            self._sleep(seconds)
        elif stop is not None:
            stop.wait(seconds)
        else:
            time.sleep(seconds)

    def _load(self) -> None:
        if self._file is not None:
            self._file.lock()
            now = self._clock()
            horizon = now + max(_LONGEST_CLOSURE_SECONDS, _LONGEST_FLIGHT_SECONDS + self._hold)
            self._state = self._file.read(self._state, now=now, horizon=horizon, distrusted_until=now + self._hold)

    def _save(self, slot: int | None = None) -> None:
        if self._file is not None:
            self._file.write(self._state, slot)

    def _release(self) -> None:
        if self._file is not None:
            self._file.unlock()
