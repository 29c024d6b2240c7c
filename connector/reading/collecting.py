"""Gathers the records of one stream that are not as they were, and types them in batches, so that memory stays flat."""

from __future__ import annotations

from itertools import compress
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from connector.findings import Drift
from connector.records import Received, type_objects, type_records
from connector.stored_rows import latest_of_each_key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    import msgspec

    from connector.contract import Stream, Table
    from connector.findings import Quarantined
    from connector.reading.access import Access
    from connector.records import Typed

BATCH_RECORDS: Final = 5_000


class Collector:
    """The changed records of one stream; `tables()` gives them typed, with the privacy policy applied.

    `marks` holds the mark of each record taken, by id, as it was last read; `unchanged` counts those that were as they
    had been, and therefore not taken.
    """

    def __init__(self, access: Access, stream: Stream) -> None:
        self.access = access
        self.stream = stream
        self.marks: dict[str, int] = {}
        self.unchanged = 0
        self.quarantined: list[Quarantined] = []
        self.drift: dict[tuple[str, str, str, str], Drift] = {}
        self.unread_lists: dict[str, set[str]] = {}
        self.envelopes: list[tuple[dict[str, Any], datetime]] = []
        self._batches: dict[str, list[pa.Table]] = {}
        self._raw: list[bytes] = []
        self._observed: list[datetime] = []
        self._given: list[Mapping[str, str]] = []
        self._missing: set[str] | None = None
        self._last_at: datetime | None = None

    def take(
        self,
        raw: Sequence[bytes | msgspec.Raw],
        ids: Sequence[str | None],
        marks: Sequence[int],
        at: datetime,
        given: Mapping[str, str] | None = None,
    ) -> None:
        """Take records of one reply, by ids that are theirs alone, unless they were taken already as they are."""
        taken, fresh = self.marks, []
        for record_id, mark in zip(ids, marks, strict=True):
            fresh.append(record_id is None or taken.get(record_id) != mark)
            if record_id is not None:
                taken[record_id] = mark
        before = len(self._raw)
        self._raw += map(bytes, compress(raw, fresh))  # copies: the rest of the reply's body can go
        count = len(self._raw) - before
        self._observed += [at] * count
        self._given += [given or {}] * count
        if len(self._raw) >= BATCH_RECORDS:
            self._flush()

    def tables(self) -> dict[str, pa.Table]:
        """All that was taken, one row for a key, by table; the field that no record carried is told as drift."""
        self._flush()
        tables: dict[str, pa.Table] = {}
        for table in self.stream.tables:
            batches = self._batches.get(table.name, [])
            if not batches:
                continue
            rows, dropped = latest_of_each_key(pa.concat_tables(batches))
            if table.parent is not None:
                rows = self._of_latest_parents(table, rows, tables)
            tables[table.name] = rows
            if dropped and table.parent is not None and self._last_at is not None:
                self._note(
                    Drift(table.name, "_key", "repeated_key", "one key twice in a record", dropped, self._last_at)
                )
        # Where some records are as they were, those that changed do not speak for all.
        for name in sorted(self._missing or ()) if not self.unchanged else ():
            table_name, field_name = name.split(".", 1)
            if self._last_at is not None:
                self._note(Drift(table_name, field_name, "field_gone", "absent from all records", 0, self._last_at))
        return tables

    def _of_latest_parents(self, table: Table, rows: pa.Table, tables: Mapping[str, pa.Table]) -> pa.Table:
        """Children of a record that was read twice count only as its newest reading shows them."""
        parent = tables.get(self.stream.name)
        if parent is None or len(parent) == self._count(self.stream.name):
            return rows
        keys = list(table.parent_columns)
        newest = parent.select([*self.stream.key, "_observed_at"]).rename_columns([*keys, "_observed_at"])
        return rows.join(newest, [*keys, "_observed_at"], join_type="left semi")

    def _count(self, table: str) -> int:
        return sum(len(batch) for batch in self._batches.get(table, ()))

    def _flush(self) -> None:
        if not self._raw:
            return
        access, stream = self.access, self.stream
        given = self._given if stream.from_parent or stream.envelope_columns else None
        received = Received(self._raw, self._observed, given)
        self._last_at = self._observed[-1]
        typed = type_records(stream, received, account=access.account, rename=access.rename.get(stream.name))
        self.absorb(typed)
        if typed.records:
            self._missing = typed.fields_missing if self._missing is None else self._missing & typed.fields_missing
        self._raw, self._observed, self._given = [], [], []

    def take_envelope(self, table: Table, envelope: dict[str, Any], at: datetime) -> None:
        """Take the fields beside a list as one row of the envelope's table."""
        self.absorb(type_objects(table, [envelope], [at], account=self.access.account))

    def absorb(self, typed: Typed) -> None:
        """Keep typed rows, under the privacy policy, and what was noticed."""
        policy = self.access.policy
        by_name = {table.name: table for table in self.stream.tables}
        for name, rows in typed.tables.items():
            self._batches.setdefault(name, []).append(policy.applied(by_name[name], rows))
        for name, table in by_name.items():
            self.quarantined += policy.quarantined(table, [entry for entry in typed.quarantined if entry.table == name])
        for entry in typed.drift:
            self._note(entry)
        for name, parents in typed.unread_lists.items():
            self.unread_lists.setdefault(name, set()).update(parents)

    def join(self, other: Collector) -> None:
        """Take over what another collector of the same stream noticed."""
        self.quarantined += other.quarantined
        for entry in other.drift.values():
            self._note(entry)

    def _note(self, entry: Drift) -> None:
        key = (entry.resource, entry.field, entry.kind, entry.detail)
        before = self.drift.get(key)
        count = entry.count_seen + (before.count_seen if before else 0)
        self.drift[key] = Drift(*key, count, entry.observed_at)
