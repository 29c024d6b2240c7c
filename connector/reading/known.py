"""What the warehouse knows already, as a reading asks for it.

Everything that a refresh remembers is in the warehouse itself: no state file, nothing that can disagree with the rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import pyarrow as pa

from connector.stored_rows import arrow_schema

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from connector.contract import Table


@dataclass(frozen=True)
class SweepHistory:
    """What earlier refreshes noted about one resource of one account, newest first.

    `rows` are rows of `meta.sweeps` as dictionaries; the properties say what a new refresh wants to know of them.
    """

    rows: Sequence[Mapping[str, Any]] = field(default_factory=tuple)

    @property
    def last_complete_started_at(self) -> datetime | None:
        """Start of the newest complete reading: a change seen now lies after it."""
        return next((row["started_at"] for row in self.rows if row["verdict"] in COMPLETE), None)

    def last_complete_before(self, instant: datetime) -> datetime | None:
        """Start of the newest complete reading that ended strictly before an instant."""
        complete = (row for row in self.rows if row["verdict"] in COMPLETE and row["ended_at"] < instant)
        return next((row["started_at"] for row in complete), None)

    @property
    def baseline(self) -> str | None:
        """The fingerprint under which absences were settled last."""
        return next((row["baseline"] for row in self.rows if row.get("baseline")), None)

    @property
    def newest(self) -> Mapping[str, Any]:
        """The newest row; empty when there is none."""
        return self.rows[0] if self.rows else {}


COMPLETE = frozenset({"proven", "count_complete"})


class Known(Protocol):
    """The warehouse as one account's reading sees it; every answer is limited to that account."""

    def marks(self, resource: str, mark_key_id: str) -> Iterator[tuple[Sequence[str], Sequence[int]]]:
        """Record ids and the marks they were last read with, in batches; only marks made with that key."""
        ...

    def visible(self, table: Table, columns: Sequence[str]) -> pa.Table:
        """The given columns of all current visible rows."""
        ...

    def count_visible(self, table: Table) -> int:
        """How many current rows are visible."""
        ...

    def versions(self, table: Table, keys: pa.ChunkedArray) -> pa.Table:
        """`_key`, `_row_hash`, `_visible` of the current versions of those keys."""
        ...

    def children(self, table: Table, parents: pa.Table) -> pa.Table:
        """`_key`, `_row_hash`, `_visible` and the parent columns of the current rows of those parents.

        `parents` has the table's parent columns as its columns.
        """
        ...

    def rows(self, table: Table, keys: pa.ChunkedArray) -> pa.Table:
        """The current versions of those keys, in stored form."""
        ...

    def history(self, resource: str) -> SweepHistory:
        """What earlier refreshes noted about the resource."""
        ...

    def child_reads(self, resource: str) -> Mapping[str, datetime]:
        """When each parent's reply was last read."""
        ...


class NothingKnown:
    """An empty warehouse."""

    def marks(self, resource: str, mark_key_id: str) -> Iterator[tuple[Sequence[str], Sequence[int]]]:
        """No record has been read."""
        del resource, mark_key_id
        return iter(())

    def visible(self, table: Table, columns: Sequence[str]) -> pa.Table:
        """No row is visible."""
        return arrow_schema(table).empty_table().select(list(columns))

    def count_visible(self, table: Table) -> int:
        """No row is visible."""
        del table
        return 0

    def versions(self, table: Table, keys: pa.ChunkedArray) -> pa.Table:
        """No version exists."""
        del keys
        return arrow_schema(table).empty_table().select(["_key", "_row_hash", "_visible"])

    def children(self, table: Table, parents: pa.Table) -> pa.Table:
        """No child exists."""
        names = ["_key", "_row_hash", "_visible", *parents.column_names]
        return arrow_schema(table).empty_table().select(names)

    def rows(self, table: Table, keys: pa.ChunkedArray) -> pa.Table:
        """No row exists."""
        del keys
        return arrow_schema(table).empty_table()

    def history(self, resource: str) -> SweepHistory:
        """Nothing was noted."""
        del resource
        return SweepHistory()

    def child_reads(self, resource: str) -> Mapping[str, datetime]:
        """No parent was read."""
        del resource
        return {}


__all__ = ["COMPLETE", "Known", "NothingKnown", "SweepHistory"]
