"""Runs the program in forked children that are killed at a chosen statement: `python -m tests.postgres.killable`.

As `tests.crash.crash_child`, but the events are what goes to the PostgreSQL server: each statement before it is sent
and after it was answered, commits and connections, whoever sends them (we, dlt or dbt).
"""

from __future__ import annotations

import sys
from typing import Any

from tests.crash import crash_child

STATEMENTS = {"execute", "copy_expert", "commit", "rollback", "_connect", "close", "__exit__"}


class ServerWatch(crash_child.Watch):
    """Counts what goes to the server."""

    def audit(self, name: str, arguments: tuple[Any, ...]) -> None:
        """Files do not matter here."""

    def profile(self, frame: Any, kind: str, called: Any) -> None:
        if kind not in {"c_call", "c_return"} or getattr(called, "__name__", "") not in STATEMENTS:
            return
        owner = getattr(called, "__self__", None)
        if "psycopg2" in type(owner).__module__ or "psycopg2" in str(getattr(called, "__module__", "")):
            self.event(f"{called.__name__} {kind}")


if __name__ == "__main__":
    crash_child.Watch = ServerWatch  # type: ignore[misc] # the same child, another watch
    import pipelines.postgres  # imported before the fork

    assert pipelines.postgres
    assert "psycopg2" in sys.modules
    crash_child.main()
