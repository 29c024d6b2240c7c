"""Reads one account from beginning to end: who the key is, the lists, what is absent, the steps, the comparison."""

from __future__ import annotations

import time
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from connector.contract import Way
from connector.errors import KeyRefused, RequestRefused, ScopeMissing, SourceUnavailable, Stopped, StreamFailed
from connector.findings import Drift
from connector.reading.absences import Absences
from connector.reading.collecting import Collector
from connector.reading.compare import Comparison
from connector.reading.harvest import Harvest, SweepNote
from connector.reading.known import SweepHistory
from connector.reading.lists import ListRead, ListReader
from connector.reading.log import newest_of_each, read_log
from connector.reading.nested import NestedReading
from connector.reading.pages import KnownMarks
from connector.reading.planning import parents_of
from connector.reading.principal import ask_principal
from connector.reading.probe import refuse_when_broken, usual_requests
from connector.reading.rate_findings import rate_findings
from connector.reading.whole import read_whole
from connector.sweep import predicted_requests

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from connector.contract import Manners, Stream
    from connector.reading.access import Access

IN_LISTS = {Way.LISTED, Way.PAGED_BY_PARENT, Way.WHOLE}
NOT_FOUND = 404
FORGOTTEN = 0
"""The mark of a record that is gone: if it comes back as it was, it must not pass for unchanged."""
VERDICT_ORDER = ("failed", "skipped", "unproven", "count_complete", "proven")


@dataclass(frozen=True)
class Wishes:
    """What the caller asks of a reading beyond the ordinary.

    `full` reads the steps of all parents; `accept_absences` lifts the breaker once for up to so many rows;
    `max_requests` and `max_minutes` bound the fan-out; `grace_hours` is how long an absence must last.
    """

    full: bool = False
    accept_absences: int | None = None
    max_requests: int | None = None
    max_minutes: float | None = None
    grace_hours: float = 0.0


@dataclass
class StreamReading:
    """One stream as far as it has been read."""

    stream: Stream
    note: SweepNote
    collector: Collector
    comparison: Comparison
    known_marks: KnownMarks
    history: SweepHistory
    reads: dict[str, ListRead] = field(default_factory=dict)
    rescued: list[str] = field(default_factory=list)
    failed: bool = False

    @property
    def name(self) -> str:
        """The stream's name."""
        return self.stream.name

    @property
    def seen(self) -> Mapping[str, object]:
        """Every id that the sweeps saw; `parent/id` where the stream has a list for each parent."""
        if set(self.reads) == {""}:
            return self.reads[""].swept.seen
        return {f"{parent}/{one}": mark for parent, read in self.reads.items() for one, mark in read.swept.seen.items()}


def read_account(access: Access, streams: Sequence[str], wishes: Wishes) -> Harvest:
    """Read the named streams of one account.

    Raises KeyRefused, SourceUnavailable and bugs; what concerns one stream alone ends in that stream's note.
    """
    return _AccountReading(access, streams, wishes).read()


