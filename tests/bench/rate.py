"""How well the rate limit is used: the time of a first load against the time that the limit forces."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from tests.bench.measure import run, table
from tests.bench.server import sandbox

WINDOW_SECONDS = 60


def bench(candidates: int = 20_000, requests_per_minute: int = 100) -> None:
    """A list that takes several windows of the limit."""
    with tempfile.TemporaryDirectory() as place, sandbox(candidates, requests_per_minute=requests_per_minute) as served:
        settings = served.environment() | {"BENCH_REQUESTS_PER_MINUTE": str(requests_per_minute)}
        cost = run(["-m", "tests.bench.contestants", "ours", str(Path(place))], settings)
        refused = served.refusals()
    said = json.loads(cost.said)
    seconds = said["streams"]["talent_ray.candidates"]["seconds"]
    forced = (said["requests"] - 1) // requests_per_minute * WINDOW_SECONDS
    print(f"\n### Use of the rate limit: {requests_per_minute} requests a minute\n")
    head = ["requests", "seconds that the limit forces", "seconds it took", "ratio", "replies 429"]
    table(head, [[said["requests"], forced, f"{seconds:.1f}", f"{seconds / forced:.3f}", refused]])
