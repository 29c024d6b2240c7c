"""One page of a list, taken apart no further than the sweep needs: raw records, their ids, marks and sort columns.

A record that has not changed since the last refresh is never parsed: its mark, a keyed hash of its bytes, says so.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import compress, count
from operator import not_, xor
from struct import unpack
from typing import TYPE_CHECKING, Any, Final

import msgspec

from connector.errors import BadBody, ContractBroken
from connector.platforms.assumed import AssumedManners
from connector.reading.times import TimeForm
from connector.sweep import Reply

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from connector.contract import Manners, Stream

MARK_BYTES: Final = 8
NULL: Final = b"null"


@dataclass(slots=True)
class Page:
    """The records of one reply in order, and what stands beside them; `differing` are those not as they were known."""

    raw: Sequence[msgspec.Raw]
    ids: Sequence[str | None]
    marks: Sequence[int]
    created: Sequence[str | None]
    updated: Sequence[str | None]
    page: int | None
    page_size: int | None
    total_count: int | None
    envelope: dict[str, Any] = field(default_factory=dict)
    differing: Sequence[int] = ()

    def reply(self, at: datetime) -> Reply:
        """The page as the sweep wants it."""
        return Reply(
            self.ids, self.marks, self.created, self.updated, self.page, self.page_size, self.total_count, at=at
        )


class Marker:
    """Makes the marks of records: 64-bit hashes, keyed, because the bytes hold values that are withheld elsewhere."""

    def __init__(self, secret: bytes, policy: str) -> None:
        key = blake2b(policy.encode(), digest_size=32, key=secret[:64]).digest()
        self.key_id = blake2b(b"mark key id", digest_size=8, key=key).hexdigest()
        self._begun = blake2b(digest_size=MARK_BYTES, key=key)

    def marks(self, raw: Iterable[msgspec.Raw | bytes]) -> list[int]:
        """A mark for each record; equal bytes have equal marks, under one key and policy."""
        begun, found = self._begun.copy, bytearray()
        for record in raw:
            mark = begun()
            mark.update(record)
            found += mark.digest()
        return list(unpack(f"<{len(found) // MARK_BYTES}q", found))


class PageDecoder:
    """Takes the body of a list reply apart; raises BadBody for what is not JSON, ContractBroken for another shape."""

    def __init__(self, stream: Stream, manners: Manners, marker: Marker, *, paged: bool = True) -> None:
        self.stream = stream
        self.manners = manners
        self.marker = marker
        self.paged = paged
        self._data_path = stream.data if stream.data != "data" else manners.data
        self._is_assumed = isinstance(manners, AssumedManners)
        self._times = TimeForm(manners) if isinstance(manners, AssumedManners) and manners.rewrites_times else None
        fields = {"id": manners.id_field, "created": stream.created_at, "updated": stream.updated_at}
        self._has_one_time = stream.created_at == stream.updated_at
        if self._has_one_time:
            del fields["updated"]
        head = msgspec.defstruct("Head", [(name, Any, None) for name in fields], rename=fields)
        self._heads = msgspec.json.Decoder(list[head])  # type: ignore[valid-type]
        self._top = msgspec.json.Decoder(dict[str, msgspec.Raw])
        self._rows = msgspec.json.Decoder(list[msgspec.Raw])

    def __call__(self, body: bytes) -> Page:
        """The page in a reply's body."""
        if not body.isascii():
            self._refuse_damaged_text(body)
        top, data = self._opened(body)
        raw = self._listed(data)
        if self._times is not None:
            raw = self._times.rewritten(raw)
            data = b"[" + b",".join(raw) + b"]"
        if self._is_assumed:
            self._whole_number(top, self.manners.total_pages)
        ids, created, updated = self._columns(data, raw)
        return Page(
            raw,
            ids,
            self.marker.marks(raw),
            created,
            updated,
            self._whole_number(top, self.manners.page),
            self._whole_number(top, self.manners.page_size),
            self._whole_number(top, self.manners.total_count),
            self._envelope(top),
        )

    def _refuse_damaged_text(self, body: bytes) -> None:
        """Records are passed on without a look at their texts, so damage would come to light as another row."""
        try:
            body.decode("utf-8")
        except UnicodeDecodeError:
            raise BadBody(f"{self.stream.name}: a reply is not whole UTF-8.") from None

    def _opened(self, body: bytes) -> tuple[dict[str, msgspec.Raw], msgspec.Raw | bytes]:
        if not self._data_path:
            return {}, body
        try:
            top = self._top.decode(body)
        except msgspec.ValidationError:
            raise self._broken("the body is no object") from None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise BadBody(f"{self.stream.name}: a reply is not whole JSON.") from None
        data = self._inner(top, self._data_path)
        if data is None:
            found = ", ".join(sorted(top)[:8]) or "nothing"
            raise self._broken(f"no list at {self._data_path!r}; the body holds {found}")
        return top, data

    def _listed(self, data: msgspec.Raw | bytes) -> list[msgspec.Raw]:
        try:
            return self._rows.decode(data)
        except msgspec.ValidationError:
            raise self._broken(f"{self._data_path or 'the body'} is no list") from None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise BadBody(f"{self.stream.name}: a reply is not whole JSON.") from None

    def _inner(self, top: dict[str, msgspec.Raw], path: str) -> msgspec.Raw | None:
        """The raw value at a dotted path; None where the path ends early."""
        first, *rest = path.split(".")
        value = top.get(first)
        for part in rest:
            if value is None:
                return None
            try:
                value = self._top.decode(value).get(part)
            except (msgspec.DecodeError, UnicodeDecodeError):
                return None
        return value

    def _columns(
        self, data: msgspec.Raw | bytes, raw: Sequence[msgspec.Raw]
    ) -> tuple[list[str | None], list[str | None], list[str | None]]:
        try:
            heads: list[Any] = self._heads.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            heads = [self._head_of(record) for record in raw]
        ids = [head.id for head in heads]
        created = [head.created for head in heads]
        updated = created if self._has_one_time else [head.updated for head in heads]
        if set(map(type, ids)) - {str}:
            ids = [_as_id(value) for value in ids]
        return ids, _texts(created), _texts(updated)

    def _head_of(self, record: msgspec.Raw) -> Any:
        """The head of one record that stands beside a bad one; without an id when it is the bad one."""
        try:
            value = json.loads(bytes(record).decode("utf-8", "replace"))
        except (ValueError, RecursionError):
            value = None
        if not isinstance(value, dict):
            value = {}
        manners, stream = self.manners, self.stream
        return _Head(value.get(manners.id_field), value.get(stream.created_at), value.get(stream.updated_at))

    def _whole_number(self, top: dict[str, msgspec.Raw], path: str) -> int | None:
        if not self.paged or not path:
            return None
        raw = self._inner(top, path)
        if raw is None or bytes(raw) == NULL:
            if self._data_path and self._is_assumed:
                raise self._broken(f"no {path}")
            return None
        try:
            value = msgspec.json.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError):
            value = None
        if type(value) is not int:
            raise self._broken(f"{path} is no whole number")
        return value

    def _envelope(self, top: dict[str, msgspec.Raw]) -> dict[str, Any]:
        """What stands beside the list, decoded, for streams that keep some of it."""
        if self.stream.envelope_table is None and not self.stream.envelope_columns:
            return {}
        beside = {self._data_path.split(".")[0], self.manners.page.split(".")[0]}
        try:
            return {name: msgspec.json.decode(value) for name, value in top.items() if name not in beside}
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise self._broken("the fields beside the list cannot be read") from None

    def _broken(self, what: str) -> ContractBroken:
        return ContractBroken(
            f"{self.stream.name}: the reply has another shape than agreed: {what}.", stream=self.stream.name
        )


@dataclass(frozen=True, slots=True)
class _Head:
    id: Any
    created: Any
    updated: Any


def _as_id(value: object) -> str | None:
    if isinstance(value, str):
        return value or None
    return str(value) if type(value) is int else None


def _texts(values: list[Any]) -> list[str | None]:
    if set(map(type, values)) <= {str, type(None)}:
        return values
    return [value if isinstance(value, str) else None for value in values]


class KnownMarks:
    """The marks of the last refresh; of each record one number that tells both its id and its mark."""

    def __init__(self, batches: Iterable[tuple[Sequence[str], Sequence[int]]]) -> None:
        self._known: set[int] = set()
        for ids, marks in batches:
            self._known.update(map(xor, map(hash, ids), marks))

    def __len__(self) -> int:
        return len(self._known)

    def differing(self, ids: Sequence[str | None], marks: Sequence[int]) -> list[int]:
        """Positions of the records that are new or not as they were; two of one number in 64 bits are not expected."""
        as_known = map(self._known.__contains__, map(xor, map(hash, ids), marks))
        return list(compress(count(), map(not_, as_known)))
