"""Opens a warehouse again and again, reads several tables, and tells what it saw: one JSON object a line."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import duckdb

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
        time.sleep(0.05)


if __name__ == "__main__":
    main(*sys.argv[1:])
