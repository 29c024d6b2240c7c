"""Finds a person: all records of one human being on one platform, from one id or one e-mail address."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from connector.contract import Kind, Privacy
from connector.errors import UsageError
from connector.platforms import PLATFORMS
from connector.privacy import canonical, token, token_domain
from pipelines.personal.references import Belonging, belongings
from pipelines.personal.stored import stored_tables

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from connector.contract import Platform, Table
    from connector.privacy import Policy
    from pipelines.personal.stored import Rows


@dataclass(frozen=True)
class Person:
    """The ids by which somebody is known, by platform and stream (`candidates`, `leads`)."""

    ids: Mapping[tuple[str, str], frozenset[str]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return any(self.ids.values())

    def of(self, platform: str, stream: str) -> frozenset[str]:
        """The ids in one stream."""
        return self.ids.get((platform, stream), frozenset())

    def on(self, platform: str) -> frozenset[str]:
        """All ids on a platform, whatever their stream."""
        return frozenset().union(*(ids for (where, _), ids in self.ids.items() if where == platform))

    def records(self) -> Iterator[tuple[str, str, str]]:
        """Platform, stream and id of each record, in order."""
        for (platform, stream), ids in sorted(self.ids.items()):
            for one in sorted(ids):
                yield platform, stream, one

    def joined(self, other: Person) -> Person:
        """Both together."""
        streams = {*self.ids, *other.ids}
        return Person({name: self.of(*name) | other.of(*name) for name in streams})


def stored_belongings(connection: Rows) -> list[Belonging]:
    """The tables with personal rows that the warehouse has."""
    present = stored_tables(connection)
    return [
        belonging
        for platform in PLATFORMS.values()
        for belonging in belongings(platform)
        if (f"raw_{platform.name}", belonging.table.name) in present
    ]


def by_id(connection: Rows, record_id: str, *, stream: str | None = None) -> Person:
    """The person with a record of that id, and the records linked to it; empty when no row knows the id.

    `stream` (`talent_ray.leads`) is needed where two streams know the id; raises UsageError without it, for these may
    be two people.
    """
    found: dict[tuple[str, str], set[str]] = {}
    for belonging in stored_belongings(connection):
        for reference in belonging.references:
            query = f'select 1 from {belonging.name} where "{reference.column}" = ? limit 1'
            name = f"{belonging.platform}.{reference.stream}"
            if stream in {None, name} and connection.execute(query, [record_id]).fetchone():
                found[belonging.platform, reference.stream] = {record_id}
    if len(found) > 1:
        names = sorted(".".join(name) for name in found)
        raise UsageError(
            f"{' and '.join(names)} both have a record of that id, which may be two people.",
            f"Say which with --stream {names[0]}.",
            setting="--stream",
        )
    return with_linked(connection, found)


def by_email(connection: Rows, address: str, policy: Policy) -> Person:
    """Everybody with that e-mail address on any platform, as a value or as a token, in any version.

    Raises UsageError where no e-mail address is stored in any form.
    """
    wanted, secret = canonical("email", address), policy.pseudonym_key
    as_token = token(secret, "email", address) if secret else None
    found: dict[tuple[str, str], set[str]] = {}
    stored = 0
    for belonging in stored_belongings(connection):
        owner = belonging.owner
        for column in email_columns(belonging.table):
            query = f'select distinct "{column}" from {belonging.name} where "{column}" is not null'
            values = [value for (value,) in connection.execute(query).fetchall()]
            stored += len(values)
            same = [value for value in values if value == as_token or canonical("email", value) == wanted]
            if same:
                query = f'select distinct "{owner.column}" from {belonging.name} where "{column}" = any(?)'
                ids = {one for (one,) in connection.execute(query, [same]).fetchall()}
                found.setdefault((belonging.platform, owner.stream), set()).update(ids)
    if not stored:
        raise UsageError(
            "No e-mail address is stored in this warehouse, neither as it is nor as a token.",
            "Look the person up on the platform and give the id with --id.",
            setting="--email",
        )
    return with_linked(connection, found)


def email_columns(table: Table) -> list[str]:
    """The columns of a table that hold e-mail addresses."""
    return [
        column.name
        for column in table.columns
        if column.privacy is Privacy.DIRECT and column.kind is Kind.TEXT and token_domain(column.name) == "email"
    ]


def with_linked(connection: Rows, ids: Mapping[tuple[str, str], Iterable[str]]) -> Person:
    """The person with all records that current versions link to each other.

    Only current versions count: a lead that was linked to the wrong candidate for a day is still somebody else.
    """
    known = {name: set(found) for name, found in ids.items()}
    linking = [belonging for belonging in stored_belongings(connection) if belonging.links]
    grew = True
    while grew:
        grew = False
        for belonging in linking:
            for link in belonging.links:
                for asked, wanted in ((belonging.owner, link), (link, belonging.owner)):
                    have = known.get((belonging.platform, asked.stream), set())
                    more = _others(connection, belonging, asked.column, wanted.column, have)
                    before = known.setdefault((belonging.platform, wanted.stream), set())
                    grew = grew or not more <= before
                    before |= more
    return Person({name: frozenset(found) for name, found in known.items() if found})


def with_owners(connection: Rows, person: Person) -> Person:
    """The person with the records that are linked to theirs now: a lead belongs to the candidate it became.

    One way only: who was erased as a lead and applies by themselves later is a candidate anew.
    """
    found: dict[tuple[str, str], set[str]] = {}
    for belonging in stored_belongings(connection):
        for link in belonging.links:
            ids = person.of(belonging.platform, link.stream)
            more = _others(connection, belonging, link.column, belonging.owner.column, ids)
            found.setdefault((belonging.platform, belonging.owner.stream), set()).update(more)
    return person.joined(Person({name: frozenset(ids) for name, ids in found.items() if ids}))


def _others(connection: Rows, belonging: Belonging, asked: str, wanted: str, ids: Iterable[str]) -> set[str]:
    query = (
        f'select distinct "{wanted}" from {belonging.name}'
        f' where _dlt_valid_to is null and "{asked}" = any(?) and "{wanted}" is not null'
    )
    chosen = list(ids)
    return {one for (one,) in connection.execute(query, [chosen]).fetchall()} if chosen else set()


def linked_in(platform: Platform, tables: Mapping[str, list[pa.Table]], person: Person) -> Person:
    """Records about to be stored that link to the person: a lead that was found anew belongs to its candidate."""
    found: dict[tuple[str, str], set[str]] = {}
    for belonging in belongings(platform):
        for link in belonging.links:
            wanted = pa.array(person.of(platform.name, link.stream), pa.string())
            for rows in tables.get(belonging.table.name, []) if len(wanted) else []:
                owners = rows.filter(pc.is_in(rows[link.column], value_set=wanted))[belonging.owner.column]
                found.setdefault((platform.name, belonging.owner.stream), set()).update(owners.to_pylist())
    return Person({name: frozenset(ids) for name, ids in found.items() if ids})
