"""A list that moves while it is read: the oracle of the sweep tests, in memory.

It knows nothing of the sweep but the words of its contract, and keeps the truth: which rows were alive all the time,
and every version each row ever had.
"""

import math
import random
from bisect import bisect_left
from collections.abc import Callable, Generator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from connector.sweep import Ask, Reply, Swept, Window

ORDERS = ("id_sorted", "id_asc", "created_desc", "uuid", "updated_desc", "updated_asc", "name", "ties", "random")
SORTED = ("id_sorted", "id_asc", "created_desc", "updated_desc", "updated_asc")
STABLE_PLACES = ("uuid", "name", "ties", "random")
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
TIE_BLOCK = 30


@dataclass
class Row:
    id: str
    created: int
    updated: int
    name: float


@dataclass
class MovingList:
    """A paged list under churn: `churn` events a request on average: insert, delete, update, or delete with insert."""

    rows: int
    order: str = "id_asc"
    churn: float = 0.0
    seed: int = 0
    mix: tuple[float, float, float, float] = (0.3, 0.2, 0.4, 0.1)
    behind: bool = False
    purge: float = 0.0
    clamp: int | None = None
    echo_size: Callable[[int], int | None] = lambda size: size
    total: Callable[[int], int | None] = lambda rows: rows
    past_end: str = "empty"
    depth: int | None = None
    lag: int = 0
    table: list[Row] = field(default_factory=list)
    script: dict[int, Callable[["MovingList"], None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.random = random.Random(f"{self.rows}/{self.order}/{self.churn}/{self.seed}")
        self.clock = self.next_id = self.cursor = 0
        self.requests = self.gets = 0
        self.versions: dict[str, list[int]] = {}
        self.died: dict[str, int] = {}
        self.past: list[list[Row]] = []
        for _ in range(self.rows):
            self.insert()
        self.begin()

    # -- truth

    def begin(self) -> None:
        """A new sweep starts here."""
        self.began, self.requests = self.clock, 0
        self.alive_at_start = {row.id for row in self.table}

    def alive_throughout(self) -> set[str]:
        return self.alive_at_start & {row.id for row in self.table}

    def unchanged(self) -> set[str]:
        return {row.id for row in self.table if row.updated <= self.began}

    def now(self) -> dict[str, int]:
        return {row.id: row.updated for row in self.table}

    # -- change

    def insert(self) -> None:
        self.clock += 1
        row = Row(f"{self.next_id:07d}", self.clock, self.clock, self.random.random())
        self.next_id += 1
        if self.order in ("created_desc", "updated_desc"):
            self.table.insert(0, row)
        elif self.order in ("id_asc", "updated_asc"):
            self.table.append(row)
        elif self.order == "id_sorted":
            row.id = f"{self.random.getrandbits(64):016x}"
            self.table.insert(bisect_left(self.table, row.id, key=lambda other: other.id), row)
        else:
            self.table.insert(self.random.randint(0, len(self.table)), row)
            if self.order == "uuid":
                row.id = f"u{self.random.getrandbits(64):016x}"
        self.versions[row.id] = [self.clock]

    def delete(self, place: int | None = None) -> None:
        if not self.table:
            return
        if place is None:
            reach = min(self.cursor, len(self.table)) if self.behind else len(self.table)
            place = self.random.randrange(max(1, reach))
        self.clock += 1
        self.died[self.table.pop(place).id] = self.clock

    def update(self, place: int | None = None) -> None:
        if not self.table:
            return
        place = self.random.randrange(len(self.table)) if place is None else place
        self.clock += 1
        row = self.table[place]
        row.updated = self.clock
        self.versions[row.id].append(self.clock)
        if self.order in ("updated_desc", "updated_asc", "name"):
            self.table.pop(place)
            ends = {"updated_desc": 0, "updated_asc": len(self.table)}
            self.table.insert(ends.get(self.order, self.random.randint(0, len(self.table))), row)

    def churn_once(self) -> None:
        for _ in range(self._poisson()):
            event = self.random.choices("iduS", self.mix)[0]
            if event in "dS":
                self.delete()
            if event in "iS":
                self.insert()
            if event == "u":
                self.update()
        if self.purge and self.random.random() < self.purge:
            for _ in range(self.random.randint(50, 250)):
                self.delete(0)

    def _poisson(self) -> int:
        if not self.churn:
            return 0
        events, chance, bar = 0, self.random.random(), math.exp(-self.churn)
        while chance > bar:
            events += 1
            chance *= self.random.random()
        return events

    # -- replies

    def reply(self, window: Window) -> Reply:
        self.requests += 1
        size = self.clamp or window.size
        page = window.page
        answer = self._answer(page, size, window)
        self.cursor = page * size
        self.churn_once()
        if self.requests in self.script:
            self.script[self.requests](self)
        return answer

    def get(self, row_id: str) -> int | None:
        self.gets += 1
        mark = self.now().get(row_id)
        self.churn_once()
        return mark

    def _answer(self, page: int, size: int, window: Window) -> Reply:
        table = self._table_shown()
        start = page * size
        rows = len(table)
        if start >= max(rows, 1) and self.past_end == "last page again" and rows:
            page = (rows - 1) // size
            start = page * size
        refused = self.past_end == "refused" and start >= rows > 0
        if refused or (self.depth is not None and start + size > self.depth):
            return Reply((), (), past_end=True, at=self._instant())
        shown = self._shuffled(table, start, size)
        return Reply(
            ids=[row.id for row in shown],
            marks=[row.updated for row in shown],
            created=[text(row.created) for row in shown],
            updated=[text(row.updated) for row in shown],
            page=page,
            page_size=self.echo_size(window.size),
            total_count=self.total(rows),
            at=self._instant(),
        )

    def _table_shown(self) -> list[Row]:
        """The list as a replica has it that lags up to `lag` requests behind."""
        if not self.lag:
            return self.table
        self.past = [*self.past[-self.lag :], [replace(row) for row in self.table]]
        return self.random.choice(self.past)

    def _shuffled(self, table: list[Row], start: int, size: int) -> list[Row]:
        if self.order == "random":
            return self.random.sample(table, max(0, min(size, len(table) - start)))
        if self.order != "ties":
            return table[start : start + size]
        first = start // TIE_BLOCK * TIE_BLOCK
        blocks: list[Row] = []
        for block in range(first, start + size + TIE_BLOCK, TIE_BLOCK):
            tied = table[block : block + TIE_BLOCK]
            self.random.shuffle(tied)
            blocks += tied
        return blocks[start - first : start - first + size]

    def _instant(self) -> str:
        return text(self.clock)


@lru_cache(maxsize=100_000)
def text(tick: int) -> str:
    return (EPOCH + timedelta(seconds=tick)).isoformat().replace("+00:00", "Z")


def drive(planner: Generator[Ask, Reply, Swept], moving: MovingList, *, shuffle_ahead: bool = True) -> Swept:
    """Answer a planner; windows asked ahead are answered in random order, before or after the one that is needed."""
    kept: dict[Window, Reply] = {}
    try:
        ask = next(planner)
        while True:
            if ask.fresh:
                kept.clear()
            wanted = [window for window in (ask.window, *ask.ahead) if window not in kept]
            if shuffle_ahead:
                moving.random.shuffle(wanted)
            for window in wanted:
                kept[window] = moving.reply(window)
            ask = planner.send(kept.pop(ask.window))
    except StopIteration as stop:
        return stop.value
