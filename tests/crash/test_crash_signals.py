"""SIGTERM and SIGINT end a refresh within seconds, with their statuses, and leave nothing behind."""

from __future__ import annotations

import signal

import pytest

from connector.sandbox import Fault
from tests.scenarios.town import later

LEADS = ("--platform", "talent_ray", "--select", "leads")


def stopped(town, zygote, number, *words, **order):
    before = town.digest()
    ended = zygote.refresh(town, *words, signal=number, **order)

    assert ended.status == 128 + number, ended
    assert (ended.seconds - order["kill_after"] if "kill_after" in order else ended.seconds_after) < 10
    assert town.digest() == before
    assert town.rests() == []
    output = (town.warehouse.parent.parent / "output.txt").read_text()
    assert "Traceback" not in output


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_refresh_that_waits_for_a_reply_is_stopped(town, zygote, number):
    town.switch(faults=[Fault("hang", rate=1.0, seconds=40, path="/api/v1/sourcing")])

    stopped(town, zygote, number, *LEADS, kill_after=3.0)


def test_a_refresh_that_waits_between_tries_is_stopped(town, zygote):
    town.switch(faults=[Fault("429", rate=1.0, seconds=200, path="/api/v1/sourcing")])

    stopped(town, zygote, signal.SIGTERM, *LEADS, kill_after=3.0)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_refresh_is_stopped_in_every_phase(town, zygote, number, capsys):
    """At steps from the lock to the rename; one that comes after the last look finds the work done."""
    whole = zygote.refresh(town, *LEADS)
    assert whole.status == 0
    statuses = []
    for part in range(1, 11):
        town.company.edit_some("talent_ray", "sourcing", 0.5)
        later(town.company, seconds=1)
        before = town.digest()
        ended = zygote.refresh(town, *LEADS, kill_at=whole.events * part // 10 - 2, signal=number)
        statuses.append(ended.status)
        assert ended.status in {128 + number, 0}, ended
        assert ended.seconds_after < 10, ended
        assert (town.digest() == before) == (ended.status != 0), ended
        assert town.rests() == [], ended
    with capsys.disabled():
        print(f"\n{signal.Signals(number).name} at 10 of {whole.events} steps: {statuses}")
    assert statuses.count(128 + number) > len(statuses) // 2
    assert "Traceback" not in (town.warehouse.parent.parent / "output.txt").read_text()


def test_a_refresh_that_builds_its_models_is_stopped(town, zygote):
    loaded = zygote.refresh(town, *LEADS).events
    later(town.company, seconds=1)

    # What comes after as many steps as a refresh without models has is a statement of theirs.
    stopped(town, zygote, signal.SIGTERM, *LEADS, kill_at=loaded + 100, build=True)


# T47, with the models: dbt and dlt would like to phone home


def test_a_whole_refresh_with_its_models_connects_to_the_configured_host_only(town, zygote):
    ended = zygote.refresh(town, build=True)

    host, port = town.server.url.removeprefix("http://").split(":")
    assert ended.status == 0
    assert set(ended.sockets) <= {f"('{host}', {port})", host}
