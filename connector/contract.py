"""The vocabulary in which a platform is written down: columns, privacy classes, streams, manners.

A platform module is a table made of these words and nothing else. Everything that reads, types, withholds, compares
or documents records goes by this table, so a field that is not declared here never becomes a column.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Kind(StrEnum):
    """The type of a stored value."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    FLAG = "flag"
    TIMESTAMP = "timestamp"
    DATE = "date"
    JSON = "json"


class Privacy(StrEnum):
    """How personal a value is; a profile decides by class what is stored, tokenised or withheld."""

    KEY = "key"
    FACT = "fact"
    DIRECT = "direct"
    FREE_TEXT = "free_text"
    SENSITIVE = "sensitive"
    LINK = "link"


KEY, FACT, DIRECT, FREE_TEXT = Privacy.KEY, Privacy.FACT, Privacy.DIRECT, Privacy.FREE_TEXT
SENSITIVE, LINK = Privacy.SENSITIVE, Privacy.LINK


class Way(StrEnum):
    """How the rows of a stream are reached."""

    LISTED = "listed"  # page by page, a list that moves
    WHOLE = "whole"  # one reply holds the whole list
    NESTED = "nested"  # one reply for each parent holds all of its rows
    PAGED_BY_PARENT = "paged_by_parent"  # a moving list for each configured parent
    LOG = "log"  # newest first, by a cursor; rows never vanish


def snake_case(name: str) -> str:
    """The API's `camelCase` name as a column name: `roleStepId` is `role_step_id`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


@dataclass(frozen=True, slots=True)
class Column:
    """One stored value of a record.

    `field` is where the API carries it, dots leading inwards (`owner.email`); `name` is the column.
    `optional` fields may be missing from every record without that being drift; `known` lists the documented values,
    so that a new one is noticed (and kept: it is text for all that).
    """

    field: str
    kind: Kind
    privacy: Privacy = FACT
    name: str = ""
    optional: bool = False
    known: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.name:
            object.__setattr__(self, "name", snake_case(self.field.replace(".", "_")))


def text(
    field: str, *, privacy: Privacy = FACT, name: str = "", optional: bool = False, known: Sequence[str] = ()
) -> Column:
    """A text column; identifiers are text whatever the API sends."""
    return Column(field, Kind.TEXT, privacy, name, optional, tuple(known))


def key(field: str, *, name: str = "") -> Column:
    """A text column that identifies a record or refers to one."""
    return Column(field, Kind.TEXT, KEY, name)


def integer(field: str, *, optional: bool = False) -> Column:
    """A whole number, 64 bits."""
    return Column(field, Kind.INTEGER, optional=optional)


def number(field: str, *, optional: bool = False) -> Column:
    """A double; scores and other measures whose samples are whole but need not stay so."""
    return Column(field, Kind.NUMBER, optional=optional)


def flag(field: str) -> Column:
    """True or false."""
    return Column(field, Kind.FLAG)


def timestamp(field: str, *, optional: bool = False) -> Column:
    """An instant, stored in UTC with microseconds."""
    return Column(field, Kind.TIMESTAMP, optional=optional)


def day(field: str) -> Column:
    """A calendar date."""
    return Column(field, Kind.DATE)


def json(field: str, *, privacy: Privacy = FACT) -> Column:
    """A list or object kept as JSON text."""
    return Column(field, Kind.JSON, privacy)


@dataclass(frozen=True, slots=True)
class Child:
    """A list inside a record that becomes a table of its own.

    `from_parent` maps columns of the parent to columns here (`{"id": "candidate_id"}`). `field` may hold a list of
    objects, a list of scalars (then one column takes the scalar: its field is `.`), or an object whose members become
    rows (`entries`: the names of the two columns).
    """

    table: str
    field: str
    key: tuple[str, ...]
    from_parent: Mapping[str, str]
    columns: tuple[Column, ...]
    entries: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Stream:
    """One endpoint that holds records, and the tables that come of it.

    `by_id` is the path that answers for one record: absences are confirmed there. `parent` names the stream whose
    records an endpoint belongs to, `parent_setting` the setting that lists them. `envelope_table` keeps the fields that
    stand beside the list as a row of their own, `envelope_columns` puts such fields (path: column) into each record.
    `organization` is the column (of the stream or, with a dot, of one of its lists) that tells which employer a record
    belongs to. `ignored` names fields that are known and not kept.
    """

    name: str
    way: Way
    path: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    scope: str | None = None
    by_id: str | None = None
    children: tuple[Child, ...] = ()
    parent: str | None = None
    parent_setting: str | None = None
    from_parent: Mapping[str, str] = field(default_factory=dict)
    organization: str | None = None
    data: str = "data"
    envelope_table: Child | None = None
    envelope_columns: Mapping[str, str] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()
    deleted_at: str | None = None
    created_at: str = "createdAt"
    updated_at: str = "updatedAt"
    on_by_default: bool = True
    public: bool = False
    source: str = ""

    @property
    def tables(self) -> tuple[Table, ...]:
        """What the stream fills: the table of its envelope if it has one, its own, those of lists in its records."""
        given = [key(".", name=name) for name in self.from_parent.values()]
        declared = {column.name for column in self.columns}
        beside = [text(".", name=name) for name in self.envelope_columns.values()]
        columns = (*(column for column in given if column.name not in declared), *self.columns, *beside)
        own = Table(self.name, self.key, columns, self, None)
        children = tuple(self._child_table(child, own) for child in self.children)
        envelope = self.envelope_table
        if envelope is None:
            return (own, *children)
        return (Table(envelope.table, envelope.key, envelope.columns, self, None, envelope), own, *children)

    def _child_table(self, child: Child, parent: Table) -> Table:
        given = [key(".", name=name) for name in child.from_parent.values()]
        return Table(child.table, child.key, (*given, *child.columns), self, parent, child)


@dataclass(frozen=True, slots=True)
class Table:
    """One raw table: its natural key, its declared columns, the stream that fills it and the table it hangs on."""

    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    stream: Stream
    parent: Table | None
    child: Child | None = None

    @property
    def is_own(self) -> bool:
        """Whether its rows are the stream's records themselves."""
        return self.name == self.stream.name

    @property
    def parent_columns(self) -> tuple[str, ...]:
        """The columns here that hold the parent's key, in the order of the parent's key."""
        if self.parent is None or self.child is None:
            return ()
        return tuple(self.child.from_parent[name] for name in self.parent.key)


