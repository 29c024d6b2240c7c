"""What goes wrong on the way: each fault has its exit status and message, and without success nothing is published."""

from __future__ import annotations

import sys

import pytest

from connector.sandbox import Fault
from tests.http.hostile_server import HostileServer, reply

TALENT_RAY = ("refresh", "--platform", "talent_ray")
LEADS = (*TALENT_RAY, "--select", "leads")
KEY_SETTING = "SOURCES__TALENT_RAY__API_KEY"
URL_SETTING = "SOURCES__TALENT_RAY__BASE_URL"


def refused(town, told, status, *words):
    """The command ended with this status, said these words, and left the published file as it was."""
    assert told.status == status, told.err
    for word in words:
        assert word in told.err
    assert "Traceback" not in told.err
    assert town.server.talent_ray_key not in told.out + told.err
    assert town.rests() == []


# Nothing published: 8


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault("429", rate=1.0, retry_after="huge"), "longer than 10 minutes"),
        (Fault("redirect", rate=1.0), "redirects"),
        (Fault("status", rate=1.0, status=503, retry_after=None), "503"),
        pytest.param(Fault("status", rate=1.0, status=500), "500", marks=pytest.mark.slow),
        pytest.param(Fault("reset", rate=1.0), "the connection broke", marks=pytest.mark.slow),
        pytest.param(Fault("html", rate=1.0, path="/api/v1/sourcing"), "HTML", marks=pytest.mark.slow),
        pytest.param(Fault("cut", rate=1.0, octets=300, path="/api/v1/sourcing"), "", marks=pytest.mark.slow),
        pytest.param(Fault("wrong_length", rate=1.0, octets=-20, path="/api/v1/sourcing"), "", marks=pytest.mark.slow),
        pytest.param(Fault("content_type", rate=1.0, path="/api/v1/sourcing"), "", marks=pytest.mark.slow),
        pytest.param(Fault("bad_utf8", rate=1.0, path="/api/v1/sourcing"), "", marks=pytest.mark.slow),
        pytest.param(Fault("nan", rate=1.0, path="/api/v1/sourcing"), "", marks=pytest.mark.slow),
        pytest.param(Fault("duplicate_keys", rate=1.0, path="/api/v1/sourcing"), "", marks=pytest.mark.slow),
        pytest.param(Fault("deep", rate=1.0, octets=100_000, path="/api/v1/sourcing"), "", marks=pytest.mark.slow),
        pytest.param(Fault("bomb", rate=1.0, octets=100 * 2**20, path="/api/v1/sourcing"), "", marks=pytest.mark.slow),
    ],
    ids=lambda value: value.kind if isinstance(value, Fault) else "",
)
def test_a_source_that_never_answers_properly_ends_in_8_and_publishes_nothing(town, fault, words):
    before = town.digest()
    town.switch(faults=[fault])

    refused(town, town.cli(*LEADS), 8, words, "Talent-Ray", "Nothing was changed.")
    assert town.digest() == before


def test_a_source_that_is_away_ends_in_8(town, monkeypatch):
    before = town.digest()
    with HostileServerThatLeft() as url:
        monkeypatch.setenv(URL_SETTING, url)
        refused(town, town.cli(*LEADS), 8, "no connection")
    assert town.digest() == before


class HostileServerThatLeft:
    """An address at which nobody listens any more."""

    def __enter__(self):
        server = HostileServer(lambda number, connection: None)
        url = server.url
        server.close()
        return url

    def __exit__(self, *error):
        return None


@pytest.mark.parametrize("fault", ["data_null", "list_at_top", "null", "error_inside", "no_data"])
def test_when_all_lists_have_another_shape_nothing_is_published(town, fault):
    before = town.digest()
    town.switch(faults=[Fault(fault, rate=1.0, path="/api/v1/sourcing")])

    refused(town, town.cli(*LEADS), 8, "another shape")
    assert town.digest() == before


def test_faults_that_pass_cost_nothing_but_requests(town):
    town.company.edit_some("talent_ray", "sourcing", 0.5)
    kinds = [Fault("status", rate=0.05, status=status, retry_after=None) for status in (500, 502, 504)]
    spoilt = [Fault(kind, rate=0.03, octets=120) for kind in ("reset", "cut", "html", "bad_utf8")]
    town.switch(faults=[*kinds, *spoilt, Fault("429", requests=(3, 9), retry_after="zero")])

    assert town.run(full=True).exit_status == 0
    assert {reply.fault for reply in town.server.journal} >= {"status", "429"}
    assert town.differences() == {}


def test_a_redirect_is_not_followed_and_its_target_hears_nothing(town):
    elsewhere = HostileServer(lambda number, connection: reply(b"{}"))
    try:
        town.switch(faults=[Fault("redirect", rate=1.0, location=f"{elsewhere.url}/api/v1/me")])
        refused(town, town.cli(*LEADS), 8, "not followed")
    finally:
        elsewhere.close()
    assert elsewhere.heads == []


