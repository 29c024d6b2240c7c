"""Records typed as a whole are typed as one by one; whole records are, and anything odd is left to the careful way."""

from __future__ import annotations

import datetime as dt
import json
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.contract import Kind
from connector.platforms import PLATFORMS
from connector.records import Received, type_carefully, type_records
from connector.records.at_once import tables_at_once
from connector.sandbox import Company

NOW = dt.datetime(2026, 3, 1, 12, 30, 1, 250_000, tzinfo=dt.UTC)
STREAMS = {f"{platform.name}.{stream.name}": stream for platform in PLATFORMS.values() for stream in platform.streams}
TEXTS = st.text(max_size=6) | st.sampled_from(
    ['say "hi"', "a\\b", "İş", "😀", "\x7f", "tab\there", "line\nbreak", "-0"]
)
GOOD = {
    Kind.TEXT: TEXTS,
    Kind.INTEGER: st.integers(-(2**63), 2**63 - 1) | st.integers(-1, 9),
    Kind.NUMBER: st.floats(allow_nan=False, allow_infinity=False) | st.integers(-1, 100),
    Kind.FLAG: st.booleans(),
    Kind.TIMESTAMP: st.sampled_from(
        ["2026-02-03T07:00:00Z", "2026-02-03T07:00:00.123+03:00", "1969-12-31T23:59:59.999999Z", "0001-01-01T00:00:00Z"]
    ),
    Kind.DATE: st.dates().map(str),
    Kind.JSON: st.lists(TEXTS, max_size=3),
}
ODD = st.one_of(
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False),
    st.text(max_size=3),
    st.booleans(),
    st.lists(st.none() | st.integers(), max_size=2),
    st.sampled_from(
        ["2026-02-30T00:00:00Z", "2026-02-03T07:00:00", "0000-01-01", "\x00", "\ud800", {}, {"a": {}}, -0.0]
    ),
)


def fields(columns, *, odd):
    """Fields of a record: mostly as declared, sometimes null or absent; with `odd`, now and then of another form."""

    def value(column):
        good = GOOD[column.kind]
        return st.one_of(good, good, good, st.none(), *([good, ODD] if odd else []))

    declared = [column for column in columns if column.field not in (".", "id") and "." not in column.field]
    return st.fixed_dictionaries({}, optional={column.field: value(column) for column in declared})


def entries(child, *, odd):
    """A list inside a record."""
    first = child.columns[0].field
    if first == ".":
        return st.none() | st.lists(st.text(max_size=3), max_size=3)
    whole = st.tuples(fields(child.columns, odd=odd), st.text(min_size=1, max_size=3))
    return st.none() | st.lists(whole.map(lambda parts: parts[0] | {first: parts[1]}), max_size=3)


@cache
def records(name, *, odd):
    """Records of a stream."""
    stream = STREAMS[name]
    lists = {child.field: entries(child, odd=odd) for child in stream.children if child.entries is None}
    surprise = {"surprise": ODD} if odd else {}
    return st.tuples(fields(stream.columns, odd=odd), st.fixed_dictionaries({}, optional=lists | surprise)).map(
        lambda parts: parts[0] | parts[1]
    )


@st.composite
def batches(draw):
    """A stream and raw records of it, whole or odd."""
    name, odd = draw(st.sampled_from(sorted(STREAMS))), draw(st.booleans())
    raw = []
    for number, record in enumerate(draw(st.lists(records(name, odd=odd), min_size=1, max_size=4))):
        named = record | {"id": f"r{number}" if number else draw(st.just("r0") | TEXTS)}
        shown = json.dumps(named, ensure_ascii=draw(st.booleans()), indent=draw(st.sampled_from([None, 1])))
        raw.append(shown.encode("utf-8", "surrogatepass"))
    if odd and draw(st.booleans()):
        first = raw[0]
        twice, zero = first[:-1] + b',"id":"twice"}', first.replace(b": ", b":-0,", 1)
        raw[0] = draw(st.sampled_from([twice, zero, b"null", b"", b"[]"]))
    return STREAMS[name], raw


