"""Manners that no document confirms, so that a reading holds the API to them before it trusts a row."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from connector.contract import Manners

if TYPE_CHECKING:
    from collections.abc import Mapping

ISO_8601: Final = "iso8601"
EPOCHS: Final = {"epoch_seconds": 1.0, "epoch_milliseconds": 1_000.0}
"""Words for times that come as numbers since 1970, with how many of them make a second."""


@dataclass(frozen=True, slots=True)
class AssumedManners(Manners):
    """What an API without a public reference is taken to do; each piece is a setting.

    `timestamps_format` is `iso8601`, a word of `EPOCHS`, or a pattern such as `%d/%m/%Y %H:%M:%S`; `timestamps_zone`
    holds where a value names no zone. `time_fields` are the fields that hold times in the API's own names, filled in
    where they must be rewritten. `never_null` names, by stream, the fields that always hold a value. `deletes_returned`
    tells whether deleted records stay in the lists, marked; `rate_status` and `rate_header` how a request too many is
    refused.
    """

    timestamps_format: str = ISO_8601
    timestamps_zone: str = "UTC"
    time_fields: tuple[str, ...] = ()
    never_null: Mapping[str, frozenset[str]] = field(default_factory=dict)
    deletes_returned: bool = True
    rate_status: int = 429
    rate_header: str = "Retry-After"

    @property
    def rewrites_times(self) -> bool:
        """Whether times come in another form than the rest of the connector reads."""
        return (self.timestamps_format, self.timestamps_zone) != (ISO_8601, "UTC")
