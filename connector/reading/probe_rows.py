"""Holds the rows of a page to what is assumed of them: ids, times, deletions, fields (A9 to A12, A15)."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from connector.contract import Kind, snake_case
from connector.platforms.assumed import AssumedManners
from connector.reading.assumption import Finding, broken, holds, not_tested, shown
from connector.reading.times import TimeForm, form_of, guessed_form

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from connector.contract import Child, Column, Stream
    from connector.reading.access import Access

Row = dict[str, Any]
ROWS_NUMBERS: Final = ("A9", "A10", "A11", "A12", "A15")
TIME_WORDS: Final = {
    "created_at": ("creat", "generat"),
    "updated_at": ("updat", "modif", "chang"),
    "deleted_at": ("delet", "remov"),
}
TYPES: Final[dict[Kind, tuple[type, ...]]] = {
    Kind.INTEGER: (int,),
    Kind.NUMBER: (int, float),
    Kind.FLAG: (bool,),
    Kind.TEXT: (str,),
    Kind.DATE: (str,),
    Kind.JSON: (list, dict),
}


def judge_rows(access: Access, stream: Stream, rows: Sequence[Row]) -> list[Finding]:
    """What the rows of one page say."""
    if not rows:
        return [not_tested(number, stream.name, "the list is empty") for number in ROWS_NUMBERS]
    return _RowsJudge(access, stream, rows).judge()


class _RowsJudge:
    def __init__(self, access: Access, stream: Stream, rows: Sequence[Row]) -> None:
        manners = access.manners_of(stream)
        self.assumed = manners if isinstance(manners, AssumedManners) else AssumedManners()
        self.id_field = manners.id_field
        self.stream = stream
        self.name = stream.name
        self.rows = rows
        self.rename: Mapping[str, str] = access.rename.get(stream.name, {})
        self.never_null = self.assumed.never_null.get(stream.name, frozenset())
        self.present = set().union(*rows)
        self.unknown = self.present - self._expected_names()

    def judge(self) -> list[Finding]:
        return [self._ids(), *self._time_fields(), self._times(), self._deletions(), *self._fields()]

    def _given(self, field: str) -> str:
        """What the API calls a field."""
        return self.rename.get(field, field).split(".")[0]

    def _expected_names(self) -> set[str]:
        names = {self._given(column.field) for column in self.stream.columns}
        names |= {self._given(child.field) for child in self.stream.children}
        return names | {self.id_field, self.stream.created_at, self.stream.updated_at, *self.stream.ignored}

    def _count(self, count: int) -> str:
        return f"{count} of {len(self.rows)} rows"

    def _ids(self) -> Finding:
        values = [row.get(self.id_field) for row in self.rows]
        bad = [value for value in values if not _is_id(value)]
        expected = f"an id of its own in {self.id_field}"
        if bad:
            word = "absent" if self.id_field not in self.present else "null or of another type"
            got = f"{word} in {self._count(len(bad))}"
            if self.unknown and word == "absent":
                got += f"; unknown: {shown(self.unknown)}"
            likely = [name for name in sorted(self.unknown) if name.lower().strip("_").endswith("id")]
            # Single records without an id are set aside; a list of them cannot be read.
            return broken(
                "A9", self.name, expected, got, "fields.id", likely[0] if likely else "", stops=len(bad) == len(values)
            )
        repeated = sum(count - 1 for count in Counter(values).values())
        if repeated:
            return broken("A9", self.name, expected, f"repeated in {self._count(repeated)}", "fields.id")
        return holds("A9", self.name)

    def _time_fields(self) -> Iterator[Finding]:
        wanted = {"created_at": self.stream.created_at, "updated_at": self.stream.updated_at}
        if wanted["created_at"] == wanted["updated_at"]:
            del wanted["updated_at"]
        if self.stream.deleted_at is not None:
            column = next(one for one in self.stream.columns if one.name == self.stream.deleted_at)
            if not column.optional:
                wanted["deleted_at"] = self._given(column.field)
        absent = {name: field for name, field in wanted.items() if field not in self.present}
        for name, field in absent.items():
            likely = [one for one in sorted(self.unknown) if any(word in one.lower() for word in TIME_WORDS[name])]
            yield self._absent("A10", field, f"fields.{name}", likely[0] if likely else "")
        if not absent:
            yield holds("A10", self.name)

    def _absent(self, number: str, field: str, setting: str, given: str) -> Finding:
        got = f"absent in {self._count(len(self.rows))}"
        if self.unknown:
            got += f"; unknown: {shown(self.unknown)}"
        return broken(number, self.name, f"field {field}", got, setting, given, until_then="null")

    def _times(self) -> Finding:
        form = TimeForm(self.assumed)
        misread: dict[str, list[Any]] = {}
        seen = 0
        for column in self.stream.columns:
            if column.kind is not Kind.TIMESTAMP:
                continue
            values = [value for row in self.rows if (value := row.get(self._given(column.field))) is not None]
            seen += len(values)
            wrong = [value for value in values if form.instant(value) is None]
            if wrong:
                misread[self._given(column.field)] = wrong
        if not misread:
            return holds("A11", self.name) if seen else not_tested("A11", self.name, "no time was seen")
        field, wrong = next(iter(misread.items()))
        more = f"; also {shown(set(misread) - {field})}" if len(misread) > 1 else ""
        every = [value for values in misread.values() for value in values]
        return broken(
            "A11",
            self.name,
            f"times as {form.form}",
            f"{field} as {form_of(wrong[0])}{more}",
            "timestamps.format",
            guessed_form(every),
            until_then="null",
        )

    def _deletions(self) -> Finding:
        mark = self._given("deletedAt")
        marked = sum(row.get(mark) is not None for row in self.rows)
        if not marked:
            return not_tested("A12", self.name, f"no row with {mark} seen")
        if self.assumed.deletes_returned:
            return holds("A12", self.name)
        expected = "deleted rows vanish from the list"
        return broken("A12", self.name, expected, f"{mark} in {self._count(marked)}", "deletes.returned", "true")

    def _fields(self) -> Iterator[Finding]:
        """Fields that are absent, of another type, or null where none is assumed; id and moved times have their own."""
        elsewhere = {self.id_field, self.stream.created_at, self.stream.updated_at, self._given("deletedAt")}
        found = False
        for column in self.stream.columns:
            name = self._given(column.field)
            if column.field == "." or name in elsewhere:
                continue
            for finding in self._field(column, name):
                found = True
                yield finding
        for child in self.stream.children:
            name = self._given(child.field)
            if name not in self.present:
                found = True
                yield self._absent("A15", name, "fields.rename", self._renamed(child.field))
                continue
            for finding in self._child(child, name):
                found = True
                yield finding
        if not found:
            yield holds("A15", self.name, f"unknown: {shown(self.unknown)}" if self.unknown else "")

    def _child(self, child: Child, name: str) -> Iterator[Finding]:
        values = [row.get(name) for row in self.rows]
        yield from self._nulls(child.field, name, values)
        wanted = dict if child.entries is not None else list
        wrong = [value for value in values if value is not None and type(value) is not wanted]
        if wrong:
            yield self._other_type(name, "an object" if wanted is dict else "a list", wrong)
        elif child.entries is not None:
            amounts = [amount for value in values for amount in (value or {}).values()]
            wrong = [amount for amount in amounts if type(amount) is not int]
            if wrong:
                kinds = shown({type(amount).__name__ for amount in wrong})
                got = f"{kinds} in {len(wrong)} of {len(amounts)} members"
                expected = f"field {name} as an object of whole numbers"
                yield broken("A15", self.name, expected, got, "fields.rename", until_then="null")

    def _nulls(self, field: str, name: str, values: Sequence[Any]) -> Iterator[Finding]:
        nulls = sum(value is None for value in values)
        if nulls and field in self.never_null:
            got = f"null in {self._count(nulls)}"
            yield broken("A15", self.name, f"field {name} never null", got, "fields.rename", until_then="null")

    def _field(self, column: Column, name: str) -> Iterator[Finding]:
        if name not in self.present:
            if not column.optional:
                yield self._absent("A15", name, "fields.rename", self._renamed(column.field))
            return
        values = [_deep(row, self.rename.get(column.field, column.field)) for row in self.rows]
        yield from self._nulls(column.field, name, values)
        wrong = [value for value in values if value is not None and not _fits(column, value)]
        if wrong:
            yield self._other_type(name, f"{column.kind}", wrong)

    def _other_type(self, name: str, expected: str, wrong: Sequence[Any]) -> Finding:
        kinds = shown({type(value).__name__ for value in wrong})
        if expected == Kind.DATE and isinstance(wrong[0], str):
            kinds = form_of(wrong[0])
        got = f"{kinds} in {self._count(len(wrong))}"
        return broken("A15", self.name, f"field {name} as {expected}", got, "fields.rename", until_then="null")

    def _renamed(self, field: str) -> str:
        """The rename to try, where an unknown field has the same words."""
        plain = snake_case(field).replace("_", "")
        likely = [name for name in sorted(self.unknown) if snake_case(name).replace("_", "") == plain]
        return f'{{"{field}": "{likely[0]}"}}' if likely else ""


def _is_id(value: object) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool) and value != ""


def _fits(column: Column, value: object) -> bool:
    if column.kind is Kind.TIMESTAMP:
        return True  # their form is an assumption of its own
    if column.kind is Kind.DATE:
        return isinstance(value, str) and _is_day(value)
    if column.privacy == "key":
        return _is_id(value)
    return isinstance(value, TYPES[column.kind]) and (column.kind is Kind.FLAG or not isinstance(value, bool))


def _is_day(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _deep(row: Any, path: str) -> Any:
    for part in path.split("."):
        row = row.get(part) if isinstance(row, dict) else None
    return row
