"""Finds keys that stand twice in one object of JSON, which parsers pass over in silence and each in its own way.

A colon behind a quotation mark stands for a key, or is part of a text. So there is no key twice when there are no more
such colons than different keys, and that is soon counted where all records are made alike, as those of one list are.
"""

from __future__ import annotations

import json
from functools import lru_cache
from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import msgspec

from connector.http.body import TwiceError, without_doubles

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Shape: TypeAlias = tuple[Any, ...]
"""How a value is made: its kind, behind it of an object its keys and what they hold, of a list its widest entry."""

SPACE: Final = b" \t\r\n"
DEEPEST: Final = 6
_SCALAR: Final[Any] = None | bool | int | float | str
_OBJECT: Final = "object"
_LIST: Final = "list"
_PLAIN: Final = ("plain",)
_NESTED: Final = frozenset({dict, list})


def has_a_key_twice(records: Sequence[bytes | msgspec.Raw]) -> bool:
    """Tell whether an object in one of some JSON texts has a key twice. Cheap where none has; no JSON has none."""
    together = b",".join(records)
    try:
        count = _keys_of_like_records(together, max(records, key=len))
        if count is None:
            count = _count_keys(msgspec.json.decode(b"[" + together + b"]"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return any(map(_has_one_twice, records))
    if together.translate(None, SPACE).count(b'":') <= count:
        return False
    # More colons than keys: a key twice, or a text that looks like one.
    return any(map(_has_one_twice, records))


def _has_one_twice(record: bytes | msgspec.Raw) -> bool:
    try:
        msgspec.json.decode(record)
        json.loads(bytes(record), object_pairs_hook=without_doubles)
    except TwiceError:
        return True
    except (ValueError, RecursionError):
        pass
    return False


def _count_keys(value: object) -> int:
    if type(value) is dict:
        return len(value) + sum([_count_keys(part) for part in value.values() if type(part) in _NESTED])
    if type(value) is list:
        return sum([_count_keys(part) for part in value if type(part) in _NESTED])
    return 0


def _keys_of_like_records(together: bytes, pattern: bytes | msgspec.Raw) -> int | None:
    """The number of keys in records between commas that are all made like one of them; None where one is not."""
    shape = _shape(msgspec.json.decode(pattern))
    if shape[0] != _OBJECT:
        return None
    likeness = _likeness(shape)
    if likeness is None:
        return None
    decoder, count = likeness
    try:
        return count(decoder.decode(b"[" + together + b"]"))
    except msgspec.ValidationError:
        return None


def _shape(value: object, depth: int = 0) -> Shape:
    if depth < DEEPEST:
        if type(value) is dict:
            return _OBJECT, *((key, _shape(part, depth + 1)) for key, part in value.items())
        if type(value) is list:
            objects = [entry for entry in value if type(entry) is dict]
            return _LIST, _shape(max(objects, key=len) if objects else None, depth + 1)
    return _PLAIN


@lru_cache(maxsize=64)
def _likeness(shape: Shape) -> tuple[msgspec.json.Decoder[list[Any]], Callable[[list[Any]], int]] | None:
    """What decodes records of one shape and no other, and what counts the keys of those decoded."""
    try:
        return msgspec.json.Decoder(list[_type(shape)]), _counter(shape)  # type: ignore[misc]
    except (ValueError, TypeError):  # a key that cannot name a field
        return None


def _type(shape: Shape) -> Any:
    kind, *parts = shape
    if kind == _LIST:
        return list[_type(parts[0]) | None]  # type: ignore[misc]
    if kind == _OBJECT:
        names = {f"f{place}": key for place, (key, _) in enumerate(parts)}
        fields = [(name, _type(inner) | None) for name, (_, inner) in zip(names, parts, strict=True)]
        return msgspec.defstruct("Like", fields, rename=names, forbid_unknown_fields=True, gc=False)
    return _SCALAR


def _counter(shape: Shape) -> Callable[[list[Any]], int]:
    """What counts the keys of some values of one shape, a level at a time."""
    kind, *parts = shape
    if kind == _LIST:
        of_entries = _counter(parts[0])
        return lambda lists: of_entries(list(chain.from_iterable(_there(lists))))
    if kind == _PLAIN[0]:
        return lambda _: 0
    inside = [(attrgetter(f"f{place}"), _counter(inner)) for place, (_, inner) in enumerate(parts) if inner != _PLAIN]

    def count(values: list[Any]) -> int:
        objects = _there(values)
        deeper = sum([of_part([part(one) for one in objects]) for part, of_part in inside])
        return len(parts) * len(objects) + deeper

    return count


def _there(values: list[Any]) -> list[Any]:
    return [value for value in values if value is not None]
