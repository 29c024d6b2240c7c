"""Windows of a list are asked ahead where waiting for replies would take long, and one by one where it would not."""

from __future__ import annotations

import json
import threading
import time
from datetime import UTC, datetime

import httpx
import pytest

from connector.reading.account import Wishes, read_account
from tests.answering import answering

PEOPLE = 3_000
AT = datetime(2026, 3, 4, tzinfo=UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")


class Platform:
    """Talent-Ray with candidates alone, each reply after so many seconds; counts requests that come beside others."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.most = self.beside = self._now = 0
        self._counting = threading.Lock()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if not request.url.path.endswith("/candidates"):
            return httpx.Response(200, json={"userId": "user_1", "scopes": ["candidates:read"]}, headers={"Date": AT})
        with self._counting:
            self._now += 1
            self.most = max(self.most, self._now)
            self.beside += self._now > 1
        time.sleep(self.seconds)
        with self._counting:
            self._now -= 1
        page, size = int(request.url.params["page"]), int(request.url.params["pageSize"])
        people = [
            {"id": f"cand_{number:05d}", "createdAt": "2026-02-03T07:00:00Z", "updatedAt": "2026-02-03T07:00:00Z"}
            for number in range(page * size, min((page + 1) * size, PEOPLE))
        ]
        counts = {"page": page, "pageSize": size, "totalCount": PEOPLE, "totalPages": -(-PEOPLE // size)}
        body = json.dumps({"data": people, "pagination": counts}).encode()
        return httpx.Response(200, content=body, headers={"Content-Type": "application/json", "Date": AT})


def read(platform: Platform) -> int:
    with answering(platform) as access:
        return read_account(access, ("candidates",), Wishes()).sweeps["candidates"].count_distinct


@pytest.mark.parametrize(("seconds", "ahead"), [(0.03, True), (0.002, False)])
def test_windows_are_asked_ahead_where_replies_are_slow_and_there_alone(seconds, ahead):
    platform = Platform(seconds)

    assert read(platform) == PEOPLE
    assert (platform.beside > 10) is ahead  # a first reply that was slow by chance is forgiven
    assert platform.most <= 4
