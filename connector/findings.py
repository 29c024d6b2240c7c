"""What a reading noticed besides rows: values that did not fit, records that could not be used, an API that changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime

LONGEST_SAMPLE: Final = 200
"""Characters of a rejected value that are kept, where its privacy class allows any."""


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A value (or, without a column, a record) that could not be stored; without `value` where privacy withholds it."""

    table: str
    row_key: str
    column: str
    reason: str
    value: str | None
    observed_at: datetime


@dataclass(frozen=True, slots=True)
class Drift:
    """Something about the API that is not as declared: a field new or gone, another type, a new documented value."""

    resource: str
    field: str
    kind: str
    detail: str
    count_seen: int
    observed_at: datetime


GRAVE_DRIFT: Final = frozenset({"field_gone"})
"""Kinds of drift that make a refresh partial: the models now read nulls where facts were."""
