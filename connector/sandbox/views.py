"""A list as one viewer sees it: kept in order while records change, each row rendered once."""

from __future__ import annotations

from bisect import bisect_left, insort
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from connector.sandbox.access import Viewer
    from connector.sandbox.log import Record
    from connector.sandbox.resources import Listing
    from connector.sandbox.switches import Switches
    from connector.sandbox.world import World

Place = tuple[Any, ...]
"""What a row is sorted by, its id last."""

DESCENDING = ("created_desc", "id_desc", "updated_desc")
TIE_HOURS = 8
FEW_ROWS = 1000
"""So many changed rows are put in place one by one, however short the list."""
MOST_VIEWS = 24


class View:
    """The rows of a list that one viewer sees, in one order."""

    def __init__(
        self,
        world: World,
        listing: Listing,
        viewer: Viewer,
        order: str,
        keeps: Callable[[World, Record], bool],
        render: Callable[[Record], bytes],
    ) -> None:
        self._world = world
        self._listing = listing
        self._viewer = viewer
        self._order = order
        self._keeps = keeps
        self._render = render
        self._places: list[Place] = []
        self._place_of: dict[str, Place] = {}
        self._rendered: dict[str, bytes] = {}
        self._position = 0
        self._build()

    def __len__(self) -> int:
        return len(self._places)

    def ids(self, start: int, stop: int, chance: Random) -> list[str]:
        """Return the ids of the rows from `start` to before `stop`, after catching up with the log."""
        self.sync()
        stop = min(stop, len(self._places))
        start = min(start, stop)
        if self._order == "shuffled":
            everything = [place[-1] for place in self._places]
            chance.shuffle(everything)
            return everything[start:stop]
        if self._order == "ties_shuffled":
            everything = []
            for _, tied in groupby(self._places, key=lambda place: place[0]):
                group = [place[-1] for place in tied]
                chance.shuffle(group)
                everything += group
            return everything[start:stop]
        if self._order in DESCENDING:
            size = len(self._places)
            return [place[-1] for place in reversed(self._places[size - stop : size - start])]
        return [place[-1] for place in self._places[start:stop]]

    def row(self, record_id: str) -> bytes:
        """Return one row as JSON."""
        found = self._rendered.get(record_id)
        if found is None:
            record = self._world.get(self._listing.kind, record_id)
            found = self._render(self._listing.assemble(self._world, record, self._viewer))
            self._rendered[record_id] = found
        return found

    def warm(self) -> None:
        """Render every row."""
        for place in self._places:
            self.row(place[-1])

    def sync(self) -> None:
        """Take in what happened since the last look."""
        log = self._world.log
        if self._position == len(log):
            return
        if self._viewer.position == "hiring_manager":
            # What a hiring manager sees depends on the roles, whatever the list.
            self._build()
            return
        touches = self._listing.touches
        touched = {found for event in log[self._position :] if (found := touches(event)) is not None}
        if len(touched) > FEW_ROWS and len(touched) * 4 > len(self._places):
            self._build()
            return
        self._position = len(log)
        for record_id in touched:
            self._rendered.pop(record_id, None)
            old = self._place_of.pop(record_id, None)
            if old is not None:
                del self._places[bisect_left(self._places, old)]
            new = self._place(record_id)
            if new is not None:
                insort(self._places, new)
                self._place_of[record_id] = new

    def _build(self) -> None:
        self._position = len(self._world.log)
        self._rendered = {}
        places = (self._place(record_id) for record_id in self._world.tables[self._listing.kind])
        self._places = sorted(place for place in places if place is not None)
        self._place_of = {place[-1]: place for place in self._places}

    def _place(self, record_id: str) -> Place | None:
        record = self._world.find(self._listing.kind, record_id)
        if record is None or not self._viewer.sees(self._world, self._listing.kind, record):
            return None
        if not self._keeps(self._world, record):
            return None
        order = self._order
        if order.startswith("id"):
            return (record_id,)
        if order == "name":
            return (record[self._listing.name_field], record_id)
        if order.startswith("updated"):
            return (record[self._listing.updated_field], record_id)
        created = record[self._listing.created_field]
        if order == "ties_shuffled":
            return (created.replace(hour=created.hour // TIE_HOURS * TIE_HOURS, minute=0, second=0), record_id)
        return (created, record_id)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which rows a request asks for; equal filters share a view."""

    name: str
    value: str
    keeps: Callable[[World, Record, str], bool]

    def __call__(self, world: World, record: Record) -> bool:
        """Tell whether a row stays."""
        return self.keeps(world, record, self.value)


class Views:
    """Views already built, the least recently used forgotten."""

    def __init__(self) -> None:
        self._views: dict[tuple[Any, ...], View] = {}

    def get(
        self,
        world: World,
        listing: Listing,
        viewer: Viewer,
        switches: Switches,
        filters: tuple[Filter, ...],
        look: tuple[Any, ...],
        render: Callable[[Record], bytes],
    ) -> View:
        """Return the view, caught up; `look` is what rendering depends on."""
        key = (id(world), listing, viewer, switches.order, filters, look)
        view = self._views.pop(key, None)
        if view is None:
            view = View(world, listing, viewer, switches.order, lambda w, r: all(one(w, r) for one in filters), render)
        self._views[key] = view
        while len(self._views) > MOST_VIEWS:
            del self._views[next(iter(self._views))]
        view.sync()
        return view


encode = msgspec.json.Encoder().encode