@dataclass(frozen=True, slots=True)
class Manners:
    """How an API carries pages, totals and keys; every word of it can be set, for an API with other words.

    Paths lead through objects by dots; an empty `data` means that the body itself is the list.
    """

    data: str = "data"
    page: str = "pagination.page"
    page_size: str = "pagination.pageSize"
    total_count: str = "pagination.totalCount"
    total_pages: str = "pagination.totalPages"
    page_param: str = "page"
    size_param: str = "pageSize"
    first_page: int = 0
    max_size: int = 100
    auth_header: str = "Authorization"
    auth_scheme: str = "Bearer"
    id_field: str = "id"


@dataclass(frozen=True, slots=True)
class Platform:
    """A hiring platform: where it is, how it talks, what it holds.

    `not_read` names the endpoints that are left alone on purpose (`PATCH /api/v1/roles/{id}`), each with the reason.
    """

    name: str
    title: str
    base_url: str
    hosts: tuple[str, ...]
    requests_per_minute: int
    streams: tuple[Stream, ...]
    manners: Manners = field(default_factory=Manners)
    me_path: str | None = None
    not_read: Mapping[str, str] = field(default_factory=dict)
    key_pattern: str = r"\S+"
    key_hint: str = ""

    @property
    def tables(self) -> tuple[Table, ...]:
        """All raw tables of the platform, in the order of its streams."""
        return tuple(table for stream in self.streams for table in stream.tables)

    def stream(self, name: str) -> Stream:
        """The stream of that name; KeyError when there is none."""
        return {stream.name: stream for stream in self.streams}[name]

    def table(self, name: str) -> Table:
        """The raw table of that name; KeyError when there is none."""
        return {table.name: table for table in self.tables}[name]

    def with_streams(self, streams: Sequence[Stream]) -> Platform:
        """The same platform with other streams."""
        return replace(self, streams=tuple(streams))


SYSTEM_COLUMNS: Final = ("_key", "account", "_row_hash", "_visible", "_observed_at", "_not_before", "_extra")
"""What every raw table has besides its declared columns; dlt adds its load id and the two ends of a version."""
