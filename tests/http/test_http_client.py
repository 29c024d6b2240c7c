"""What a client makes of good and bad servers."""

from __future__ import annotations

import socket
import struct
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from hostile_server import DreamClock, decode_page, reply
from hypothesis import given
from hypothesis import strategies as st

from connector.errors import (
    BadBody,
    ContractBroken,
    Forbidden,
    KeyRefused,
    RequestRefused,
    ScopeMissing,
    SourceUnavailable,
    UsageError,
)
from connector.http.client import Client
from connector.http.hosts import fill_path
from connector.http.rate_limit import RateGate
from connector.http.secret import Secret
from connector.http.transport import KeyTransport

PAGE = b'{"data":[{"id":"c1"}]}'
LIST = "/api/v1/candidates"


def test_an_answer_holds_the_decoded_body_and_the_instant_of_the_server(serve, client_of):
    server = serve(reply(PAGE))
    local = datetime(2026, 3, 4, 5, 0, 0, tzinfo=UTC)
    client = client_of(server, now=lambda: local)

    answer = client.get(LIST, {"page": 0, "pageSize": 100}, decode=decode_page)

    assert (answer.status, answer.value.data, answer.tries) == (200, [{"id": "c1"}], 1)
    assert answer.at == datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
    assert client.skew == timedelta(minutes=6, seconds=7)
    assert server.targets == ["/api/v1/candidates?page=0&pageSize=100"]


@pytest.mark.parametrize("date", ["", "yesterday", "Wed, 99 Mar 2026 05:06:07 GMT"])
def test_without_a_readable_date_the_local_clock_serves_with_the_last_known_offset(serve, client_of, date):
    server = serve(lambda number, connection: reply(PAGE) if number == 0 else reply(PAGE, Date=date))
    local = [datetime(2026, 3, 4, 5, 0, 0, tzinfo=UTC)]
    client = client_of(server, now=lambda: local[0])
    client.get(LIST, decode=decode_page)
    local[0] += timedelta(minutes=1)

    assert client.get(LIST, decode=decode_page).at == datetime(2026, 3, 4, 5, 7, 7, tzinfo=UTC)


def test_the_key_travels_as_a_bearer_in_the_header_and_nowhere_else(serve, client_of):
    server = serve(reply(PAGE))

    client_of(server).get(LIST, decode=decode_page)

    head = server.heads[0]
    assert head.count("CanaryKey") == 3
    assert "\r\nauthorization: bearer tr_" in head.lower()
    assert "x-api-key" not in head.lower()
    assert "\r\nuser-agent: hiring-elt" in head.lower()


def test_a_bare_scheme_sends_the_key_alone_and_no_key_sends_no_header(serve, client_of):
    server = serve(reply(PAGE))
    client_of(server, header="X-Token", scheme="").get(LIST, decode=decode_page)
    keyless = Client(server.url, None, platform="talent_ray", gate=RateGate(10))
    keyless.get(LIST, decode=decode_page)
    keyless.close()

    assert "\r\nx-token: tr_" in server.heads[0].lower()
    assert "authorization" not in (server.heads[0] + server.heads[1]).lower()


@pytest.mark.parametrize("status", ["500 X", "502 X", "503 X", "504 X", "429 X"])
def test_a_passing_fault_is_asked_again(serve, client_of, status):
    server = serve(lambda number, connection: reply(b"{}", status) if number < 3 else reply(PAGE))
    client = client_of(server)

    answer = client.get(LIST, decode=decode_page)

    assert (answer.tries, client.requests, len(server.heads)) == (4, 4, 4)


@pytest.mark.parametrize("status", ["500 X", "503 X", "429 X", "206 X", "204 X", "302 X"])
def test_a_lasting_fault_ends_after_five_tries_and_names_the_path(serve, client_of, status):
    server = serve(reply(b"" if status == "204 X" else b"{}", status, length=None))
    client = client_of(server)

    with pytest.raises(SourceUnavailable, match=LIST) as caught:
        client.get(LIST, decode=decode_page)

    assert caught.value.exit_status == 8
    assert client.requests == len(server.heads) == (1 if status == "302 X" else 5)