# Nothing published: 2


@pytest.mark.parametrize(
    "url",
    [
        "http://app.talent-ray.com",
        "https://example.com",
        "https://app.talent-ray.com.example.com",
        "https://user:hunter2@app.talent-ray.com",
        "https://93.184.216.34",
        "http://0.0.0.0:8000",
        "https://app.talent-ray.com.",
        "https://xn--pp-ray-cua.talent-ray.com.evil.example",
        "ftp://app.talent-ray.com",
    ],
)
def test_an_address_that_is_not_allowed_is_refused_before_a_socket_opens(town, monkeypatch, connections, url):
    before = town.digest()
    monkeypatch.setenv(URL_SETTING, url)
    told = town.cli(*LEADS)

    refused(town, told, 2, URL_SETTING)
    assert connections == []
    assert "hunter2" not in told.err
    assert town.digest() == before


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        (KEY_SETTING, "not a key", "malformed"),
        ("PRIVACY__PROFILE", "everything", "PRIVACY__PROFILE"),
        ("REPORT_TIMEZONE", "Mars/Olympus", "REPORT_TIMEZONE"),
        ("SOURCES__TALENT_RAY__REQUESTS_PER_MINUTE", "many", "REQUESTS_PER_MINUTE"),
    ],
)
def test_a_setting_that_is_wrong_is_named_and_nothing_is_asked(town, monkeypatch, connections, name, value, words):
    before = town.digest()
    monkeypatch.setenv(name, value)
    told = town.cli(*LEADS)

    refused(town, told, 2, words)
    assert connections == []
    assert town.digest() == before


@pytest.mark.parametrize("words", [("--platform", "greenhouse"), ("--select", "horoscopes"), ("--wait", "soon")])
def test_words_that_no_command_knows_end_in_2(town, words):
    before = town.digest()

    refused(town, town.cli("refresh", *words), 2)
    assert town.digest() == before


def test_without_any_key_the_message_names_the_settings(town, monkeypatch):
    monkeypatch.delenv(KEY_SETTING)
    monkeypatch.delenv("SOURCES__TAILED__API_KEY")

    refused(town, town.cli("refresh"), 2, KEY_SETTING, "SOURCES__TAILED__API_KEY", "hiring-elt demo")


# Nothing published: 3


def refuse_key_at(town, requests):
    before = town.digest()
    for k in requests:
        town.switch(faults=[Fault("401", requests=(k,), path="/api/v1/")])
        town.server._app.forget()
        asked = len(town.server.journal)
        told = town.cli(*TALENT_RAY)
        if sum(reply.path.startswith("/api/v1/") for reply in town.server.journal[asked:]) < k:
            return k - 1
        refused(town, told, 3, "(401)", KEY_SETTING)
        assert town.digest() == before
    return k


def test_a_key_that_is_refused_at_any_request_ends_in_3(town):
    assert refuse_key_at(town, (1, 2, 5, 20)) == 20


@pytest.mark.slow
def test_a_key_that_is_refused_at_every_request_ends_in_3(town):
    assert refuse_key_at(town, range(1, 1_000)) > 25


def test_a_key_that_opens_no_stream_ends_in_3(town):
    before = town.digest()
    scopes = ("candidates", "roles", "pipeline", "tests", "sourcing", "cv-screening")
    town.switch(removed_scopes=tuple(f"{name}:read" for name in scopes))
    told = town.cli(*TALENT_RAY, "--select", "candidates,roles,candidate_steps,role_steps,tests,leads")

    refused(town, told, 3, "candidates:read", "pipeline:read")
    assert town.digest() == before


def test_a_403_for_want_of_a_scope_on_every_list_ends_in_3(town):
    before = town.digest()
    town.switch(removed_scopes=("sourcing:read",), faults=[Fault("error_inside", rate=1.0, path="/api/v1/me")])
    told = town.cli(*LEADS)

    refused(town, told, 3, "sourcing:read")
    assert town.digest() == before


# Nothing published: 9


def test_a_list_whose_records_lost_their_ids_is_not_published(town):
    from connector.sandbox import Drift

    before = town.digest()
    town.switch(drift=[Drift("sourcing", "id", gone=True)])
    told = town.cli(*LEADS)

    refused(town, told, 9, "leads", "The published warehouse is as it was before.")
    assert town.digest() == before


# With --json


def test_with_json_a_failure_is_one_object_too(town, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["hiring-elt", "refresh", "--json"])
    town.switch(faults=[Fault("401", rate=1.0)])
    told = town.cli(*LEADS, "--json")

    assert told.status == 3
    assert told.last_line["exit_status"] == 3
    assert told.last_line["outcome"] == "key_refused"
