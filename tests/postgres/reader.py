"""A reader in a process of its own: asks over and over until told to stop, and says what it saw.

`python -m tests.postgres.reader URL QUERY`: one line of JSON when standard input closes.
"""

from __future__ import annotations

import json
import select
import sys
import time
from typing import Any

import psycopg2


def main(url: str, question: str) -> dict[str, Any]:
    """Read until standard input closes, by turns with a new connection and in a long transaction."""
    errors: list[str] = []
    seen: set[tuple[str, ...]] = set()
    reads = moved = 0
    longest = 0.0
    print("ready", flush=True)
    while not select.select([sys.stdin], [], [], 0)[0]:
        try:
            connection = psycopg2.connect(url)
            connection.set_session(isolation_level="REPEATABLE READ" if reads % 2 else "READ COMMITTED", readonly=True)
            with connection, connection.cursor() as cursor:
                cursor.execute("set time zone 'UTC'")  # texts of instants are compared with those of other connections
                began = time.monotonic()
                cursor.execute(question)
                first = cursor.fetchone()
                longest = max(longest, time.monotonic() - began)
                seen.add(tuple(map(str, first)))
                if reads % 2:
                    time.sleep(0.2)
                    cursor.execute(question)
                    moved += cursor.fetchone() != first
            connection.close()
        except psycopg2.Error as error:
            errors.append(str(error))
        reads += 1
    return {"errors": errors, "seen": sorted(seen), "reads": reads, "moved": moved, "longest": longest}


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], sys.argv[2])))
