"""Removes a person from a working copy: every table, every version, every note of the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from connector.platforms import PLATFORMS
from pipelines.personal.blanking import blanked, rewritten
from pipelines.personal.mentions import logs, naming
from pipelines.personal.pending import without_ids
from pipelines.personal.person import Person, stored_belongings, with_owners
from pipelines.personal.stored import stored_tables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.contract import Platform
    from connector.privacy import Erased
    from pipelines.personal.references import Belonging
    from pipelines.personal.stored import Rows

NOTES: Final = {
    "record_marks": "string_to_array(record_id, '/') && ?",
    "child_reads": "parent_id = any(?)",
}


def counted(connection: Rows, person: Person) -> dict[str, int]:
    """How many versions each raw table has of a person, and how many rows each table of the ledger."""
    found: dict[str, int] = {}
    for table, condition, values in _places(connection, person):
        row = connection.execute(f"select count(*) from {table} where {condition}", values).fetchone()
        name = table.replace('"', "")
        found[name] = found.get(name, 0) + (0 if row is None else int(row[0]))
    return {name: number for name, number in found.items() if number}


def forget_stored(connection: Rows, person: Person) -> dict[str, int]:
    """Delete a person from every table, version and note; says how many rows went, by table."""
    found = counted(connection, person)
    for table, condition, values in list(_places(connection, person)):
        connection.execute(f"delete from {table} where {condition}", values)
    for belonging in stored_belongings(connection):
        _unlink(connection, belonging, person)
    for platform in PLATFORMS.values():
        if person.on(platform.name):
            _forget_mentions(connection, platform, person.on(platform.name))
            _forget_pending(connection, platform.name, person.on(platform.name))
    return found


def _places(connection: Rows, person: Person) -> Iterator[tuple[str, str, list[Any]]]:
    """Table, condition and its values for all rows that are a person's; quarantine first: it asks the raw ones."""
    present = stored_tables(connection)
    theirs = [
        (belonging, f'"{belonging.owner.column}" = any(?)', list(found))
        for belonging in stored_belongings(connection)
        if (found := person.of(belonging.platform, belonging.owner.stream))
    ]
    if ("meta", "quarantine") in present:
        for belonging, condition, ids in theirs:
            keys = f"select _key from {belonging.name} where {condition}"
            yield (
                "meta.quarantine",
                f"platform = ? and table_name = ? and (row_key = any(?) or row_key in ({keys}))",
                [belonging.platform, belonging.table.name, ids, ids],
            )
    for belonging, condition, ids in theirs:
        yield belonging.name, condition, [ids]
    for table, condition in NOTES.items():
        for platform in PLATFORMS:
            if person.on(platform) and ("meta", table) in present:
                yield f"meta.{table}", f"platform = ? and {condition}", [platform, list(person.on(platform))]


def _unlink(connection: Rows, belonging: Belonging, person: Person) -> None:
    """Old versions of somebody else's record that once named this person keep everything but the name."""
    for link in belonging.links:
        linked = list(person.of(belonging.platform, link.stream))
        if linked:
            rewritten(
                connection,
                belonging.platform,
                belonging.table,
                [link.column],
                lambda rows, column=link.column: blanked(rows, [column]),  # type: ignore[misc]
                where=f'"{link.column}" = any(?)',
                values=[linked],
            )


def _forget_mentions(connection: Rows, platform: Platform, ids: frozenset[str]) -> None:
    present = stored_tables(connection)
    for table, column in logs(platform):
        if (f"raw_{platform.name}", table.name) not in present:
            continue
        query = f'select distinct "{column}" from "raw_{platform.name}"."{table.name}"'
        texts = naming((text for (text,) in connection.execute(query).fetchall()), ids.intersection)
        if texts:
            rewritten(
                connection,
                platform.name,
                table,
                [column],
                lambda rows, column=column: blanked(rows, [column]),  # type: ignore[misc]
                where=f'"{column}" = any(?)',
                values=[texts],
            )


def _forget_pending(connection: Rows, platform: str, ids: frozenset[str]) -> None:
    if ("meta", "sweeps") not in stored_tables(connection):
        return
    query = "select distinct pending from meta.sweeps where platform = ? and pending is not null"
    for (pending,) in connection.execute(query, [platform]).fetchall():
        kept = without_ids(pending, ids)
        if kept != pending:
            connection.execute(
                "update meta.sweeps set pending = ? where platform = ? and pending = ?", [kept, platform, pending]
            )


def erased_among(connection: Rows, erased: Erased) -> Person:
    """Whoever is stored though erased, with the records that current versions link to them: a restored file."""
    found: dict[tuple[str, str], set[str]] = {}
    for belonging in stored_belongings(connection) if erased else ():
        for reference in belonging.references:
            query = f'select distinct "{reference.column}" from {belonging.name}'
            ids = [one for (one,) in connection.execute(query).fetchall()]
            here = erased.among(belonging.platform, reference.stream, ids)
            found.setdefault((belonging.platform, reference.stream), set()).update(here)
    return with_owners(connection, Person({name: frozenset(ids) for name, ids in found.items() if ids}))