def test_no_connection_and_a_reset_one_are_asked_again(serve, client_of):
    def reset(number: int, connection: socket.socket) -> bytes | None:
        if number < 2:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return None
        return reply(PAGE)

    server = serve(reset)
    assert client_of(server).get(LIST, decode=decode_page).tries == 3

    free = socket.create_server(("127.0.0.1", 0))
    port = free.getsockname()[1]
    free.close()
    with pytest.raises(SourceUnavailable, match="no connection, 5 tries"):
        client_of(f"http://127.0.0.1:{port}").get(LIST, decode=decode_page)


@pytest.mark.parametrize("status", [400, 405, 409, 410, 422, 451, 501])
def test_a_refused_request_is_not_asked_again(serve, client_of, status):
    server = serve(reply(b'{"error":"bad_request","message":"Ayse Yilmaz"}', f"{status} X"))

    with pytest.raises(RequestRefused) as caught:
        client_of(server).get(LIST, decode=decode_page)

    assert (caught.value.status, caught.value.exit_status, len(server.heads)) == (status, 5, 1)
    assert "bad_request" in str(caught.value)
    assert "Ayse" not in str(caught.value)


def test_a_404_is_handed_back_with_its_code_unless_it_is_not_expected(serve, client_of):
    server = serve(reply(b'{"error":"not_found"}', "404 X"))
    client = client_of(server)

    answer = client.get(LIST, decode=decode_page)

    assert (answer.status, answer.value, answer.code) == (404, None, "not_found")
    with pytest.raises(RequestRefused):
        client.get(LIST, decode=decode_page, returned=())


def test_a_403_for_want_of_a_scope_names_the_required_and_the_granted_ones(serve, client_of):
    body = b"""{"error": "insufficient_scope", "requiredScopes": ["pipeline:read"],
                "grantedScopes": ["candidates:read", "a b@c.example", 7, "roles:read"]}"""
    server = serve(reply(body, "403 X"))

    with pytest.raises(ScopeMissing, match="pipeline:read") as caught:
        client_of(server).get(LIST, decode=decode_page)

    assert caught.value.required == ("pipeline:read",)
    assert caught.value.granted == ("candidates:read", "roles:read")
    assert caught.value.exit_status == 5


@pytest.mark.parametrize("body", [b'{"error":"forbidden"}', b"<html>", b"[]", b"", b'{"error":{"a":1}}', b"[" * 60_000])
def test_any_other_403_is_forbidden(serve, client_of, body):
    with pytest.raises(Forbidden):
        client_of(serve(reply(body, "403 X"))).get(LIST, decode=decode_page)


@pytest.mark.parametrize("k", range(4))
def test_after_a_401_nothing_more_is_asked(serve, client_of, k):
    server = serve(lambda number, connection: reply(PAGE) if number < k else reply(b"{}", "401 X"))
    client = client_of(server)

    for _ in range(k):
        client.get(LIST, decode=decode_page)
    with pytest.raises(KeyRefused, match="SOURCES__TALENT_RAY__API_KEY") as caught:
        client.get(LIST, decode=decode_page, returned=(401, 404))
    with pytest.raises(KeyRefused):
        client.get(LIST, decode=decode_page)

    assert caught.value.exit_status == 3
    assert len(server.heads) == k + 1


def test_a_redirect_is_told_by_its_host_and_not_followed(serve, client_of):
    other = serve(reply(PAGE))
    location = f"http://user:word@127.0.0.1:{other.port}/private?token=1"
    server = serve(reply(b"", "307 X", Location=location))

    with pytest.raises(SourceUnavailable, match=r"127\.0\.0\.1") as caught:
        client_of(server).get(LIST, decode=decode_page)

    assert (len(server.heads), other.connections) == (1, 0)
    assert "word" not in str(caught.value)
    assert "token" not in str(caught.value)


def test_another_shape_is_a_broken_contract_and_not_asked_again(serve, client_of):
    for body in (b'{"data":null}', b'{"data":{}}', b"[]", b"null", b'{"error":"x"}'):
        server = serve(reply(body))
        with pytest.raises(ContractBroken):
            client_of(server).get(LIST, decode=decode_page)
        assert len(server.heads) == 1


