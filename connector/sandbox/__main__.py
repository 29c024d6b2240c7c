"""The sandbox as a program of its own: `python -m connector.sandbox --help`."""

from __future__ import annotations

import argparse
import json

from connector.sandbox import control
from connector.sandbox.running import run
from connector.sandbox.switches import Switches


def main() -> None:
    """Read the options and serve."""
    parser = argparse.ArgumentParser(prog="python -m connector.sandbox", description=run.__doc__)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--candidates", type=int, default=200, help="people who apply over the period")
    parser.add_argument("--days", type=float, default=180)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--requests-per-minute", type=int, default=600)
    parser.add_argument("--no-rate-limit", action="store_true")
    parser.add_argument("--light", action="store_true", help="no stories and no steps: any size in little time")
    parser.add_argument("--frozen", action="store_true", help="the clock stands still between advances")
    parser.add_argument("--switches", type=json.loads, default={}, help="JSON object of switches")
    options = parser.parse_args()
    run(
        seed=options.seed,
        candidates=options.candidates,
        days=options.days,
        port=options.port,
        requests_per_minute=None if options.no_rate_limit else options.requests_per_minute,
        tailed_requests_per_minute=None if options.no_rate_limit else 100,
        switches=control.changed(Switches(), options.switches),
        clock="frozen" if options.frozen else "ticking",
        light=options.light,
    )


if __name__ == "__main__":
    main()
