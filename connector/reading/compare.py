"""What was read against what is known: versions to send, children that are gone, tombstones.

One `Comparison` belongs to one stream of one account. It adds rows to the harvest and counts to the sweep's note.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from connector.changes import compared, stored_form, tombstones
from connector.columns import INSTANT
from connector.stored_rows import key_texts

if TYPE_CHECKING:
    from datetime import datetime

    from connector.contract import Stream, Table
    from connector.reading.access import Access
    from connector.reading.harvest import Harvest, SweepNote


@dataclass(frozen=True)
class MissingChildren:
    """Rows that a parent's reply no longer holds, in one child table: their keys, and when the reply said so.

    `known` is how many rows of those parents were visible before.
    """

    table: Table
    keys: Sequence[str]
    observed_at: Sequence[datetime]
    not_before: Sequence[datetime | None]
    known: int


class Comparison:
    """Compares the rows of one stream and sends what differs."""

    def __init__(self, access: Access, stream: Stream, harvest: Harvest, note: SweepNote) -> None:
        self.access = access
        self.stream = stream
        self.harvest = harvest
        self.note = note
        self.own = next(table for table in stream.tables if table.name == stream.name)
        self.changed_parents: set[str] = set()

    def versions(
        self, tables: Mapping[str, pa.Table], not_before: datetime | Mapping[str, datetime] | None
    ) -> dict[str, pa.Table]:
        """Send new and changed rows of all tables; hands back the stored form of all rows read.

        `not_before` is one instant for all, or one for each parent.
        """
        forms: dict[str, pa.Table] = {}
        back: dict[str, datetime | None] = {}
        for table in self.stream.tables:
            rows = tables.get(table.name)
            if rows is None or len(rows) == 0:
                continue
            forms[table.name] = form = self._form(table, rows, not_before)
            known = self.access.known.versions(table, form["_key"])
            changes = compared(form, known)
            if table.is_own:
                back = self._back_again(table, changes.rows, known)
            self.harvest.add(table.name, self._bounded_by_absence(table, changes.rows, back))
            if table.is_own:
                self.note.rows_new += changes.new
                self.note.rows_changed += changes.changed
            self.changed_parents |= self._parents_of(table, changes.rows)
        return forms

    def _back_again(self, table: Table, rows: pa.Table, known: pa.Table) -> dict[str, datetime | None]:
        """Records that were out of sight, with the start of the last complete reading that still showed them.

        Readings in between saw neither them nor what happened to them, so they bound nothing.
        """
        hidden = known.filter(pc.invert(known["_visible"]))["_key"]
        hidden = hidden.filter(pc.is_in(hidden, value_set=rows["_key"].combine_chunks()))
        if not len(hidden):
            return {}
        last = self.access.known.rows(table, hidden)
        if self.stream.deleted_at is not None:
            last = last.filter(pc.is_null(last[self.stream.deleted_at]))
        return dict(zip(last[self.stream.key[-1]].to_pylist(), last["_not_before"].to_pylist(), strict=True))

    def _bounded_by_absence(self, table: Table, rows: pa.Table, back: Mapping[str, datetime | None]) -> pa.Table:
        """The rows, those of records that are back again bounded by when they were last seen."""
        if not back or not len(rows):
            return rows
        column = self.stream.key[-1] if table.is_own else (table.parent_columns or ("",))[-1]
        if column not in rows.column_names:
            return rows
        pairs = zip(rows[column].to_pylist(), rows["_not_before"].to_pylist(), strict=True)
        bounds = pa.array([back.get(one, before) for one, before in pairs], INSTANT)
        return rows.set_column(rows.schema.get_field_index("_not_before"), "_not_before", bounds)

    def _form(self, table: Table, rows: pa.Table, not_before: datetime | Mapping[str, datetime] | None) -> pa.Table:
        visible = None
        if self.stream.deleted_at is not None and table.is_own:
            visible = pc.is_null(rows[self.stream.deleted_at])
        if not isinstance(not_before, dict):
            return stored_form(table, rows, not_before=not_before, visible=visible)  # type: ignore[arg-type]
        (parent_column,) = self.stream.from_parent.values()
        before = [
            earlier if earlier is not None and earlier < at else None
            for earlier, at in zip(
                map(not_before.get, rows[parent_column].to_pylist()), rows["_observed_at"].to_pylist(), strict=True
            )
        ]
        rows = rows.append_column("_not_before", pa.array(before, INSTANT))
        return stored_form(table, rows, not_before=None, visible=visible)

    def _parents_of(self, table: Table, rows: pa.Table) -> set[str]:
        """The records that changed rows belong to: of a nested stream its parents, else the stream's own records."""
        if self.stream.from_parent and table.is_own:
            (column,) = self.stream.from_parent.values()
        else:
            column = self.stream.key[-1] if table.is_own else (table.parent_columns or ("",))[-1]
        return set(rows[column].to_pylist()) if column in rows.column_names else set()

    def missing_children(
        self,
        table: Table,
        parents: pa.Table,
        observed_at: Mapping[tuple[str, ...], datetime],
        present: pa.Table | None,
        *,
        not_before: Mapping[tuple[str, ...], datetime] | datetime | None,
        unread: Collection[str] = (),
    ) -> MissingChildren:
        """Visible rows of those parents that are not among the rows just read.

        `parents` has the table's parent columns; `observed_at` says when each parent's reply came; rows of `unread`
        parents are left out, because their list could not be read.
        """
        columns = parents.column_names
        known = self.access.known.children(table, parents)
        known = known.filter(known["_visible"])
        gone = known
        if present is not None and len(present):
            gone = known.filter(pc.invert(pc.is_in(known["_key"], value_set=present["_key"].combine_chunks())))
        whose = list(zip(*(gone[name].to_pylist() for name in columns), strict=True)) if len(gone) else []
        keys = gone["_key"].to_pylist()
        found = [(key, parent) for key, parent in zip(keys, whose, strict=True) if parent[-1] not in unread]
        at = [observed_at[parent] for _, parent in found]
        before = [not_before.get(p) if isinstance(not_before, Mapping) else not_before for _, p in found]
        earlier = [b if b is not None and b < a else None for b, a in zip(before, at, strict=True)]
        return MissingChildren(table, [key for key, _ in found], at, earlier, len(known))

    def mark_missing(self, missing: MissingChildren) -> None:
        """Send a tombstone for each missing child."""
        self._mark(missing.table, missing.keys, missing.observed_at, missing.not_before)
        if missing.table.is_own:
            self.note.rows_gone += len(missing.keys)

    def mark_gone(
        self, ids: Sequence[Sequence[str]], observed_at: Sequence[datetime], not_before: Sequence[datetime | None]
    ) -> None:
        """Send a tombstone for records that are gone, and for the rows of their lists."""
        if not ids:
            return
        keys = key_texts(self.access.account, list(zip(*ids, strict=True)))
        self._mark(self.own, keys, observed_at, not_before)
        self.note.rows_gone += len(keys)
        when = {tuple(one): (at, before) for one, at, before in zip(ids, observed_at, not_before, strict=True)}
        for table in self.stream.tables:
            if table.parent is not None:
                self.follow(table, table.parent_columns, when)

    def follow(
        self,
        table: Table,
        parent_columns: Sequence[str],
        when: Mapping[tuple[str, ...], tuple[datetime, datetime | None]],
    ) -> None:
        """Children follow their parents: a tombstone for each visible row of records that are gone."""
        columns = zip(*when, strict=True)
        parents = pa.table(
            {name: pa.array(ids, pa.string()) for name, ids in zip(parent_columns, columns, strict=True)}
        )
        known = self.access.known.children(table, parents)
        known = known.filter(known["_visible"])
        whose = list(zip(*(known[name].to_pylist() for name in parent_columns), strict=True)) if len(known) else []
        self._mark(table, known["_key"].to_pylist(), [when[p][0] for p in whose], [when[p][1] for p in whose])

    def _mark(
        self,
        table: Table,
        keys: Sequence[str],
        observed_at: Sequence[datetime],
        not_before: Sequence[datetime | None],
    ) -> None:
        if not keys:
            return
        last = self.access.known.rows(table, pa.chunked_array([pa.array(keys, pa.string())]))
        at = dict(zip(keys, zip(observed_at, not_before, strict=True), strict=True))
        order = last["_key"].to_pylist()
        self.harvest.add_tombstones(
            table.name,
            tombstones(
                table,
                last,
                observed_at=pa.array([at[key][0] for key in order], INSTANT),
                not_before=pa.array([at[key][1] for key in order], INSTANT),
            ),
        )
