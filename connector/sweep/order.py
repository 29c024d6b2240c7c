"""Which sort orders the replies of a list still agree with.

A list is strictly sorted when one key (id; createdAt, id; updatedAt, id) is strictly monotone in every window, always
in the same direction; ids up or down, compared as text or, when all are digits, as numbers.
"""

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from itertools import compress, pairwise, starmap
from operator import eq, ge, gt, le, lt, ne
from typing import Any, NamedTuple, TypeAlias, cast

IdOrder: TypeAlias = tuple[str, str]

_UP, _DOWN = "rising", "falling"
_STRICTLY: dict[str, Callable[[Any, Any], bool]] = {_UP: lt, _DOWN: gt}
_LOOSELY: dict[str, Callable[[Any, Any], bool]] = {_UP: le, _DOWN: ge}
_ID_ORDERS: frozenset[IdOrder] = frozenset((kind, way) for kind in ("text", "number") for way in (_UP, _DOWN))


class SortKey(NamedTuple):
    """A sort order a server may use."""

    column: str
    way: str
    ids: IdOrder


_BY_ID = frozenset(SortKey("id", way, (kind, way)) for kind, way in _ID_ORDERS)
_ANY_IDS = {
    (name, way): frozenset(SortKey(name, way, ids) for ids in _ID_ORDERS)
    for name in ("createdAt", "updatedAt")
    for way in _LOOSELY
}


class Order:
    """The sort orders that no reply has contradicted yet."""

    def __init__(self) -> None:
        self.possible: frozenset[SortKey] = _BY_ID.union(*_ANY_IDS.values())
        self._informed = False

    def observe(self, ids: Sequence[str], created: Sequence[str | None], updated: Sequence[str | None]) -> None:
        """Drop the orders that one reply contradicts."""
        if len(ids) < 2 or not self.possible:  # noqa: PLR2004 - order takes two
            return
        self._informed = True
        by_kind: dict[str, Sequence[Any]] = {"text": ids}
        joined = "".join(ids)
        if joined.isascii() and joined.isdigit():
            by_kind["number"] = list(map(int, ids))
        id_orders = {(kind, way) for kind, column in by_kind.items() for way in _ways(column)}
        kept = {key for key in _BY_ID & self.possible if key.ids in id_orders}
        for name, column in (("createdAt", created), ("updatedAt", updated)):
            rivals = {key for key in self.possible if key.column == name}
            if rivals:
                kept |= rivals & _by_time(name, column, by_kind, id_orders)
        self.possible = frozenset(kept)

    @property
    def known(self) -> str | None:
        """The order in words, if there is one that all replies agree with."""
        if not self._informed or not self.possible:
            return None
        rank = {"id": 0, "createdAt": 1, "updatedAt": 2}
        best = min(self.possible, key=lambda key: (rank[key.column], key))
        return f"{best.column} {best.way}"


def _ways(column: Sequence[Any]) -> list[str]:
    return [way for way, before in _STRICTLY.items() if all(map(before, column, column[1:]))]


def _by_time(
    name: str, texts: Sequence[str | None], by_kind: dict[str, Sequence[Any]], id_orders: set[IdOrder]
) -> AbstractSet[SortKey]:
    column = _comparable(texts, len(by_kind["text"]))
    if column is None:
        return frozenset()
    for way in _ways(column):
        return _ANY_IDS[name, way]
    for way, before in _LOOSELY.items():
        if not all(map(before, column, column[1:])):
            continue
        if column[0] == column[-1]:
            return {SortKey(name, either, ids) for either in _LOOSELY for ids in id_orders}
        tied = list(starmap(eq, pairwise(column)))
        return {
            SortKey(name, way, (kind, id_way))
            for kind, ids in by_kind.items()
            for id_way, strictly in _STRICTLY.items()
            if all(starmap(strictly, compress(pairwise(ids), tied)))
        }
    return frozenset()


def _comparable(texts: Sequence[str | None], rows: int) -> Sequence[Any] | None:
    """The instants in a form that sorts as time does; texts of one length in UTC do so as they are."""
    if len(texts) != rows or None in texts:
        return None
    known = cast("Sequence[str]", texts)
    lengths = set(map(len, known))
    if len(lengths) == 1 and 0 not in lengths:
        (length,) = lengths
        if "".join(known)[length - 1 :: length] == "Z" * rows:
            return known
    try:
        instants = list(map(datetime.fromisoformat, known))
    except ValueError:
        return None
    naive = [instant.tzinfo is None for instant in instants]
    return None if any(map(ne, naive, naive[1:])) else instants
