"""Times in the form that the settings name, rewritten as ISO 8601 in UTC before anything else looks at a record."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import msgspec

from connector.platforms.assumed import EPOCHS, ISO_8601

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connector.platforms.assumed import AssumedManners


class TimeForm:
    """Reads the times of one stream in their form and zone."""

    def __init__(self, manners: AssumedManners) -> None:
        self.form = manners.timestamps_format
        self.zone = ZoneInfo(manners.timestamps_zone)
        self.fields = manners.time_fields

    def instant(self, value: object) -> datetime | None:
        """The instant, in UTC; None when the value is not in the form."""
        try:
            found = self._epoch(value) if self.form in EPOCHS else self._written(value)
            return None if found is None else found.astimezone(UTC)
        except (ValueError, OverflowError, OSError):
            return None

    def _epoch(self, value: object) -> datetime | None:
        if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,20}", value):
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        return datetime.fromtimestamp(value / EPOCHS[self.form], UTC)

    def _written(self, value: object) -> datetime | None:
        if not isinstance(value, str):
            return None
        if self.form == ISO_8601:
            found = datetime.fromisoformat(value.strip())
        else:
            found = datetime.strptime(value.strip(), self.form)  # noqa: DTZ007 - the zone is put in below
        return found if found.tzinfo else found.replace(tzinfo=self.zone)

    def rewritten(self, records: Sequence[bytes | msgspec.Raw]) -> list[msgspec.Raw]:
        """The records with their times in ISO 8601; a value in another form, and what is no object, stays as it is."""
        return [msgspec.Raw(self._record(bytes(record))) for record in records]

    def _record(self, record: bytes) -> bytes:
        try:
            row: dict[str, Any] = msgspec.json.decode(record, type=dict[str, Any])
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return record
        for name in self.fields:
            instant = self.instant(row.get(name))
            if instant is not None:
                row[name] = instant.isoformat()
        return msgspec.json.encode(row)


def form_of(value: object) -> str:
    """How a value is written, digits and letters masked, so that it tells nothing but its form."""
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int):
        return f"a whole number of {len(str(abs(value)))} digits"
    if isinstance(value, float):
        return "a number with a fraction"
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else "an object"
    if not isinstance(value, str):
        return "another type"
    return re.sub(r"[^\W\d_]", "a", re.sub(r"\d", "0", value))[:30]


MILLISECOND_DIGITS = 12
"""Numbers since 1970 of so many digits count milliseconds: seconds have ten until the year 2286."""


def guessed_form(values: Sequence[object]) -> str:
    """The setting that would read these values; empty when none is plain."""
    if values and all(isinstance(value, int) and not isinstance(value, bool) for value in values):
        longest = max(len(str(abs(value))) for value in values if isinstance(value, int))
        return "epoch_milliseconds" if longest >= MILLISECOND_DIGITS else "epoch_seconds"
    texts = [value.strip() for value in values if isinstance(value, str)]
    if len(texts) != len(values):
        return ""
    for mark in "/.-":
        if all(re.fullmatch(rf"\d{{2}}\{mark}\d{{2}}\{mark}\d{{4}} \d{{2}}:\d{{2}}:\d{{2}}", text) for text in texts):
            day_first = not any(int(text[3:5]) > 12 for text in texts)  # noqa: PLR2004 - there are twelve months
            first, second = ("%d", "%m") if day_first else ("%m", "%d")
            return f"{first}{mark}{second}{mark}%Y %H:%M:%S"
    return ""
