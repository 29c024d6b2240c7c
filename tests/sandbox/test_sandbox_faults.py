"""Trouble on the way: each kind arrives as described, and the journal knows."""

import gzip
import json
import time
from contextlib import suppress
from typing import Any

import httpx
import pytest
from sandbox_asking import END, Asking

from connector.sandbox import Company, Fault, Server, Switches, serve

LIST = "/api/v1/candidates"


@pytest.fixture
def company() -> Company:
    """Rows are enough here; their stories take longer to tell."""
    return Company.light(candidates=120, end=END)


@pytest.mark.parametrize("status", [400, 404, 500, 501, 502, 503, 504])
def test_a_status_strikes_at_chosen_requests(ask: Asking, server: Server, status: int) -> None:
    server.switches.faults = [Fault("status", requests=(2, 3), status=status, path="/api/v1/roles")]

    statuses = [ask("/api/v1/roles").status_code for _ in range(4)]

    assert statuses == [200, status, status, 200]
    assert ask(LIST).status_code == 200
    assert [reply.fault for reply in server.journal] == [None, "status", "status", None, None]


def test_a_rate_strikes_about_as_often_and_the_same_each_time(company: Company) -> None:
    def struck() -> list[int]:
        with serve(company, Switches(faults=[Fault("429", rate=0.3)]), requests_per_minute=None) as server:
            headers = {"Authorization": f"Bearer {server.talent_ray_key}"}
            with httpx.Client(base_url=server.url, headers=headers) as client:
                return [client.get("/api/v1/me").status_code for _ in range(60)]

    first = struck()

    assert 6 <= first.count(429) <= 30
    assert first == struck()


def test_a_fault_ends_after_so_many_times(ask: Asking, server: Server) -> None:
    server.switches.faults = [Fault("401", rate=1.0, times=2)]

    assert [ask(LIST).status_code for _ in range(3)] == [401, 401, 200]


@pytest.mark.parametrize("kind", ["reset", "hang", "cut", "wrong_length"])
def test_a_broken_connection_is_an_error_of_the_transport(ask: Asking, server: Server, kind: str) -> None:
    server.switches.faults = [Fault(kind, requests=(1,), seconds=0.05, octets=30)]

    with pytest.raises(httpx.TransportError):
        ask(LIST)
    assert ask(LIST).status_code == 200


def test_a_body_can_be_cut_at_any_byte(ask: Asking, server: Server) -> None:
    whole = ask("/api/v1/me").content
    server.switches.faults = [Fault("cut", rate=1.0, octets=17)]
    received = b""

    headers = {"x-api-key": server.talent_ray_key}
    with httpx.stream("GET", f"{server.url}/api/v1/me", headers=headers) as answer, suppress(httpx.RemoteProtocolError):
        for piece in answer.iter_raw():
            received += piece

    assert whole.startswith(received)
    assert len(received) == 17


def test_a_slow_drip_takes_its_time(ask: Asking, server: Server) -> None:
    server.switches.faults = [Fault("drip", rate=1.0, seconds=0.001)]
    begun = time.monotonic()

    assert ask("/api/v1/me").json()["auth"]["type"] == "api_key"
    assert time.monotonic() - begun > 0.1


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("data_null", {"data": None}),
        ("null", None),
        ("error_inside", {"error": "internal_error", "message": "Try again."}),
        ("empty", {"data": [], "pagination": {"page": 0, "pageSize": 100, "totalCount": 0, "totalPages": 0}}),
    ],
)
def test_an_envelope_is_replaced(ask: Asking, server: Server, kind: str, expected: Any) -> None:
    server.switches.faults = [Fault(kind, rate=1.0)]

    answer = ask("/api/v1/tests")
    body = answer.json()
    if kind == "data_null":
        body.pop("pagination")

    assert (answer.status_code, body) == (200, expected)


def test_an_envelope_is_reshaped(ask: Asking, server: Server) -> None:
    rows = ask("/api/v1/tests").json()["data"]

    def spoilt(kind: str) -> Any:
        server.switches.faults = [Fault(kind, rate=1.0)]
        return ask("/api/v1/tests").json()

    assert spoilt("list_at_top") == rows
    assert spoilt("data_object")["data"] == {"0": rows}
    assert list(spoilt("no_data")) == ["pagination"]
    assert list(spoilt("no_pagination")) == ["data"]


def test_bodies_that_are_no_good_json(ask: Asking, server: Server) -> None:
    def spoilt(kind: str) -> httpx.Response:
        server.switches.faults = [Fault(kind, rate=1.0, octets=5000)]
        return ask("/api/v1/tests")

    assert spoilt("html").headers["content-type"].startswith("text/html")
    assert spoilt("content_type").headers["content-type"] == "text/plain"
    assert b"NaN" in spoilt("nan").content
    assert spoilt("duplicate_keys").content.count(b'"twice"') == 1
    with pytest.raises(UnicodeDecodeError):
        spoilt("bad_utf8").content.decode()
    assert len(spoilt("huge").content) > 5000
    assert spoilt("deep").content.count(b"[") == 5000


def test_a_bomb_is_small_on_the_wire(server: Server) -> None:
    server.switches.faults = [Fault("bomb", rate=1.0, octets=2_000_000)]
    headers = {"x-api-key": server.talent_ray_key}

    with httpx.stream("GET", f"{server.url}/api/v1/tests", headers=headers) as answer:
        packed = b"".join(answer.iter_raw())

    assert len(packed) < 10_000
    assert len(json.loads(gzip.decompress(packed))["data"][0]) == 2_000_000


def test_a_redirect_names_another_place(ask: Asking, server: Server) -> None:
    server.switches.faults = [Fault("redirect", rate=1.0, location="http://127.0.0.1:9/api/v1/me")]

    answer = ask("/api/v1/me")

    assert (answer.status_code, answer.headers["location"]) == (302, "http://127.0.0.1:9/api/v1/me")


@pytest.mark.parametrize("form", ["seconds", "date", "past_date", "negative", "text", "huge"])
def test_a_storm_of_429_has_every_form(ask: Asking, server: Server, form: str) -> None:
    server.switches.faults = [Fault("429", rate=1.0, retry_after=form)]

    assert ask(LIST).headers["retry-after"]


def test_requests_hit_by_a_fault_count_too(ask: Asking, server: Server) -> None:
    server.switches.faults = [Fault("status", rate=1.0)]
    for _ in range(4):
        ask(LIST)

    assert server.busiest_minute(server.talent_ray_key) == 4
