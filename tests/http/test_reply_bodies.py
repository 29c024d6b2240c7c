"""Bodies that are cut, huge, slow, deep or no JSON at all: never accepted, always bounded."""

from __future__ import annotations

import gzip
import itertools
import json
import time
import tracemalloc
import zlib

import msgspec
import pytest
from hostile_server import decode_page, reply
from hypothesis import given
from hypothesis import strategies as st

from connector.errors import BadBody, ContractBroken, SourceUnavailable
from connector.http.body import json_checks, json_depth_above
from connector.http.keys_twice import has_a_key_twice

PAGE = json.dumps({"data": [{"id": "c1", "fullName": 'Ay\u015fe "\\[{'}]}, ensure_ascii=False).encode()
LIST = "/api/v1/candidates"

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def chunked(body: bytes, *, last: bytes = b"0\r\n\r\n") -> bytes:
    head = (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    )
    return head + b"%x\r\n%s\r\n" % (len(body), body) + last


@pytest.mark.parametrize(
    "manner", ["with length", "until the end", "chunked", "gzip with length", "gzip until the end"]
)
def test_a_body_cut_at_any_byte_is_never_accepted(serve, client_of, manner):
    whole = gzip.compress(PAGE) if "gzip" in manner else PAGE
    encoding = {"Content_Encoding": "gzip"} if "gzip" in manner else {}

    def cut(number: int, connection: object) -> bytes:
        part = whole[:number]
        if manner == "chunked":
            return chunked(part) if part else b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        return reply(part, length=len(whole) if "length" in manner else None, **encoding)

    server = serve(cut)
    client = client_of(server, budget_seconds=0.0)  # one try for each cut
    for size in range(len(whole)):
        with pytest.raises(SourceUnavailable):
            client.get(LIST, decode=decode_page)
        assert len(server.heads) == size + 1

    assert client.get(LIST, decode=decode_page).value.data == json.loads(PAGE)["data"]


