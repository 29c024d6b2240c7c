"""Settles what an account's lists no longer show: assesses it, drives the questions of `connector.absence`, sends.

Lists are read first, then judged together: a breaker that trips in one of them keeps every row of the account.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pyarrow as pa

from connector.absence import (
    Assessment,
    Case,
    Pending,
    Ruling,
    Settled,
    assess,
    assess_children,
    judge,
    settle,
)
from connector.contract import Way
from connector.findings import Drift
from connector.reading.asking import Asking
from connector.reading.older import settle_older
from connector.reading.pending import as_text, noted

if TYPE_CHECKING:
    from connector.contract import Stream
    from connector.reading.access import Access
    from connector.reading.account import StreamReading, Wishes
    from connector.reading.compare import MissingChildren
    from connector.reading.harvest import Harvest

CANARIES = 3
IDS_AT_ONCE = 20_000


@dataclass
class _Prepared:
    """One list on its way: its typed rows, the children it no longer holds, its assessment."""

    reading: StreamReading
    tables: dict[str, pa.Table]
    missing: list[MissingChildren] = field(default_factory=list)
    assessments: list[Assessment] = field(default_factory=list)
    pending: dict[str, Pending] = field(default_factory=dict)


class Absences:
    """The absences of one account in one refresh."""

    def __init__(self, access: Access, harvest: Harvest, wishes: Wishes, readings: Sequence[StreamReading]) -> None:
        self.access = access
        self.harvest = harvest
        self.wishes = wishes
        self.accepted = wishes.accept_absences or 0
        self.prepared = [_Prepared(reading, {}) for reading in readings]
        self.asking = Asking(access, harvest)
        self.ruling = Ruling((), 0, self.accepted)
        self._parts: dict[str, tuple[str, ...]] = {}

    def settle(self) -> None:
        """Assess all lists, settle what is absent, send versions and tombstones."""
        for one in self.prepared:
            self.note_fingerprint(one.reading.stream, one.reading.history.baseline)
            if not one.reading.failed:
                one.tables = one.reading.collector.tables()
                one.missing = list(self._missing_children(one))
                one.assessments = [self._assessed(one.reading), *(self._children_assessed(m) for m in one.missing)]
        self.ruling = judge((found for one in self.prepared for found in one.assessments), accepted=self.accepted)
        self.harvest.tripped += 0 if self.ruling.may_mark else self.ruling.count
        settled = self._settled()
        for one in self.prepared:
            if not one.reading.failed:
                self._send(one, settled[one.reading.name])

    def children_may_be_marked(self, stream: Stream, missing: MissingChildren) -> bool:
        """Whether rows that their parents' replies no longer hold may be marked; each table has its own breaker."""
        assessment = self._children_assessed(missing)
        ruling = judge([assessment], accepted=self.accepted)
        if not ruling.may_mark:
            note = self.harvest.sweeps[stream.name]
            note.absences, note.reason = "tripped", ruling.message or ""
            note.count_absent = len(missing.keys)
            self.harvest.tripped += ruling.count
        return ruling.may_mark and self.ruling.may_mark and self._view_holds(stream, len(missing.keys))

    def note_fingerprint(self, stream: Stream, baseline: str | None) -> None:
        """Note under whose eyes a stream is read, and under whose its absences were settled last."""
        note, principal = self.harvest.sweeps[stream.name], self.harvest.principal
        note.fingerprint = self.asking.fingerprint(stream, principal.user_id, principal.role, principal.scopes)
        note.baseline = baseline

    def _view_holds(self, stream: Stream, count: int) -> bool:
        """Whether rows that left a reply did so under the same eyes; a narrower owner sees the same parents with fewer.

        Asked only when something would be marked.
        """
        if not count:
            return True
        note = self.harvest.sweeps[stream.name]
        now = self.asking.principal_again()
        reason = None
        if now is None:
            reason = "who the key belongs to could not be asked again"
        elif now[stream.name] != note.fingerprint:
            reason = "the key's user, role or scopes changed during the refresh"
        elif note.baseline is None:
            reason = "no earlier reading tells which rows this key could see; from now on this one does"
        elif note.baseline != note.fingerprint and self.accepted < count:
            reason = (
                f"the key's user, role or scopes are not those of the last settled reading, and {count} rows are not"
                f" shown; if they are gone, run refresh --accept-absences {count}"
            )
        if reason is not None:
            note.absences, note.reason = "suspended", reason
        return reason is None

    def _assessed(self, reading: StreamReading) -> Assessment:
        stream = reading.stream
        seen, count = reading.seen, 0
        absent = set()
        for one in self._known_ids(reading):
            count += 1
            if one not in seen:
                absent.add(one)
        at_end = all(read.swept.reached_end for read in reading.reads.values())
        if not absent and at_end:
            return Assessment(stream.name, count)
        return assess(
            stream.name,
            set(self._known_ids(reading)),
            seen,
            organizations=self._organizations(stream) if absent else None,
            reached_end=at_end,
            is_log=stream.way is Way.LOG,
            accepted=self.accepted,
        )

    def _known_ids(self, reading: StreamReading) -> Iterator[str]:
        """Ids of the visible rows of the lists that were read, as `parent/id` where lists belong to parents."""
        stream = reading.stream
        rows = self.access.known.visible(reading.comparison.own, list(stream.key))
        for batch in rows.to_batches(IDS_AT_ONCE):
            columns = [batch[name].to_pylist() for name in stream.key]
            if len(columns) == 1:
                yield from columns[0]
                continue
            for parts in zip(*columns, strict=True):
                if parts[0] in reading.reads:
                    self._parts["/".join(parts)] = parts
                    yield "/".join(parts)

    def _organizations(self, stream: Stream) -> dict[str, Collection[str]] | None:
        """The employers of each known row, where the contract says which column tells."""
        if stream.organization is None:
            return None
        table_name, _, column = stream.organization.rpartition(".")
        table = self.access.platform.table(table_name or stream.name)
        id_column = table.parent_columns[0] if table_name else stream.key[0]
        rows = self.access.known.visible(table, [id_column, column])
        found: dict[str, set[str]] = {}
        for one, organization in zip(rows[id_column].to_pylist(), rows[column].to_pylist(), strict=True):
            if organization is not None:
                found.setdefault(one, set()).add(organization)
        return dict(found)

    def _missing_children(self, one: _Prepared) -> Iterator[MissingChildren]:
        reading = one.reading
        own = one.tables.get(reading.name)
        children = [table for table in reading.stream.tables if table.parent and self.access.known.count_visible(table)]
        if own is None or not len(own) or not children:
            return
        key = reading.stream.key
        parents = list(zip(*(own[name].to_pylist() for name in key), strict=True))
        at = dict(zip(parents, own["_observed_at"].to_pylist(), strict=True))
        for table in children:
            columns = {name: own[source] for name, source in zip(table.parent_columns, key, strict=True)}
            missing = reading.comparison.missing_children(
                table,
                pa.table(columns),
                at,
                one.tables.get(table.name),
                not_before=reading.history.last_complete_started_at,
                unread=reading.collector.unread_lists.get(table.name, ()),
            )
            if missing.known:
                yield missing

    def _children_assessed(self, missing: MissingChildren) -> Assessment:
        absent = set(missing.keys)
        if not absent:
            return Assessment(missing.table.name, missing.known)
        known = self.access.known.visible(missing.table, ["_key"])["_key"].to_pylist()
        organizations = None
        if any(column.name == "organization_id" for column in missing.table.columns):
            rows = self.access.known.visible(missing.table, ["_key", "organization_id"])
            organizations = dict(zip(rows["_key"].to_pylist(), rows["organization_id"].to_pylist(), strict=True))
        all_known = set(known)
        return assess_children(missing.table.name, all_known, all_known - absent, organizations=organizations)

    def _settled(self) -> dict[str, Settled]:
        """Drive the questions until each list has a conclusion."""
        cases = [self._case(one) for one in self.prepared if not one.reading.failed]
        questions = settle(cases, self.ruling, grace=timedelta(hours=self.wishes.grace_hours), random=random.Random())  # noqa: S311 - a sample
        try:
            question = next(questions)
            while True:
                question = questions.send(self.asking.answer(question))
        except StopIteration as stop:
            settled: dict[str, Settled] = stop.value
        return settled

    def _case(self, one: _Prepared) -> Case:
        reading = one.reading
        stream, note = reading.stream, reading.note
        seen = list(reading.seen)
        evidence = "by_id" if stream.by_id else "whole" if stream.way is Way.WHOLE else "two_readings"
        one.pending = noted(reading.history.newest.get("pending"))
        return Case(
            one.assessments[0],
            at=note.ended_at,  # type: ignore[arg-type]
            fingerprint=note.fingerprint or "",
            baseline=note.baseline,
            canaries=random.sample(seen, min(CANARIES, len(seen))),
            evidence=evidence,  # type: ignore[arg-type]
            is_complete=note.complete,
            is_proven=note.verdict == "proven",
            pending=one.pending,
        )

    def _send(self, one: _Prepared, settled: Settled) -> None:
        """Send what one list brought: versions, and tombstones where absences are settled."""
        reading, note = one.reading, one.reading.note
        self._take_rescued(one, settled)
        one.tables, went_back = settle_older(
            self.access, reading, one.tables, lambda ids: self.asking.rows(reading.stream, list(ids))
        )
        self.harvest.drift += went_back
        before = reading.history.last_complete_started_at
        reading.comparison.versions(one.tables, before)
        held = None
        if self.ruling.may_mark:
            if self._view_holds(reading.stream, sum(len(missing.keys) for missing in one.missing)):
                for missing in one.missing:
                    reading.comparison.mark_missing(missing)
            else:
                held = note.reason
            gone = [self._parts.get(row.key, (row.key,)) for row in settled.gone]
            at = [row.missed_at for row in settled.gone]
            reading.comparison.mark_gone(gone, at, [self._not_before(reading, instant) for instant in at])
            self._children_follow(reading, gone, at)
            self.harvest.gone_records[reading.name] = [row.key for row in settled.gone]
        tables = {table.name for table in reading.stream.tables}
        is_tripped = not self.ruling.may_mark and not tables.isdisjoint(self.ruling.tripped)
        note.absences = "tripped" if is_tripped else "suspended" if held else settled.outcome
        unread = note.reason if note.verdict == "unproven" else None  # what was not read comes before what follows
        said = (unread, settled.reason or held, self.ruling.message if is_tripped else None)
        note.reason = ". ".join(dict.fromkeys(text for text in said if text)) or note.reason
        note.count_absent, note.count_rescued = settled.count_absent, len(settled.rescued)
        note.count_undecided = len(settled.undecided)
        note.baseline = settled.baseline
        note.pending = as_text(settled.pending)
        if settled.drift and note.ended_at is not None:
            drift = Drift(reading.name, "", "hidden_in_list", settled.drift, len(settled.rescued), note.ended_at)
            self.harvest.drift.append(drift)

    def _take_rescued(self, one: _Prepared, settled: Settled) -> None:
        collector = one.reading.collector
        for record_id, found in settled.rescued.items():
            record: tuple[tuple[bytes, int], datetime] = found  # type: ignore[assignment]
            (raw, mark), at = record
            collector.take([raw], [record_id], [mark], at)
            one.reading.rescued.append(record_id)
        if settled.rescued:
            one.tables = collector.tables()

    def _not_before(self, reading: StreamReading, missed_at: datetime) -> datetime | None:
        return reading.history.last_complete_before(missed_at)

    def _children_follow(self, reading: StreamReading, gone: Sequence[Sequence[str]], at: Sequence[datetime]) -> None:
        """Rows of nested streams follow the parents that are gone."""
        if not gone:
            return
        when = {
            tuple(one): (instant, self._not_before(reading, instant)) for one, instant in zip(gone, at, strict=True)
        }
        for stream in self.access.platform.streams:
            if stream.parent == reading.name:
                own = next(table for table in stream.tables if table.is_own)
                reading.comparison.follow(own, tuple(stream.from_parent.values()), when)
