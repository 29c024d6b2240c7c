"""Whose a row is, read off the contract: which columns of which raw tables identify a person.

A stream is about people when its records carry direct identifiers and one `id`. Any other column of the contract that
is named after such a stream (`candidate_id`, `lead_id`) refers to its people.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.contract import Privacy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.contract import Platform, Stream, Table


@dataclass(frozen=True, slots=True)
class Reference:
    """A column that holds the id of a record about a person, and the stream of that record."""

    column: str
    stream: str


@dataclass(frozen=True, slots=True)
class Belonging:
    """One raw table with personal rows: whose they are, and which other records they link to."""

    platform: str
    table: Table
    owner: Reference
    links: tuple[Reference, ...]

    @property
    def name(self) -> str:
        """The table as SQL names it."""
        return f'"raw_{self.platform}"."{self.table.name}"'

    @property
    def references(self) -> tuple[Reference, ...]:
        """Owner and links."""
        return (self.owner, *self.links)


def belongings(platform: Platform) -> Iterator[Belonging]:
    """The raw tables of a platform whose rows belong to people."""
    people = [stream for stream in platform.streams if _is_about_people(stream)]
    for table in platform.tables:
        found = list(_references(table, people))
        if found:
            owner = next((one for one in found if one.column in table.key), found[0])
            yield Belonging(platform.name, table, owner, tuple(one for one in found if one is not owner))


def _is_about_people(stream: Stream) -> bool:
    return stream.key == ("id",) and any(column.privacy is Privacy.DIRECT for column in stream.columns)


def _references(table: Table, people: list[Stream]) -> Iterator[Reference]:
    by_column = {f"{stream.name.removesuffix('s')}_id": stream.name for stream in people}
    for column in table.columns:
        if column.name == "id" and table.is_own and table.name in by_column.values():
            yield Reference("id", table.name)
        elif column.name in by_column:
            yield Reference(column.name, by_column[column.name])