@pytest.mark.parametrize(
    ("body", "content_type", "told"),
    [
        (b"<!doctype html><p>Sign in, Ayse", "text/html", "HTML page"),
        (b"\n <html>", "application/json", "HTML page"),
        (PAGE, "text/plain", "does not say it is JSON"),
        (b"Ayse", "", "not strict JSON"),
        (PAGE, "application/json; charset=iso-8859-9", "another encoding"),
        (b"", "application/json", "empty body"),
        (b"  ", "application/json", "empty body"),
        (b"Ayse", "application/json", "not strict JSON"),
        (PAGE[:-1], "application/json", "not strict JSON"),
        (PAGE + b"}", "application/json", "not strict JSON"),
        (b"\xef\xbb\xbf" + PAGE, "application/json", "not strict JSON"),
        (b'{"data":[{"id":"\xff"}]}', "application/json", "not strict JSON"),
        (b'{"data":[{"id":NaN}]}', "application/json", "not strict JSON"),
        (b'{"data":[{"id":Infinity}]}', "application/json", "not strict JSON"),
        (b'{"data":[' + b"[" * 100_000, "application/json", "deeper than 64"),
        (b'{"data":[{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}]}", "application/json", "not strict JSON"),
    ],
)
def test_what_is_no_json_is_asked_again_then_named_by_its_kind(serve, client_of, body, content_type, told):
    server = serve(reply(body, Content_Type=content_type))

    with pytest.raises(SourceUnavailable, match=told) as caught:
        client_of(server).get(LIST, decode=decode_page)

    assert len(server.heads) == 5
    assert "Ayse" not in str(caught.value)


@pytest.mark.parametrize(
    "content_type", ["application/json", "Application/JSON; charset=UTF-8", "application/problem+json", ""]
)
def test_json_is_known_by_its_type_and_judged_by_itself_where_none_is_told(serve, client_of, content_type):
    assert client_of(serve(reply(PAGE, Content_Type=content_type))).get(LIST, decode=decode_page).status == 200


def test_a_compressed_body_is_read_and_one_of_another_kind_is_not(serve, client_of):
    assert (
        client_of(serve(reply(gzip.compress(PAGE), Content_Encoding="gzip"))).get(LIST, decode=decode_page).value.data
    )

    for body, encoding in [(PAGE, "br"), (zlib.compress(PAGE), "deflate"), (PAGE, "gzip"), (PAGE, "gzip, gzip")]:
        with pytest.raises(SourceUnavailable, match="compress"):
            client_of(serve(reply(body, Content_Encoding=encoding))).get(LIST, decode=decode_page)


def test_something_behind_the_end_of_a_compressed_body_is_not_accepted(serve, client_of):
    for behind in (b"x", gzip.compress(b"{}")):
        server = serve(reply(gzip.compress(PAGE) + behind, Content_Encoding="gzip"))
        with pytest.raises(SourceUnavailable, match="compressed"):
            client_of(server).get(LIST, decode=decode_page)


def test_a_gzip_bomb_is_stopped_in_little_memory(serve, client_of):
    squeeze = zlib.compressobj(4, wbits=31)
    bomb = b"".join(squeeze.compress(bytes(2**20)) for _ in range(210)) + squeeze.flush()
    client = client_of(serve(reply(bomb, Content_Encoding="gzip")), budget_seconds=0.0)
    tracemalloc.start()
    try:
        with pytest.raises(SourceUnavailable, match="once decompressed"):
            client.get(LIST, decode=decode_page)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert len(bomb) < 1_200_000
    assert peak < 80 * 2**20


@pytest.mark.parametrize("declared", [True, False])
def test_a_body_of_a_gigabyte_is_stopped_at_the_cap(serve, client_of, declared):
    sent = []

    def pour(number, connection):
        connection.sendall(reply(b"", length=2**30 if declared else None))
        for _ in range(1_024):
            connection.sendall(bytes(2**20))
            sent.append(1)

    client = client_of(serve(pour), budget_seconds=0.0, max_bytes=4 * 2**20)

    with pytest.raises(SourceUnavailable, match="above 4,194,304 bytes"):
        client.get(LIST, decode=decode_page)

    assert len(sent) <= 24


@pytest.mark.parametrize("dripped", ["head", "body", "compressed body", "chunks"])
def test_a_reply_that_drips_ends_at_the_deadline(serve, client_of, dripped):
    def drip(number, connection):
        if dripped == "head":
            connection.sendall(b"HTTP/1.1 200 OK\r\n")
            drops = (f"X-{number}: {'a' * 9}\r\n".encode() for number in itertools.count())
        elif dripped == "chunks":
            connection.sendall(chunked(b"[", last=b""))
            drops = itertools.repeat(b"1\r\n \r\n")
        else:
            encoding = {"Content_Encoding": "gzip"} if "compressed" in dripped else {}
            connection.sendall(reply(b"", length=2**20, **encoding))
            drops = (bytes([byte]) for byte in gzip.compress(PAGE) * 9)
        for drop in drops:
            connection.sendall(drop)
            time.sleep(0.05)

    client = client_of(serve(drip), deadline_seconds=0.5, budget_seconds=0.0)
    began = time.monotonic()

    with pytest.raises(SourceUnavailable, match=r"within 0\.5 s"):
        client.get(LIST, decode=decode_page)

    assert time.monotonic() - began < 1.5


def test_a_head_without_an_end_is_bounded(serve, client_of):
    def pour(number, connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nX-Filler: ")
        for _ in range(10_000):
            connection.sendall(b"a" * 4_096)

    with pytest.raises(SourceUnavailable, match="the connection broke"):
        client_of(serve(pour), budget_seconds=0.0).get(LIST, decode=decode_page)


@given(json_values)
def test_all_strict_json_passes_the_checks(value):
    json_checks(json.dumps(value).encode())
    json_checks(json.dumps(value, ensure_ascii=False, indent=1).encode("utf-8", "replace"))


@given(st.binary(max_size=60) | st.text(alphabet='[]{}"\\:,1naN ', max_size=40).map(str.encode))
def test_whatever_the_bytes_the_checks_end_in_a_verdict(body):
    try:
        json_checks(body)
    except BadBody:
        return
    msgspec.json.decode(body)


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":1,"a":1}',
        b'[{"b":{"a":1,"\\u0061":2}}]',
        b"NaN",
        b"[-Infinity]",
        b"",
        b"{",
        b"[1]]",
        b"[" * 65 + b"]" * 65,
        b"9" * 5_000,
    ],
)
def test_doubled_keys_odd_numbers_depth_and_cuts_fail_the_checks(body):
    with pytest.raises(BadBody):
        json_checks(body)


