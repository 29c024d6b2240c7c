"""Notes about rows that were absent and not marked, as they stand in `meta.sweeps`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from connector.absence import Pending


def noted(text: str | None) -> dict[str, Pending]:
    """The notes of the last refresh about rows that were absent and not marked."""
    if not text:
        return {}
    return {
        note["key"]: Pending(
            note["key"],
            datetime.fromisoformat(note["first_missed"]),
            datetime.fromisoformat(note["first_404"]) if note["first_404"] else None,
            note["fingerprint"],
            note["in_complete"],
        )
        for note in json.loads(text)
    }


def as_text(pending: Sequence[Pending]) -> str | None:
    """The notes as JSON text; none when there is nothing to remember."""
    if not pending:
        return None
    notes: list[Mapping[str, Any]] = [
        {
            "key": note.key,
            "first_missed": note.first_missed.isoformat(),
            "first_404": note.first_404.isoformat() if note.first_404 else None,
            "fingerprint": note.fingerprint,
            "in_complete": note.in_complete,
        }
        for note in pending
    ]
    return json.dumps(notes)
