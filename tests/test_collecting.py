"""A record that is read twice in one refresh is one row, as it was read last, and nothing to wonder at."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from connector.platforms.talent_ray import TALENT_RAY
from connector.reading.collecting import Collector
from tests.answering import answering

CANDIDATES = TALENT_RAY.stream("candidates")
NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
LATER = NOON + timedelta(seconds=5)


@pytest.fixture
def collector():
    with answering(lambda request: httpx.Response(500)) as access:
        yield Collector(access, CANDIDATES)


def take(collector, at, **states):
    raw = [
        json.dumps({"id": one, "status": status, "roles": [{"roleId": "role_1", "status": status}]}).encode()
        for one, status in states.items()
    ]
    collector.take(raw, list(states), [hash(status) for status in states.values()], at)


def rows(collector):
    tables = collector.tables()
    of_roles = tables["candidate_roles"].to_pylist()
    assert sorted((one["candidate_id"], one["status"]) for one in of_roles) == sorted(
        (one["id"], one["status"]) for one in tables["candidates"].to_pylist()
    )
    return {one["id"]: (one["status"], one["_observed_at"]) for one in tables["candidates"].to_pylist()}


def test_a_record_read_again_as_it_was_is_taken_once_and_no_drift(collector):
    take(collector, NOON, a="Active", b="Active")
    take(collector, LATER, b="Active", c="Active")

    assert rows(collector) == {"a": ("Active", NOON), "b": ("Active", NOON), "c": ("Active", LATER)}
    assert not [one for one in collector.drift.values() if one.kind == "repeated_key"]


def test_a_record_read_again_that_has_changed_is_as_it_was_read_last(collector):
    take(collector, NOON, a="Active", b="Active")
    take(collector, LATER, a="Withdrawn", b="Active")

    assert rows(collector) == {"a": ("Withdrawn", LATER), "b": ("Active", NOON)}
