"""Absences that wait for a second look name the record they wait for, in JSON: an erased record is not waited for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection


def without_ids(text: str, ids: Collection[str]) -> str | None:
    """JSON text without the entries of its list or object that name one of the ids; None when it cannot be read."""
    try:
        value = json.loads(text)
    except ValueError:
        return None
    kept = value
    if isinstance(value, list):
        kept = [item for item in value if not _names(item, ids)]
    elif isinstance(value, dict):
        kept = {name: item for name, item in value.items() if not (_names(name, ids) or _names(item, ids))}
    return text if kept == value else json.dumps(kept)


def _names(value: Any, ids: Collection[str]) -> bool:
    """Whether an id stands anywhere inside; a text may be a `_key`, which is JSON itself, or parts between slashes."""
    if isinstance(value, list):
        return any(_names(item, ids) for item in value)
    if isinstance(value, dict):
        return any(_names(name, ids) or _names(item, ids) for name, item in value.items())
    if not isinstance(value, str):
        return False
    return any(json.dumps(one) in value or one in value.split("/") for one in ids)
