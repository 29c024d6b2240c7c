"""Takes the erased out of what was just read, before any of it is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from connector.platforms import PLATFORMS
from pipelines.personal.mentions import logs, naming, without
from pipelines.personal.pending import without_ids
from pipelines.personal.person import Person, linked_in
from pipelines.personal.references import belongings

if TYPE_CHECKING:
    from collections.abc import Collection

    from connector.contract import Platform
    from connector.privacy import Erased
    from connector.reading.harvest import Harvest


def forget_harvested(harvest: Harvest, erased: Erased) -> Person:
    """Take the erased out of a harvest; says whom, with the records that were found linked to them."""
    platform = PLATFORMS[harvest.platform]
    person = _erased_in(harvest, platform, erased)
    person = person.joined(linked_in(platform, harvest.tables, person))
    gone = _drop_rows(harvest, platform, person)
    everybody = person.on(platform.name)
    harvest.quarantined = [
        entry
        for entry in harvest.quarantined
        if entry.row_key not in gone.get(entry.table, ()) and entry.row_key not in everybody
    ]
    if everybody:
        _drop_notes(harvest, everybody)
    _drop_mentions(harvest, platform, erased)
    return person


def _erased_in(harvest: Harvest, platform: Platform, erased: Erased) -> Person:
    found: dict[tuple[str, str], set[str]] = {}

    def look(stream: str, ids: Collection[str | None]) -> None:
        found.setdefault((platform.name, stream), set()).update(erased.among(platform.name, stream, ids))

    for belonging in belongings(platform):
        for reference in belonging.references:
            for rows in harvest.tables.get(belonging.table.name, ()):
                look(reference.stream, rows[reference.column].to_pylist())
        if belonging.table.is_own and belonging.owner.column == "id":
            look(belonging.owner.stream, harvest.marks.get(belonging.table.name, {}))
    for stream, reads in harvest.child_reads.items():
        look(platform.stream(stream).parent or "", reads)
    return Person({name: frozenset(ids) for name, ids in found.items() if ids})


def _drop_rows(harvest: Harvest, platform: Platform, person: Person) -> dict[str, set[str]]:
    """Drop a person's rows; says the `_key` of each, by table."""
    gone: dict[str, set[str]] = {}
    for belonging in belongings(platform):
        name = belonging.table.name
        ids = pa.array(person.of(platform.name, belonging.owner.stream), pa.string())
        if len(ids) == 0 or name not in harvest.tables:
            continue
        kept, keys = [], set()
        for rows in harvest.tables[name]:
            theirs = pc.is_in(rows[belonging.owner.column], value_set=ids)
            keys |= set(rows.filter(theirs)["_key"].to_pylist())
            kept.append(rows.filter(pc.invert(theirs)))
        harvest.tables[name], gone[name] = kept, keys
        _uncount(harvest, name, len(keys))
    return gone


def _uncount(harvest: Harvest, table: str, number: int) -> None:
    """What is not stored is not counted, though it is read each time, as long as it is on the platform."""
    note = harvest.sweeps.get(table)
    if note is not None:
        new = min(number, note.rows_new)
        note.rows_new -= new
        note.rows_changed -= min(number - new, note.rows_changed)


def _drop_notes(harvest: Harvest, ids: frozenset[str]) -> None:
    for marks in harvest.marks.values():
        for record_id in [one for one in marks if not ids.isdisjoint(one.split("/"))]:
            del marks[record_id]
    for reads in harvest.child_reads.values():
        for parent in ids & set(reads):
            del reads[parent]
    for note in harvest.sweeps.values():
        if note.pending:
            note.pending = without_ids(note.pending, ids)


def _drop_mentions(harvest: Harvest, platform: Platform, erased: Erased) -> None:
    streams = {reference.stream for belonging in belongings(platform) for reference in belonging.references}

    def recognise(words: Collection[str]) -> set[str]:
        return set().union(*(erased.among(platform.name, stream, words) for stream in streams))

    for table, column in logs(platform):
        for place, rows in enumerate(harvest.tables.get(table.name, ())):
            texts = naming(rows[column].to_pylist(), recognise)
            if texts:
                harvest.tables[table.name][place] = without(table, rows, column, texts)
