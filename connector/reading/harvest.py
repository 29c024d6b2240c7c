"""What one reading of one account brings home: rows to send, and the notes of the ledger."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from connector.findings import Drift, Quarantined
    from connector.reading.assumption import Finding

PIECE_ROWS: Final = 122_880
"""What DuckDB keeps together: pieces of another size have it compress the last group of each piece again."""


@dataclass
class SweepNote:
    """One row of `meta.sweeps`: how one resource of one account was read this time, and what came of it."""

    resource: str
    verdict: str = "skipped"
    reason: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    count_declared: int | None = None
    count_distinct: int = 0
    requests: int = 0
    re_reads: int = 0
    predicted_requests: int | None = None
    predicted_seconds: float | None = None
    rows_new: int = 0
    rows_changed: int = 0
    rows_gone: int = 0
    seconds: float = 0.0
    absences: str = "none"
    fingerprint: str | None = None
    count_absent: int = 0
    count_rescued: int = 0
    count_undecided: int = 0
    count_silent_changes: int = 0
    count_silent_open: int = 0
    count_silent_audit: int = 0
    count_accompanied: int = 0
    count_deferred: int = 0
    audit_share: float | None = None
    pending: str | None = None
    baseline: str | None = None

    @property
    def complete(self) -> bool:
        """Whether the reading is known to have seen every row."""
        return self.verdict in {"proven", "count_complete"}

    @property
    def troubled(self) -> bool:
        """Whether the refresh is partial because of this resource."""
        partial = not self.complete or self.absences in {"suspended", "tripped"}
        return partial or self.count_undecided > 0 or self.count_deferred > 0


@dataclass
class Principal:
    """Who the key acts for, as `/me` tells it; empty for a platform that has no such endpoint."""

    user_id: str = ""
    role: str = ""
    scopes: tuple[str, ...] | None = None
    at: datetime | None = None


@dataclass
class Harvest:
    """Everything that one reading found: arrow tables in stored form by raw table, and what the ledger keeps.

    `findings` are assumptions about the API that the reading saw broken without being stopped by it.
    """

    platform: str
    account: str
    tables: dict[str, list[pa.Table]] = field(default_factory=dict)
    tombstones: dict[str, list[pa.Table]] = field(default_factory=dict)
    gone_records: dict[str, list[str]] = field(default_factory=dict)
    sweeps: dict[str, SweepNote] = field(default_factory=dict)
    marks: dict[str, dict[str, int]] = field(default_factory=dict)
    child_reads: dict[str, dict[str, datetime | None]] = field(default_factory=dict)
    quarantined: list[Quarantined] = field(default_factory=list)
    drift: list[Drift] = field(default_factory=list)
    principal: Principal = field(default_factory=Principal)
    started_at: datetime | None = None
    finished_at: datetime | None = None
    requests: int = 0
    seconds: float = 0.0
    mark_key_id: str = ""
    tripped: int = 0
    findings: list[Finding] = field(default_factory=list)
    handed_over: Counter[str] = field(default_factory=Counter)

    def add(self, table: str, rows: pa.Table) -> None:
        """Take rows to send for a raw table."""
        if len(rows):
            self.tables.setdefault(table, []).append(rows)

    def hand_over(self, table: str) -> Iterator[pa.Table]:
        """The rows to send for a raw table, let go piece by piece: whoever takes them has them next."""
        parts = self.tables.pop(table, [])
        while parts:
            batches = parts.pop(0).to_batches()[::-1]
            while batches:
                piece, room = [], PIECE_ROWS
                while batches and room:
                    batch = batches.pop()
                    piece.append(batch.slice(0, room))
                    if len(batch) > room:
                        batches.append(batch.slice(room))
                    room -= len(piece[-1])
                rows = pa.Table.from_batches(piece)
                del piece
                self.handed_over[table] += len(rows)
                yield rows
                del rows

    def add_tombstones(self, table: str, rows: pa.Table) -> None:
        """Take versions that say "gone"; they are held back until the whole account is read."""
        if len(rows):
            self.tombstones.setdefault(table, []).append(rows)

    @property
    def rows_changed(self) -> int:
        """Versions that this reading adds, in all tables."""
        return sum(map(self.rows_of, {*self.tables, *self.handed_over}))

    def rows_of(self, table: str) -> int:
        """Versions that this reading adds to a raw table, those included that were handed over."""
        return self.handed_over[table] + sum(map(len, self.tables.get(table, ())))

    @property
    def exit_status(self) -> int:
        """0 when everything was read and settled, 5 when something was not, 6 when the absence breaker tripped."""
        if self.tripped:
            return 6
        grave = any(entry.kind == "field_gone" for entry in self.drift)
        troubled = any(note.troubled for note in self.sweeps.values())
        return 5 if troubled or grave or self.quarantined else 0

    def notes(self) -> list[dict[str, Any]]:
        """The rows of `meta.sweeps`."""
        return [vars(note) | {"platform": self.platform, "account": self.account} for note in self.sweeps.values()]
