"""Records into typed tables a record and a value at a time where need be: one that is odd costs itself alone."""

from __future__ import annotations

import json
import re
from collections import Counter
from itertools import compress
from typing import TYPE_CHECKING, Any, Final

import msgspec
import pyarrow as pa

from connector.columns import INSTANT, to_array
from connector.contract import Column, Table, snake_case
from connector.errors import ContractBroken
from connector.findings import Drift, Quarantined
from connector.records.typed import Received, Typed, inner, look_for_new_words
from connector.stored_rows import key_texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from connector.contract import Child, Stream

FIELD_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,62}")


def type_carefully(
    stream: Stream, received: Received, *, account: str, rename: Mapping[str, str] | None = None
) -> Typed:
    """The same tables, made a record and a value at a time where need be: one that is odd costs itself alone."""
    typed = Typed({})
    rows, positions = _decoded(stream, received, typed)
    observed = [received.observed_at[i] for i in positions]
    given = None if received.given is None else [received.given[i] for i in positions]
    own = next(table for table in stream.tables if table.is_own)
    typed.records = len(rows)
    _Typing(own, account, dict(rename or {}), typed).tables_of(rows, observed, given)
    return typed


def type_objects(table: Table, rows: Sequence[dict[str, Any]], observed: Sequence[datetime], *, account: str) -> Typed:
    """Type decoded objects that are one table's rows, such as the fields beside the list in an envelope."""
    typed = Typed({})
    typing = _Typing(table, account, {}, typed)
    typing.table_of(table, list(rows), list(observed), None)
    return typed


def _decoded(stream: Stream, received: Received, typed: Typed) -> tuple[list[dict[str, Any]], list[int]]:
    """The records as dictionaries, with their positions; all at once when all are well, else one by one."""
    raw = received.raw
    try:
        rows = msgspec.json.decode(b"[" + b",".join(raw) + b"]")
        if set(map(type, rows)) <= {dict}:
            return rows, list(range(len(rows)))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass  # one of them is bad: which one is found below
    good: list[dict[str, Any]] = []
    positions: list[int] = []
    for position, record in enumerate(raw):
        value = _decoded_one(record)
        if isinstance(value, dict):
            good.append(value)
            positions.append(position)
        else:
            reason = "the record is not an object that can be read"
            typed.quarantined.append(Quarantined(stream.name, "", "", reason, None, received.observed_at[position]))
    return good, positions


