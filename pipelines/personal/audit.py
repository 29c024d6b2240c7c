"""Who did what to personal data, and when: counts and names of columns, never a person's."""

from __future__ import annotations

import getpass
import json
import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipelines.personal.stored import Rows

TABLE = """
    create table if not exists meta.audit (
        audit_id text not null,
        noted_at timestamptz not null,
        actor text not null,
        command text not null,
        counts text not null
    )
"""


def ensure_table(connection: Rows) -> None:
    """Make the table where it is missing."""
    connection.execute("create schema if not exists meta")
    connection.execute(TABLE)


def note(connection: Rows, command: str, counts: Mapping[str, Any]) -> None:
    """Add one line."""
    ensure_table(connection)
    written = line(command, counts)
    connection.execute(f"insert into meta.audit ({', '.join(written)}) values (?, ?, ?, ?, ?)", list(written.values()))


def line(command: str, counts: Mapping[str, Any]) -> dict[str, Any]:
    """One line by the names of its columns, in the order of the table."""
    return {
        "audit_id": secrets.token_hex(8),
        "noted_at": datetime.now(UTC),
        "actor": actor(),
        "command": command,
        "counts": json.dumps(dict(counts), sort_keys=True),
    }


def actor() -> str:
    """The user of this machine on whose behalf the program runs."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "a user without a name"
