"""The key shows itself nowhere: not in texts, copies, logs, errors or the locals of their frames."""

from __future__ import annotations

import copy
import io
import json
import logging
import pickle
import threading
import traceback

import msgspec
import pytest
from hostile_server import CANARY_KEY, decode_page, reply

from connector.errors import HiringEltError, Stopped
from connector.http.secret import MaskSecrets, Secret, mask, mask_logs

LIST = "/api/v1/candidates"


def test_a_secret_shows_asterisks_in_every_text():
    secret = Secret(CANARY_KEY)

    texts = [repr(secret), str(secret), f"{secret}", f"{secret!r:>9}", str([secret]), f"{[secret]}", ascii(secret)]

    assert all(text.strip(" []") == "***" for text in texts)
    assert secret.reveal() == CANARY_KEY


def test_a_copy_or_a_pickle_of_a_secret_holds_no_value():
    secret = Secret(CANARY_KEY)
    copies = [copy.copy(secret), copy.deepcopy(secret), pickle.loads(pickle.dumps(secret)), *copy.deepcopy([secret])]

    assert CANARY_KEY.encode() not in pickle.dumps(secret)
    for masked in copies:
        assert str(masked) == "***"
        assert not masked
        with pytest.raises(ValueError, match="copy"):
            masked.reveal()


def test_a_secret_goes_into_json_as_asterisks_or_not_at_all():
    secret = Secret(CANARY_KEY)

    assert json.dumps({"key": secret}, default=str) == '{"key": "***"}'
    assert msgspec.json.encode({"key": secret}, enc_hook=str) == b'{"key":"***"}'
    with pytest.raises(TypeError):
        json.dumps(secret)
    with pytest.raises(TypeError):
        list(secret)
    with pytest.raises(TypeError):
        vars(secret)


def test_a_secret_does_not_change():
    secret = Secret(CANARY_KEY)

    with pytest.raises(AttributeError):
        secret._value = "other"


def test_what_is_derived_depends_on_the_key_and_the_purpose_and_shows_neither():
    derived = {Secret(key).derive(purpose) for key in (CANARY_KEY, "tr_other") for purpose in ("a", "b")}

    assert len(derived) == 4
    assert {len(value) for value in derived} == {32}
    assert Secret(CANARY_KEY).derive("a") in derived


def test_texts_are_masked_of_known_keys_and_of_whatever_looks_like_one():
    secret = Secret("kein-tr-schluessel/42")

    assert mask(f"a {secret.reveal()} b") == "a *** b"
    assert mask("?k=kein-tr-schluessel%2F42") == "?k=***"
    assert mask("tr_0123456789abcDEF!") == "***!"
    assert mask("tr_short, str_ing") == "tr_short, str_ing"


def log_of(*, through_factory: bool) -> tuple[logging.Logger, io.StringIO]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(message)s %(stack_info)s"))
    if not through_factory:
        handler.addFilter(MaskSecrets())
    logger = logging.Logger("by itself")
    logger.addHandler(handler)
    return logger, stream


@pytest.mark.parametrize("through_factory", [True, False])
def test_logs_are_masked_in_messages_arguments_and_tracebacks(through_factory):
    before = logging.getLogRecordFactory()
    if through_factory:
        mask_logs()
        mask_logs()
    try:
        logger, stream = log_of(through_factory=through_factory)
        logger.warning(CANARY_KEY)
        logger.warning("with %s", CANARY_KEY)
        logger.warning("with %d", CANARY_KEY)
        logger.warning("too few %s %s", CANARY_KEY)  # noqa: PLE1206 - the mistake is the point
        try:
            int(CANARY_KEY)
        except ValueError:
            logger.exception("failed", stack_info=True)
    finally:
        logging.setLogRecordFactory(before)

    written = stream.getvalue()
    assert written.count("***") >= 5
    assert "ValueError" in written
    assert "CanaryKey" not in written


FAULTS = {
    "refused": reply(b"{}", "401 X"),
    "forbidden": reply(b"{}", "403 X"),
    "bad request": reply(b'{"error":"bad_request"}', "400 X"),
    "broken": reply(b"{}", "500 X"),
    "too many": reply(b"", "429 X"),
    "redirect": reply(b"", "302 X", Location="https://evil.example/"),
    "html": reply(b"<html>"),
    "shape": reply(b'{"data":null}'),
    "cut": reply(b"{", length=99),
    "not http": b"What do you want?\r\n\r\n",
    "hung up": None,
}


@pytest.mark.parametrize("fault", FAULTS)
def test_no_error_holds_the_key_or_the_body_in_its_text_its_context_or_the_locals_of_its_frames(
    serve, client_of, caplog, fault
):
    caplog.set_level(logging.DEBUG)
    client = client_of(serve(lambda number, connection: FAULTS[fault]))

    with pytest.raises(HiringEltError) as caught:
        client.get(LIST, {"page": 0}, decode=decode_page)

    told = everything_told_by(caught.value)
    assert "/api/v1/candidates" in str(caught.value) or fault == "refused"
    assert "CanaryKey" not in told + caplog.text
    assert "What do you" not in told


def test_an_error_by_the_wish_to_stop_holds_no_key_either(serve, client_of):
    stop = threading.Event()
    threading.Timer(0.1, stop.set).start()
    server = serve(lambda number, connection: stop.wait(20) and None)

    with pytest.raises(Stopped) as caught:
        client_of(server, stop=stop).get(LIST, decode=decode_page)

    assert "CanaryKey" not in everything_told_by(caught.value)


def everything_told_by(error: BaseException) -> str:
    """Return what a tracker of errors would send away: chain, texts, locals of all frames but those of the test."""
    told, seen = [], error
    while seen is not None:
        trace = traceback.TracebackException.from_exception(seen, capture_locals=True)
        frames = [frame for frame in trace.stack if "/tests/" not in frame.filename]
        told += [repr(seen), repr(vars(seen)), *[f"{frame.name} {frame.locals}" for frame in frames]]
        seen = seen.__cause__ or seen.__context__
    return "\n".join(told)
