"""`make bench`: what a refresh and a build cost, as ratios of one run.

CPU seconds and peak memory of whole processes, by the system's own accounts; the server's are not counted. Machines are
noisy: quote the ratios. This process stays small: what it starts is never said to be smaller than it was.
"""

from __future__ import annotations

import argparse
import compileall

import connector
import pipelines
from tests.bench import lists, rate

PARTS = ("lists", "rate", "models", "growth")


def main() -> None:
    """Run the parts asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(PARTS)}; lists and rate when none is named")
    parser.add_argument("--sizes", nargs="*", type=int, help="numbers of candidates, or of applications")
    parser.add_argument("--contestants", default=",".join(lists.CONTESTANTS), help="of the lists, between commas")
    parser.add_argument("--repeats", type=int, default=3, help="refreshes of which the median is taken, up to 20,000")
    parser.add_argument("--all", action="store_true", help="the slow contestants at the large sizes, too")
    options = parser.parse_args()
    for package in (connector, pipelines):  # as an installation compiles them
        compileall.compile_dir(package.__path__[0], quiet=2)
    for part in options.parts or PARTS[:2]:
        if part == "lists":
            names = options.contestants.split(",")
            lists.bench(options.sizes or [20_000, 100_000, 500_000], names, options.repeats, all_of_them=options.all)
        elif part == "rate":
            rate.bench()
        elif part == "models":
            from tests.bench import models

            models.bench(options.sizes or [10_000, 100_000])
        elif part == "growth":
            from tests.bench import growth

            growth.bench(options.sizes or [10_000, 30_000, 100_000])
        else:
            parser.error(f"no part {part!r}")


if __name__ == "__main__":
    main()
