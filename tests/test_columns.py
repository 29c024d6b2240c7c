"""Typed columns: what fits is kept, what does not becomes null and is told, whatever the API sends."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.columns import ARROW_TYPES, LONGEST_TEXT_CHARACTERS, to_array
from connector.contract import Kind, day, flag, integer, json, number, text, timestamp

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
COLUMNS = {
    Kind.TEXT: text("a"),
    Kind.INTEGER: integer("a"),
    Kind.NUMBER: number("a"),
    Kind.FLAG: flag("a"),
    Kind.TIMESTAMP: timestamp("a"),
    Kind.DATE: day("a"),
    Kind.JSON: json("a"),
}


def utc(*parts: int) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("column", "sent", "kept"),
    [
        (text("a"), ["x", None, 5, 1.5, True], ["x", None, "5", "1.5", "true"]),
        (text("a"), [{"b": 1}, ["c"], "ok"], [None, None, "ok"]),
        (text("a"), ["i\u0307stanbul", "א", "👩‍🔬", "e\u0301"], ["i\u0307stanbul", "א", "👩‍🔬", "e\u0301"]),
        (text("a"), ["a\0b", "half \ud800 pair"], ["ab", "half \ufffd pair"]),
        (integer("a"), [1, None, 2.0, 2**63 - 1], [1, None, 2, 2**63 - 1]),
        (integer("a"), [5.5, "5", True, 2**63, -(2**63) - 1], [None, None, None, None, None]),
        (number("a"), [1, 2.5, -1, None], [1.0, 2.5, -1.0, None]),
        (number("a"), [True, "2", 10**400], [None, None, None]),
        (flag("a"), [True, False, None, 1, "true"], [True, False, None, None, None]),
        (day("a"), ["2026-02-03", "2026-02-03T10:00:00Z", "soon"], [dt.date(2026, 2, 3), dt.date(2026, 2, 3), None]),
        (json("a"), [[1, "ü"], {"b": None}, None], ['[1,"ü"]', '{"b":null}', None]),
    ],
)
def test_a_value_that_does_not_fit_is_null_and_its_neighbours_stay(column, sent, kept):
    array, misfits = to_array(column, sent)

    assert array.to_pylist() == kept
    lost = {i for i, value in enumerate(sent) if value is not None and kept[i] is None}
    assert {position for position, value, _ in misfits if value is not None} == lost


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("2026-02-03T07:00:00Z", utc(2026, 2, 3, 7)),
        ("2026-02-03T07:00:00.123456Z", utc(2026, 2, 3, 7, 0, 0, 123456)),
        ("2026-02-03T10:00:00+03:00", utc(2026, 2, 3, 7)),
        ("2026-02-03T07:00:00", utc(2026, 2, 3, 7)),
        ("2026-03-29T02:30:00+01:00", utc(2026, 3, 29, 1, 30)),
        ("0001-01-01T00:00:00Z", utc(1, 1, 1)),
        ("9999-12-31T23:59:59Z", utc(9999, 12, 31, 23, 59, 59)),
        ("2016-12-31T23:59:60Z", None),
        ("0001-01-01T00:00:00+03:00", None),
        ("yesterday", None),
        (1770102000, None),
    ],
)
def test_an_instant_is_stored_in_utc_or_not_at_all(sent, kept):
    for values in ([sent], [sent, "2026-01-01T00:00:00Z"], ["no", sent]):
        array, _ = to_array(timestamp("a"), values)

        assert array.to_pylist()[values.index(sent)] == kept


def test_an_instant_without_an_offset_is_told():
    _, misfits = to_array(timestamp("a"), ["2026-02-03T07:00:00"])

    assert [reason for _, _, reason in misfits] == ["had no offset, taken as UTC"]


def test_a_very_long_text_is_cut_and_told():
    array, misfits = to_array(text("a"), ["x" * (LONGEST_TEXT_CHARACTERS + 1), "y"])

    assert [len(value) for value in array.to_pylist()] == [LONGEST_TEXT_CHARACTERS, 1]
    assert [(position, reason) for position, _, reason in misfits] == [(0, "cut to its length cap")]


@given(st.sampled_from(list(Kind)), st.lists(JSON_VALUES, max_size=6))
def test_any_json_value_ends_in_a_column_of_the_declared_type(kind, values):
    array, misfits = to_array(COLUMNS[kind], values)

    assert array.type == ARROW_TYPES[kind]
    assert len(array) == len(values)
    told = {position for position, _, _ in misfits}
    nulls = {i for i, kept in enumerate(array.to_pylist()) if kept is None}
    assert nulls == {i for i, value in enumerate(values) if value is None} | (nulls & told)