@given(st.integers(0, 90), st.text(alphabet='[]{}"\\x', max_size=12))
def test_depth_is_counted_outside_of_texts(depth, text):
    value: object = text
    for level in range(depth):
        value = [value, text] if level % 2 else {text: value, "b": []}
    body = json.dumps(value).encode()

    assert json_depth_above(body, 64) == (nesting(value) > 64)


def nesting(value: object) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(nesting, inner), default=0)


def test_a_hundred_thousand_levels_are_counted_in_no_time():
    began = time.monotonic()

    for body in (b"[" * 100_000 + b"]" * 100_000, b'{"a":' * 100_000 + b"1" + b"}" * 100_000):
        with pytest.raises(BadBody, match="deeper than 64"):
            json_checks(body)

    assert time.monotonic() - began < 1.0


def test_a_shape_error_is_no_body_error(serve, client_of):
    with pytest.raises(ContractBroken):
        client_of(serve(reply(b'{"data":7}'))).get(LIST, decode=decode_page)


@pytest.mark.parametrize(
    ("record", "twice"),
    [
        (b'{"id":"a","name":"b","roles":[{"roleId":"r"},{"roleId":"s"}]}', False),
        (b'{"id":"a","id":"b"}', True),
        (b'{"id":"a","roles":[{"roleId":"r","roleId":"s"}]}', True),
        (b'{ "id" : "a", "id"\n: "b" }', True),
        (b'{ "id" : "a", "name": "\\"  :" }', False),
        (rb'{"id":"a","name":"he said \"id\": and went"}', False),
        (rb'{"id":"a","name":"he said \"id\":","id":"b"}', True),
        (b'{"id":"a","id":', False),
        (b"[1, 2]", False),
    ],
)
def test_a_key_that_stands_twice_is_noticed_in_objects_and_not_in_texts(record, twice):
    whole = b'{"id":"z","name":"id"}'

    assert has_a_key_twice([record]) is twice
    assert has_a_key_twice([whole, record, whole]) is twice


@given(st.recursive(st.none() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_no_record_of_single_keys_has_a_key_twice(value):
    assert not has_a_key_twice([msgspec.json.encode(value)] * 2)


names = st.sampled_from(["id", "name", "a b", 'say "hi"', "\\", "ä", "", "roles"])
scalars = st.none() | st.booleans() | st.integers() | st.sampled_from(["", "b", '"id":', '\\": ', "x" * 300])
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.lists(st.tuples(names, inner), max_size=4)
)


def as_json(value: object, colon: str) -> str:
    """Lists of pairs become objects, in which a name may stand several times."""
    if isinstance(value, list) and value and isinstance(value[0], tuple):
        return "{" + ",".join(json.dumps(name) + colon + as_json(part, colon) for name, part in value) + "}"
    if isinstance(value, list):
        return "[" + ",".join(as_json(part, colon) for part in value) + "]"
    return json.dumps(value)


@given(
    made=st.lists(st.tuples(names, values), min_size=1, max_size=5),
    others=st.lists(st.lists(scalars, min_size=5, max_size=5), max_size=4),
    odd=st.none() | values,
    colon=st.sampled_from([":", " : ", "\n:"]),
)
def test_records_made_alike_are_counted_as_one_by_one(made, others, odd, colon):
    alike = [
        [(name, value if isinstance(value, list) else other[at]) for at, (name, value) in enumerate(made)]
        for other in others
    ]
    records = [as_json(one, colon).encode() for one in ([made, *alike] if odd is None else [odd, made, *alike])]

    def once(pairs):
        assert len(dict(pairs)) == len(pairs)

    expected = False
    for record in records:
        try:
            json.loads(record, object_pairs_hook=once)
        except AssertionError:
            expected = True

    assert has_a_key_twice(records) is expected