def _decoded_one(record: bytes) -> object:
    try:
        return msgspec.json.decode(record)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass  # half of a surrogate pair is refused there and accepted here
    try:
        return json.loads(record.decode("utf-8", "replace"), parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        return None


class _Typing:
    """The typing of one batch of records."""

    def __init__(self, own: Table, account: str, rename: dict[str, str], typed: Typed) -> None:
        self.own = own
        self.account = account
        self.rename = rename
        self.typed = typed

    def tables_of(
        self, rows: list[dict[str, Any]], observed: list[datetime], given: list[Mapping[str, str]] | None
    ) -> None:
        """The stream's own table, then its child tables, of the records whose key is whole."""
        rows, observed, given, columns = self.table_of(self.own, rows, observed, given)
        for table in self.own.stream.tables:
            if table.child is not None and table.parent is not None:
                self._child_table(table, table.child, rows, observed, columns)

    def table_of(
        self,
        table: Table,
        rows: list[dict[str, Any]],
        observed: list[datetime],
        given: list[Mapping[str, str]] | None,
    ) -> tuple[list[dict[str, Any]], list[datetime], list[Mapping[str, str]] | None, dict[str, list[str]]]:
        """One arrow table; hands back the rows that have a key, with the texts of their key columns."""
        self._look_for_two_spellings(table, rows)
        keys = {name: self._identifiers(table, name, rows, given) for name in table.key}
        whole = [all(parts) for parts in zip(*keys.values(), strict=True)] if keys else []
        if not all(whole):
            for index, good in enumerate(whole):
                if not good:
                    reason = f"no {' and '.join(table.key)}: the record cannot be told from others"
                    self.typed.quarantined.append(Quarantined(table.name, "", "", reason, None, observed[index]))
            rows, observed = list(compress(rows, whole)), list(compress(observed, whole))
            given = None if given is None else list(compress(given, whole))
            keys = {name: list(compress(texts, whole)) for name, texts in keys.items()}
        texts: dict[str, list[str]] = {name: [t or "" for t in parts] for name, parts in keys.items()}
        row_keys = key_texts(self.account, [texts[name] for name in table.key])
        arrays = {
            column.name: self._column(table, column, rows, given, texts, row_keys, observed) for column in table.columns
        }
        carried = set().union(*rows) if rows else set()
        self.typed.fields_missing |= {
            f"{table.name}.{column.name}"
            for column in table.columns
            if rows and column.field != "." and not column.optional and self._outermost(column) not in carried
        }
        extra = self._extra(table, rows, observed, carried)
        self.typed.tables[table.name] = _finished(arrays, row_keys, self.account, observed, extra)
        return rows, observed, given, texts

    def _identifiers(
        self, table: Table, name: str, rows: list[dict[str, Any]], given: list[Mapping[str, str]] | None
    ) -> list[str | None]:
        column = next(column for column in table.columns if column.name == name)
        values = self._values(column, rows, given)
        if set(map(type, values)) <= {str}:
            return values
        return [_identifier(value) for value in values]

    def _values(self, column: Column, rows: list[dict[str, Any]], given: list[Mapping[str, str]] | None) -> list[Any]:
        if column.field == ".":
            return [(given[i] if given else row).get(column.name) for i, row in enumerate(rows)]
        field_name = self.rename.get(column.field, column.field)
        if "." not in field_name:
            return [row.get(field_name) for row in rows]
        return [inner(row, field_name) for row in rows]

    def _column(
        self,
        table: Table,
        column: Column,
        rows: list[dict[str, Any]],
        given: list[Mapping[str, str]] | None,
        texts: dict[str, list[str]],
        row_keys: list[str],
        observed: list[datetime],
    ) -> pa.Array:
        if column.name in texts:
            values: list[Any] = texts[column.name]
        else:
            values = self._values(column, rows, given)
        array, misfits = to_array(column, values)
        for index, value, reason in misfits:
            if value is not None:
                shown = json.dumps(value, default=str)
                self.typed.quarantined.append(
                    Quarantined(table.name, row_keys[index], column.name, reason, shown, observed[index])
                )
        mended = Counter(reason for _, value, reason in misfits if value is None)
        for reason, count in mended.items():
            self.typed.drift.append(Drift(table.name, column.name, "mended", reason, count, observed[0]))
        if rows:
            look_for_new_words(self.typed, table, column, array, observed[0])
        return array

    def _outermost(self, column: Column) -> str:
        return self.rename.get(column.field, column.field).split(".")[0]

    def _look_for_two_spellings(self, table: Table, rows: list[dict[str, Any]]) -> None:
        declared = {column.name: self.rename.get(column.field, column.field) for column in table.columns}
        # A field that the settings read under another name may still be there under its own, meaning something else.
        put_aside = {column.field for column in table.columns if column.field in self.rename}
        fields = set().union(*rows) if rows else set()
        for name in fields - put_aside:
            expected = declared.get(snake_case(name))
            if expected and expected not in (name, ".") and expected in fields:
                raise ContractBroken(
                    f"{table.stream.name}: a record carries both {expected!r} and {name!r}, which name one column.",
                    "Report it to the platform; the stream is left as it was.",
                    stream=table.stream.name,
                )

    def _extra(
        self, table: Table, rows: list[dict[str, Any]], observed: list[datetime], carried: set[str]
    ) -> list[str | None]:
        """Undeclared fields of each row as JSON text, each field told once as drift."""
        declared = {self._outermost(column) for column in table.columns}
        declared |= {child.field for child in table.stream.children} if table.is_own else set()
        declared |= set(table.stream.ignored)
        declared |= {column.name for column in table.columns if column.field == "."}
        if table.stream.envelope_table is not None and table.name == table.stream.envelope_table.table:
            declared |= {table.stream.data, "pagination"}
        unknown = sorted(carried - declared)
        if not unknown:
            return [None] * len(rows)
        for name in unknown:
            values = [row[name] for row in rows if name in row]
            kinds = ", ".join(sorted({type(value).__name__ for value in values}))
            self.typed.drift.append(Drift(table.name, shown_field(name), "new_field", kinds, len(values), observed[0]))
        extras = [{name: row[name] for name in unknown if name in row} for row in rows]
        return [json.dumps(extra, sort_keys=True) if extra else None for extra in extras]

    def _leave_unread(self, table: Table, owners: Iterable[int], parent_keys: dict[str, list[str]]) -> None:
        """Parents of which an entry could not be used: what is missing from their list may be just that entry."""
        names = parent_keys[self.own.key[-1]]
        self.typed.unread_lists.setdefault(table.name, set()).update(names[index] for index in owners)

    def _child_table(
        self,
        table: Table,
        child: Child,
        parents: list[dict[str, Any]],
        parents_observed: list[datetime],
        parent_keys: dict[str, list[str]],
    ) -> None:
        field_name = self.rename.get(child.field, child.field)
        rows: list[dict[str, Any]] = []
        owners: list[int] = []
        for index, parent in enumerate(parents):
            entries = _entries(child, parent.get(field_name))
            if entries is None:
                reason = f"{child.field} is not a list: its rows are left as they were"
                owner = parent_keys[self.own.key[-1]][index]
                self.typed.unread_lists.setdefault(table.name, set()).add(owner)
                self.typed.quarantined.append(Quarantined(table.name, owner, "", reason, None, parents_observed[index]))
            elif entries:
                rows += entries
                owners += [index] * len(entries)
        if parents and not any(field_name in parent for parent in parents):
            self.typed.fields_missing.add(f"{self.own.name}.{child.field}")
            self.typed.unread_lists.setdefault(table.name, set()).update(parent_keys[self.own.key[-1]])
        observed = [parents_observed[index] for index in owners]
        taken = [(parent, own) for parent, own in child.from_parent.items()]
        given = [{own: parent_keys[parent][index] for parent, own in taken} for index in owners]
        scalar = child.columns[0].name if child.columns[0].field == "." else None
        if scalar is not None:
            given = [{**given[i], scalar: row[scalar]} for i, row in enumerate(rows)]
            rows = [{} for _ in rows]
        usable = [isinstance(row, dict) for row in rows]
        if not all(usable):
            reason = "an entry of the list is not of the declared form"
            bad = [index for index, good in enumerate(usable) if not good]
            self.typed.quarantined += [Quarantined(table.name, "", "", reason, None, observed[i]) for i in bad]
            self._leave_unread(table, (owners[i] for i in bad), parent_keys)
            rows, observed, given, owners = (list(compress(x, usable)) for x in (rows, observed, given, owners))  # type: ignore[assignment]
        for name in table.key:
            texts = self._identifiers(table, name, rows, given)  # type: ignore[arg-type]
            self._leave_unread(table, (owners[i] for i, text in enumerate(texts) if not text), parent_keys)
        self.table_of(table, rows, observed, given)  # type: ignore[arg-type]


def _entries(child: Child, value: object) -> list[Any] | None:
    """The items of a list inside a record as dictionaries; None when it is no list at all."""
    if value is None:
        return []
    if child.entries is not None:
        name, amount = child.entries
        return [{name: key, amount: item} for key, item in value.items()] if isinstance(value, dict) else None
    if not isinstance(value, list):
        return None
    scalar = child.columns[0]
    if scalar.field == ".":
        return [{scalar.name: item} for item in value]
    return value


def _identifier(value: object) -> str | None:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "") or None
    return str(value) if type(value) is int else None


def _finished(
    arrays: dict[str, pa.Array], row_keys: list[str], account: str, observed: list[datetime], extra: list[str | None]
) -> pa.Table:
    system = {
        "_key": pa.array(row_keys, pa.string()),
        "account": pa.array([account] * len(row_keys), pa.string()),
        "_observed_at": pa.array(observed, INSTANT),
        "_extra": pa.array(extra, pa.string()),
    }
    return pa.table({**arrays, **system})


def shown_field(name: str) -> str:
    """A field's name as it may be told: one that is no identifier may be anything, a person's name included."""
    return name if FIELD_NAME.fullmatch(name) else f"({len(name)} characters)"


__all__ = ["type_carefully", "type_objects"]