def received_of(stream, raw):
    names = [*stream.from_parent.values(), *stream.envelope_columns.values()]
    given = [dict.fromkeys(names, "p1")] * len(raw) if names else None
    return Received(raw, [NOW + dt.timedelta(seconds=i // 2) for i in range(len(raw))], given)


def at_once(stream, received, rename=None):
    return tables_at_once(
        stream, received.raw, received.observed_at, received.given, account='of "two"', rename=rename or {}
    )


def check_same(stream, raw):
    received = received_of(stream, raw)
    tables = at_once(stream, received)
    if tables is None:
        return False
    whole = type_records(stream, received, account='of "two"')
    careful = type_carefully(stream, received, account='of "two"')
    assert tables.keys() == careful.tables.keys()
    for name, table in careful.tables.items():
        at_once_rows = tables[name].select(table.column_names).cast(table.schema).to_pylist()
        assert repr(at_once_rows) == repr(table.to_pylist())  # as written: 0.0 and -0.0 are equal, and not the same
        assert tables[name].schema.types == [table.schema.field(one).type for one in tables[name].column_names]
    assert (whole.records, whole.drift) == (careful.records, careful.drift)
    assert (careful.quarantined, careful.fields_missing, set().union(*careful.unread_lists.values())) == (
        [],
        set(),
        set(),
    )
    return True


@given(batches())
def test_records_typed_as_a_whole_are_typed_as_one_by_one(batch):
    check_same(*batch)


@pytest.mark.slow
@given(batches())
@settings(max_examples=5_000)
def test_records_typed_as_a_whole_are_typed_as_one_by_one_many_times(batch):
    check_same(*batch)


@pytest.mark.parametrize("name", ["candidates", "roles", "tests", "sourcing"])
def test_what_talent_ray_is_known_to_answer_is_typed_as_a_whole(name):
    company = Company(seed=4, candidates=60, days=90, end=NOW)
    stream = STREAMS["talent_ray." + {"sourcing": "leads"}.get(name, name)]
    raw = [json.dumps(record).encode() for record in company.truth("talent_ray", name)]

    assert check_same(stream, raw)


@pytest.mark.parametrize(
    "odd",
    [
        b'{"id":"c1","id":"c2"}',
        b'{"id":"c1","fullName":7}',
        b'{"id":"c1","fullName":"\\u0000"}',
        b'{"id":"c1","createdAt":"2026-02-03T07:00:00"}',
        b'{"id":"c1","new":1}',
        b'{"id":"c1","roles":[null]}',
        b'{"id":"c1","roles":{}}',
        b'{"id":"c1","roles":[{"roleId":"r1","overallFitScore":-0}]}',
        b'{"id":"c1","roles":[{"roleId":"r1","overallFitScore":1e400}]}',
        b'{"id":"c1","roles":[{"roleId":null}]}',
        b'{"id":"c1","roles":[{"roleId":"r1","roleId":"r2"}]}',
        b'{"id":""}',
        b'{"id":"c1"}{"id":"c2"}',
        b"null",
        b"",
    ],
)
def test_anything_odd_is_left_to_the_careful_way(odd):
    whole = (
        b'{"id":"c0","fullName":"Ada","email":"a@example.com","phone":"1","status":"Active","roles":['
        b'{"roleId":"r0","roleName":"R","organizationId":"o","status":"s","overallFitScore":7,"approved":true}],'
        b'"createdAt":"2026-02-03T07:00:00Z","updatedAt":"2026-02-03T07:00:00Z"}'
    )
    stream = STREAMS["talent_ray.candidates"]

    assert at_once(stream, received_of(stream, [whole])) is not None
    assert at_once(stream, received_of(stream, [whole, odd])) is None


def test_a_field_read_under_another_name_is_found_there():
    stream = STREAMS["talent_ray.tests"]
    raw = [b'{"id":"t1","title":"Logic","organizationIds":["o1"]}']
    carried = {column.field: column.name for column in stream.columns}
    record = json.dumps({name: None for name in carried if name not in ("id", "name")} | json.loads(raw[0])).encode()
    tables = at_once(stream, received_of(stream, [record]), {"name": "title"})

    assert tables["tests"]["name"].to_pylist() == ["Logic"]
    assert at_once(stream, received_of(stream, [record])) is None
