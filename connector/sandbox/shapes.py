"""How rows are written: times, scores, absent fields, and the drift of a schema."""

# ruff: noqa: S311 - repeatable chance is wanted; nothing here is secret.

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import TYPE_CHECKING, Any

from connector.sandbox.views import encode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from connector.sandbox.log import Record
    from connector.sandbox.switches import Switches

ENDED = ("rejected", "hired", "withdrawn")
SCORES = ("overallFitScore", "resumeFitScore", "validationScore", "passingScore")


@dataclass(frozen=True)
class Drift:
    """A departure of some rows from the documented schema.

    `field` may be a path such as `roles.status`; an empty one means the whole row. `value` is what stands there
    instead; with `gone` the field is left out. Rows are chosen by `ids`, else a fixed `share` of them.
    """

    resource: str
    field: str
    value: Any = None
    gone: bool = False
    share: float = 1.0
    ids: tuple[str, ...] = ()

    def hits(self, row: Record) -> bool:
        """Tell whether a row departs."""
        row_id = str(row.get("id") or row.get("batchId"))
        if self.ids:
            return row_id in self.ids
        return self.share >= 1.0 or Random(f"{self.field} {row_id}").random() < self.share


def look(switches: Switches, resource: str) -> tuple[Any, ...]:
    """Return what the rendering of a resource depends on."""
    drift = tuple(repr(one) for one in switches.drift if one.resource == resource)
    return (
        switches.timestamps,
        switches.scores,
        switches.passing_score,
        switches.ended_assignments,
        switches.new_fields,
        drift,
    )


def renderer(switches: Switches, resource: str) -> Callable[[Record], bytes]:
    """Return what writes a row of a resource; the usual case costs nothing extra."""
    writer = shaper(switches, resource)
    if writer is None:
        return encode
    return lambda row: encode(writer(row))


def shaper(switches: Switches, resource: str, stamps: str = "") -> Callable[[Record], Record] | None:
    """Return what changes a row before it is written, or None when nothing does; `stamps` overrules the switch."""
    drifts = [one for one in switches.drift if one.resource == resource]
    absent = switches.passing_score == "absent"
    drops = switches.ended_assignments == "dropped" and resource == "candidates"
    stamps = stamps or switches.timestamps
    scores, new = switches.scores, switches.new_fields
    if not (drifts or absent or drops or new) and stamps == "Z" and scores == "integers":
        return None

    def shape(row: Record) -> Record:
        if drops:
            row = {**row, "roles": [link for link in row["roles"] if link["status"].lower() not in ENDED]}
        if absent and row.get("passingScore", 0) is None:
            row = {name: value for name, value in row.items() if name != "passingScore"}
        shaped: Record = _rewrite(row, stamps, scores)
        if new:
            shaped = _with_new_fields(shaped)
        for drift in drifts:
            if drift.hits(row) and not drift.field:
                broken: Record = drift.value
                return broken
            if drift.hits(row):
                _depart(shaped, drift.field.split("."), drift)
        return shaped

    return shape


def _rewrite(value: Any, stamps: str, scores: str, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _rewrite(inner, stamps, scores, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [_rewrite(inner, stamps, scores) for inner in value]
    if isinstance(value, datetime):
        return _stamp(value, stamps)
    if scores == "decimals" and name in SCORES and isinstance(value, int) and value > 0:
        return value - 0.25
    return value


def _stamp(instant: datetime, form: str) -> str | int:
    if form == "epoch_seconds":
        return int(instant.timestamp())
    if form == "epoch_milliseconds":
        return int(instant.timestamp()) * 1000
    if form == "day_first":
        return f"{instant:%d/%m/%Y %H:%M:%S}"
    plain = f"{instant:%Y-%m-%dT%H:%M:%S}"
    endings = {"fractions": f".{instant.second * 13 % 1000:03d}Z", "offset": "+00:00", "naive": ""}
    return plain + endings.get(form, "Z")


def _with_new_fields(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _with_new_fields(inner) for key, inner in value.items()} | {
            "xNewField": {"level": 1, "tags": ["a"]}
        }
    if isinstance(value, list):
        return [_with_new_fields(inner) for inner in value]
    return value


def _depart(row: Any, path: Iterable[str], drift: Drift) -> None:
    first, *rest = path
    if rest:
        inner = row.get(first)
        for child in inner if isinstance(inner, list) else [inner]:
            if isinstance(child, dict):
                _depart(child, rest, drift)
    elif drift.gone:
        row.pop(first, None)
    else:
        row[first] = drift.value