class _AccountReading:
    def __init__(self, access: Access, streams: Sequence[str], wishes: Wishes) -> None:
        self.access = access
        self.wishes = wishes
        self.wanted = [stream for stream in access.platform.streams if stream.name in streams]
        self.harvest = Harvest(access.platform.name, access.account, mark_key_id=access.marker.key_id)
        self.readings: dict[str, StreamReading] = {}
        self.began = time.monotonic()

    def read(self) -> Harvest:
        """The whole reading, in order."""
        self._ask_who_the_key_is()
        self._open_streams()
        self._read_lists()
        self._refuse_when_all_failed()
        absences = Absences(self.access, self.harvest, self.wishes, self._list_readings())
        absences.settle()
        for stream in self._nested_streams():
            self._read_nested(stream, absences)
        return self._finished()

    def _ask_who_the_key_is(self) -> None:
        self.harvest.principal = ask_principal(self.access)
        self.harvest.started_at = self.harvest.principal.at

    def _open_streams(self) -> None:
        """A stream whose scope the key lacks costs no request and no other stream."""
        granted = self.harvest.principal.scopes
        for stream in self.wanted:
            history = self.access.known.history(stream.name)
            note = SweepNote(stream.name, baseline=history.baseline, pending=history.newest.get("pending"))
            self.harvest.sweeps[stream.name] = note
            if granted is not None and stream.scope is not None and stream.scope not in granted:
                note.reason = f"the key lacks the scope {stream.scope}"
                continue
            collector = Collector(self.access, stream)
            comparison = Comparison(self.access, stream, self.harvest, note)
            marks = self.access.known.marks(stream.name, self.access.marker.key_id) if stream.way in IN_LISTS else ()
            reading = StreamReading(stream, note, collector, comparison, KnownMarks(marks), history)
            self.readings[stream.name] = reading
        scopes = sorted({stream.scope for stream in self.wanted if stream.scope})
        if self.wanted and not self.readings:
            raise KeyRefused(
                f"The {self.access.platform.title} key opens none of the streams asked for.",
                f"Nothing was changed. Ask for a key with {', '.join(scopes)}.",
            )

    def _list_readings(self) -> list[StreamReading]:
        return [reading for reading in self.readings.values() if reading.stream.way in IN_LISTS]

    def _nested_streams(self) -> list[Stream]:
        return [reading.stream for reading in self.readings.values() if reading.stream.way in {Way.NESTED, Way.LOG}]

    def _read_lists(self) -> None:
        """Lists side by side, the windows of each one after the other."""
        with ThreadPoolExecutor(max(1, self.access.in_flight), "list") as threads:
            tasks = [threads.submit(self._read_list, reading) for reading in self._list_readings()]
            _, unfinished = wait(tasks, return_when=FIRST_EXCEPTION)
            if unfinished:
                self.access.stop.set()
            failures = [error for task in tasks if (error := task.exception()) is not None]
        # Those that were told to stop because of another say nothing.
        for error in sorted(failures, key=lambda error: isinstance(error, Stopped)):
            raise error

    def _read_list(self, reading: StreamReading) -> None:
        note, stream = reading.note, reading.stream
        began = time.monotonic()
        note.predicted_requests = predicted(reading, self.access.manners_of(stream))
        parents = self.access.parents.get(stream.parent_setting, ()) if stream.parent_setting else ("",)
        try:
            for parent in parents:
                self._read_one_of(reading, parent)
        except StreamFailed as error:
            fail(reading, error)
        if parents and not reading.reads and not reading.failed:
            reading.failed = True
        if note.predicted_requests is None and reading.reads:
            probing = usual_requests(self.access.manners_of(stream)) if stream.way is Way.LISTED else 0
            note.predicted_requests = probing + sum(read.predicted or 1 for read in reading.reads.values())
        note.seconds = time.monotonic() - began

    def _read_one_of(self, reading: StreamReading, parent: str) -> None:
        """Read one list; a configured parent that is not there costs its own rows' freshness and no others'."""
        try:
            self._read_one(reading, parent)
        except RequestRefused as error:
            if not parent or error.status != NOT_FOUND:
                raise
            note = reading.note
            note.verdict, note.absences = "unproven", "suspended"
            note.reason = (
                f"{parent} answered 404; its rows are kept. Is it still one of {reading.stream.parent_setting}?"
            )
            note.started_at = note.started_at or self.harvest.started_at
            note.ended_at = note.ended_at or note.started_at

    def _read_one(self, reading: StreamReading, parent: str) -> None:
        if reading.stream.way is Way.LISTED:
            reading.note.requests += refuse_when_broken(self.access, reading.stream)
        if reading.stream.way is Way.WHOLE:
            read = read_whole(self.access, reading.stream, reading.collector, parent)
        else:
            reader = ListReader(self.access, reading.stream, reading.collector, reading.known_marks, parent)
            read = reader.read(ahead=self.access.ahead)
        reading.reads[parent] = read
        if reading.stream.envelope_table is not None and read.envelope_at is not None:
            envelope = reading.stream.tables[0]
            reading.collector.take_envelope(envelope, dict(read.envelope), read.envelope_at)
        note_sweep(reading.note, read)

    def _refuse_when_all_failed(self) -> None:
        """One broken stream is a partial refresh; when every list is, there is nothing to publish."""
        lists = self._list_readings()
        if lists and all(reading.failed for reading in lists):
            # What is broken says more than what the key does not open.
            by_weight = sorted(lists, key=lambda reading: (reading.note.verdict == "skipped", reading.note.reason))
            reasons = [reading.note.reason for reading in by_weight]
            if all(reading.note.verdict == "skipped" for reading in lists):
                raise KeyRefused(f"The {self.access.platform.title} key opens no stream: {reasons[0]}")
            told = reasons[0].replace("Its rows stay as they are.", "Nothing was changed.")
            raise SourceUnavailable(f"{self.access.platform.title}: no list could be read.", told)

    def _read_nested(self, stream: Stream, absences: Absences) -> None:
        reading = self.readings[stream.name]
        parent = self.readings.get(stream.parent or "")
        began = time.monotonic()
        try:
            if stream.way is Way.LOG:
                self._read_logs(reading, parent)
            else:
                NestedReading(self.access, self.harvest, self.wishes, reading, parent, absences, self.began).read()
        except StreamFailed as error:
            fail(reading, error)
        reading.note.seconds = time.monotonic() - began

    def _read_logs(self, reading: StreamReading, parent: StreamReading | None) -> None:
        """Read the log of each parent back to what is known of it; rows of a log never vanish."""
        newest = newest_of_each(self.access, reading.stream)
        for owner in parents_of(self.access, reading.stream, parent):
            since = newest.get(owner)
            note_sweep(reading.note, read_log(self.access, reading.stream, reading.collector, owner, since))
        reading.comparison.versions(reading.collector.tables(), reading.history.last_complete_started_at)
        reading.note.absences = "settled"

    def _finished(self) -> Harvest:
        harvest = self.harvest
        if harvest.tripped:
            self._take_back_tombstones()
        gate = self.access.client.gate
        for note in harvest.sweeps.values():
            if note.predicted_requests is not None:
                note.predicted_seconds = note.predicted_requests * gate.window_seconds / gate.limit
        for reading in self.readings.values():
            harvest.quarantined += reading.collector.quarantined
            harvest.drift += reading.collector.drift.values()
            if reading.stream.way in IN_LISTS and not reading.failed:
                harvest.marks[reading.name] = marks = reading.collector.marks
                marks.update(dict.fromkeys(harvest.gone_records.get(reading.name, ()), FORGOTTEN))
        for name, tombstones in harvest.tombstones.items():
            for rows in tombstones:
                harvest.add(name, rows)
        ended = [note.ended_at for note in harvest.sweeps.values() if note.ended_at is not None]
        harvest.finished_at = max([*ended, *([harvest.started_at] if harvest.started_at else [])], default=None)
        harvest.started_at = harvest.started_at or harvest.finished_at
        public = self.access.public_client
        harvest.requests = self.access.client.requests + (public.requests if public is not None else 0)
        harvest.seconds = time.monotonic() - self.began
        harvest.findings += rate_findings(self.access)
        at = harvest.finished_at or datetime.now(UTC)
        harvest.drift += [Drift("", one.number, "assumption_broken", one.details, 1, at) for one in harvest.findings]
        return harvest

    def _take_back_tombstones(self) -> None:
        """A breaker that trips anywhere keeps every row of the account, also those settled before it tripped."""
        self.harvest.tombstones.clear()
        self.harvest.gone_records.clear()
        for note in self.harvest.sweeps.values():
            note.rows_gone = 0
            if note.absences == "settled" and note.count_absent:
                note.absences = "suspended"
                note.reason = "nothing was marked as gone, because the absence breaker tripped for another table"


