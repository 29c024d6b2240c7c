"""The client at the network: proxies, threads, the wish to stop, certificates."""

from __future__ import annotations

import shutil
import ssl
import subprocess
import threading
import time

import pytest
from hostile_server import DreamClock, decode_page, reply

from connector.errors import SourceUnavailable, Stopped, UsageError
from connector.http.rate_limit import RateGate

PAGE = b'{"data":[{"id":"c1"}]}'
LIST = "/api/v1/candidates"


def test_proxies_of_the_environment_are_not_used(serve, client_of, monkeypatch):
    server, proxy = serve(reply(PAGE)), serve(reply(b"<html>"))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, proxy.url)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)

    client_of(server).get(LIST, decode=decode_page)

    assert proxy.connections == 0


def test_a_proxy_that_was_asked_for_is_used(serve, client_of):
    proxy = serve(reply(PAGE))

    client_of("http://127.0.0.1:9", proxy=proxy.url).get(LIST, decode=decode_page)

    assert proxy.targets == [f"http://127.0.0.1:9{LIST}"]


def test_threads_share_the_count_and_keep_their_connections(serve, client_of):
    server = serve(reply(PAGE))
    client = client_of(server, connections=4)
    threads = [
        threading.Thread(target=lambda: [client.get(LIST, decode=decode_page) for _ in range(25)]) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert client.requests == len(server.heads) == 100
    assert server.connections <= 4


def test_the_wish_to_stop_ends_a_wait_for_a_reply_within_seconds(serve, client_of):
    stop, over = threading.Event(), threading.Event()
    server = serve(lambda number, connection: over.wait(10) and None)
    threading.Timer(0.2, stop.set).start()
    began = time.monotonic()

    with pytest.raises(Stopped) as caught:
        client_of(server, stop=stop, deadline_seconds=60).get(LIST, decode=decode_page)

    over.set()
    assert time.monotonic() - began < 3.0
    assert caught.value.exit_status == 143


def test_the_wish_to_stop_ends_a_wait_between_tries(serve, client_of):
    stop = threading.Event()
    server = serve(reply(b"", "503 X", Retry_After="300"))
    threading.Timer(0.2, stop.set).start()
    began = time.monotonic()

    with pytest.raises(Stopped):
        client_of(server, stop=stop, sleep=None).get(LIST, decode=decode_page)

    assert time.monotonic() - began < 3.0


def test_a_429_closes_the_gate_for_all_and_is_not_counted_against_other_faults(serve, client_of):
    clock = DreamClock()
    gate = RateGate(100, clock=clock, sleep=clock.sleep)
    server = serve(lambda number, connection: reply(b"", "429 X", Retry_After="30") if number == 0 else reply(PAGE))

    answer = client_of(server, gate=gate).get(LIST, decode=decode_page)

    assert answer.tries == 2
    assert clock.now >= 1_030.0
    assert gate.effective_limit == 80


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for 127.0.0.1 that signs itself, and its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs the openssl program, to make a certificate")
    folder = tmp_path_factory.mktemp("certificate")
    made, key = folder / "certificate.pem", folder / "key.pem"
    command = [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-days", "2", "-subj", "/CN=loopback", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([*command, "-keyout", key, "-out", made], check=True, capture_output=True)
    return made, key


def test_a_certificate_nobody_trusts_ends_the_run_at_once_and_a_trusted_one_does_not(serve, client_of, certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    server = serve(reply(PAGE), tls=context)

    with pytest.raises(SourceUnavailable, match="TLS failed"):
        client_of(server).get(LIST, decode=decode_page)
    assert (server.connections, server.heads) == (1, [])

    assert client_of(server, ca_file=certificate[0]).get(LIST, decode=decode_page).status == 200


def test_a_file_of_authorities_that_is_none_is_a_matter_of_settings(tmp_path, client_of):
    (tmp_path / "ca.pem").write_text("no certificate")

    for name in ("ca.pem", "missing.pem"):
        with pytest.raises(UsageError, match="PEM"):
            client_of("https://127.0.0.1:9", ca_file=tmp_path / name)
