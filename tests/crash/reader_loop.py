"""Opens a warehouse again and again, reads several tables, and tells what it saw: one JSON object a line."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import duckdb

PAUSE_SECONDS = 0.5
"""Opening costs 0.05 CPU seconds: ten readers who never rest would leave the refresh no processor."""
QUERIES = (
    "select max(refresh_id) from meta.refreshes",
    "select max(refresh_id) from meta.sweeps",
    "select count(*), max(_dlt_valid_from)::text from raw_talent_ray.leads",
    "select count(*), max(_dlt_valid_from)::text from raw_talent_ray.candidates",
    "select count(*), max(_dlt_valid_from)::text from raw_tailed.applications",
    "select count(*) from meta.sweeps",
)


def main(warehouse: str, stop: str) -> None:
    """Read until the file `stop` exists."""
    while not Path(stop).exists():
        try:
            with duckdb.connect(warehouse, read_only=True) as connection:
                seen = [connection.execute(query).fetchone() for query in QUERIES]
        except duckdb.Error as error:
            print(json.dumps({"error": str(error)}), flush=True)
        else:
            print(json.dumps({"seen": seen}), flush=True)
        time.sleep(PAUSE_SECONDS)


if __name__ == "__main__":
    main(*sys.argv[1:])