def predicted(reading: StreamReading, manners: Manners) -> int | None:
    """The requests that the list should take, by the rows it had last time; None when it was never read."""
    before = reading.history.newest
    if not before.get("count_distinct"):
        return None
    if reading.stream.way is not Way.LISTED:
        return int(before["requests"])
    return predicted_requests(before["count_distinct"], largest=manners.max_size) + usual_requests(manners)


def fail(reading: StreamReading, error: StreamFailed) -> None:
    """One stream could not be read: its note says why, its rows stay."""
    reading.failed = True
    reading.note.verdict = "skipped" if isinstance(error, ScopeMissing) else "failed"
    reading.note.reason = str(error)
    reading.note.absences = "suspended"


def note_sweep(note: SweepNote, read: ListRead) -> None:
    """Add one list's sweep to the stream's note; of several lists the weakest verdict counts."""
    swept = read.swept
    first = note.started_at is None
    verdict: str = swept.verdict
    note.verdict = verdict if first else min(note.verdict, verdict, key=VERDICT_ORDER.index)
    note.reason = swept.reason if first or swept.verdict == note.verdict else note.reason
    note.started_at = as_instant(swept.started) if first else note.started_at
    note.ended_at = as_instant(swept.ended)
    if swept.total_count is not None:
        note.count_declared = (note.count_declared or 0) + swept.total_count
    note.count_distinct += swept.distinct
    note.requests += swept.requests
    note.re_reads += swept.re_reads


def as_instant(at: Any) -> datetime:
    """The instant that a reply was given with."""
    instant: datetime = at
    return instant
