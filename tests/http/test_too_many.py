"""A request too many, as it is refused by an API whose way to refuse is merely assumed."""

from __future__ import annotations

import pytest
from hostile_server import decode_page, reply

from connector.errors import KeyRefused, RequestRefused, SourceUnavailable
from connector.http.too_many import Refusal, TooMany

PAGE = b'{"data":[{"id":"c1"}]}'
LIST = "/v1/jobs"


def once(status, **headers):
    return lambda number, connection: reply(b"{}", f"{status} X", **headers) if number == 0 else reply(PAGE)


@pytest.mark.parametrize(
    ("status", "headers", "agreed", "met"),
    [
        (429, {"Retry_After": "7"}, TooMany(assumed=True), Refusal(429, "Retry-After")),
        (429, {}, TooMany(assumed=True), Refusal(429, "")),
        (420, {"Retry_After": "7"}, TooMany(assumed=True), Refusal(420, "Retry-After")),
        (403, {"Retry_After": "7"}, TooMany(assumed=True), Refusal(403, "Retry-After")),
        (503, {"Retry_After": "7"}, TooMany(assumed=True), Refusal(503, "Retry-After")),
        (420, {"X_Wait": "7"}, TooMany(420, "X-Wait", assumed=True), Refusal(420, "X-Wait")),
        (503, {"X_Wait": "7"}, TooMany(503, "X-Wait", assumed=True), Refusal(503, "X-Wait")),
        (429, {"Retry_After": "7"}, TooMany(420, "X-Wait", assumed=True), Refusal(429, "Retry-After")),
    ],
)
def test_a_refusal_is_waited_for_as_it_asks_and_noted_by_its_kind(serve, client_of, status, headers, agreed, met):
    client = client_of(serve(once(status, **headers)), too_many=agreed)

    assert client.get(LIST, decode=decode_page, returned=(400, 403, 404)).tries == 2

    assert dict(agreed.met) == {met: 1}
    if headers:
        assert 7 <= client.naps[0] <= 9


@pytest.mark.parametrize("status", [400, 403, 404, 405])
def test_what_refuses_for_a_reason_of_its_own_is_no_request_too_many(serve, client_of, status):
    agreed = TooMany(assumed=True)
    client = client_of(serve(reply(b"{}", f"{status} X")), too_many=agreed)

    assert client.get(LIST, decode=decode_page, returned=(400, 403, 404, 405)).status == status
    assert not agreed.met


def test_a_refused_key_stays_one_whatever_it_asks_to_wait(serve, client_of):
    with pytest.raises(KeyRefused):
        client_of(serve(reply(b"{}", "401 X", Retry_After="7")), too_many=TooMany(assumed=True)).get(
            LIST, decode=decode_page
        )


def test_an_unheard_of_refusal_without_a_wait_fails_and_is_noted(serve, client_of):
    agreed = TooMany(assumed=True)
    with pytest.raises(RequestRefused):
        client_of(serve(reply(b"{}", "420 X")), too_many=agreed).get(LIST, decode=decode_page)

    assert dict(agreed.met) == {Refusal(420, ""): 1}


def test_where_the_way_to_refuse_is_documented_nothing_else_counts(serve, client_of):
    client = client_of(serve(reply(b"{}", "420 X", Retry_After="7")))
    with pytest.raises(RequestRefused):
        client.get(LIST, decode=decode_page)
    lasting = client_of(serve(reply(b"{}", "429 X", Retry_After="7")))
    with pytest.raises(SourceUnavailable):
        lasting.get(LIST, decode=decode_page)

    assert (dict(client.too_many.met), dict(lasting.too_many.met)) == ({}, {Refusal(429, "Retry-After"): 5})