def test_an_error_that_a_decoder_raises_comes_through_without_its_frames(serve, client_of):
    def decode(body: bytes) -> None:
        raise ContractBroken("Talent-Ray sent a list where an object was agreed.") from KeyError(body)

    with pytest.raises(ContractBroken, match="a list") as caught:
        client_of(serve(reply(PAGE))).get(LIST, decode=decode)

    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    assert not any(frame.name == "decode" for frame in caught.traceback)


def test_a_body_that_its_decoder_calls_bad_is_asked_again(serve, client_of):
    bodies = []

    def decode(body: bytes) -> int:
        bodies.append(body)
        if len(bodies) < 3:
            raise BadBody("a page that contradicts itself")
        return len(body)

    assert client_of(serve(reply(PAGE))).get(LIST, decode=decode).tries == 3


@given(st.text())
def test_an_id_stays_one_segment_of_the_path(value):
    targets = []

    def answer(request: httpx.Request) -> httpx.Response:
        targets.append((request.url.host, request.url.raw_path.decode()))
        return httpx.Response(404)

    client = Client(
        "https://app.talent-ray.com",
        None,
        platform="talent_ray",
        gate=RateGate(1_000),
        transport=httpx.MockTransport(answer),
    )
    try:
        path = fill_path("/api/v1/candidates/{id}/steps", id=value)
    except ContractBroken:
        return
    client.get(path, decode=decode_page)

    [(host, target)] = targets
    assert host == "app.talent-ray.com"
    assert target.startswith("/api/v1/candidates/")
    assert target.endswith("/steps")
    assert target.count("/") == 5
    assert target.split("/")[4] not in {"", ".", ".."}
    assert set(target) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~%/")


@pytest.mark.parametrize("path", ["api", "/a//b", "/a/../b", "/a/./b", "/a?b=c", "/a#b", "//evil.example/a", "/a/ü"])
def test_a_path_that_was_built_wrongly_is_not_asked(serve, client_of, path):
    server = serve(reply(PAGE))

    with pytest.raises(ContractBroken):
        client_of(server).get(path, decode=decode_page)

    assert server.connections == 0


def test_nothing_but_get_to_the_host_of_the_settings_leaves(serve):
    sent = []
    inner = httpx.MockTransport(lambda request: sent.append(request) or httpx.Response(200))
    transport = KeyTransport(inner, httpx.URL("https://app.talent-ray.com"), None, "Authorization", "Bearer")

    for method, url in [
        ("POST", "https://app.talent-ray.com/"),
        ("HEAD", "https://app.talent-ray.com/"),
        ("GET", "https://evil.example/"),
        ("GET", "http://app.talent-ray.com/"),
        ("GET", "https://app.talent-ray.com:8443/"),
    ]:
        with pytest.raises(AssertionError):
            transport.handle_request(httpx.Request(method, url))

    assert sent == []


def test_the_key_is_in_the_request_only_while_it_is_sent():
    requests, sent = [], []

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        sent.append(request.headers["Authorization"])
        return httpx.Response(404)

    origin = httpx.URL("https://app.talent-ray.com")
    transport = KeyTransport(httpx.MockTransport(answer), origin, Secret("k" * 9), "Authorization", "Bearer")
    transport.handle_request(httpx.Request("GET", origin))

    assert sent == ["Bearer kkkkkkkkk"]
    assert "Authorization" not in requests[0].headers


def test_a_request_holds_its_place_in_the_gate_for_one_window_after_its_reply(serve, client_of):
    clock = DreamClock()
    client = client_of(serve(reply(PAGE)), gate=RateGate(1, clock=clock, sleep=clock.sleep))

    for _ in range(3):
        client.get(LIST, decode=decode_page)

    assert 1_120.0 <= clock.now <= 1_121.0


@pytest.mark.parametrize(
    ("key", "header"),
    [("", "Authorization"), ("a\r\nb", "Authorization"), ("clé", "Authorization"), ("k", "X-Api-Key"), ("k", "a b")],
)
def test_a_key_or_a_header_that_cannot_be_sent_is_a_matter_of_settings(key, header):
    with pytest.raises(UsageError) as caught:
        Client("https://app.talent-ray.com", Secret(key), platform="tailed", gate=RateGate(1), header=header)

    assert caught.value.exit_status == 2
