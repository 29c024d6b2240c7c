"""The words of an API as settings give them: paths, headers, envelopes, pages, fields, times; for all streams or one.

A setting of a stream goes before one of its account, and one of an account before one of the platform.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from connector.contract import Kind, Manners
from connector.errors import UsageError
from connector.platforms.assumed import EPOCHS, ISO_8601, AssumedManners
from pipelines.setting_values import env_name, flag, pairs, place, text, value, whole_number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from connector.contract import Platform, Stream

WORDS: Final = {
    "envelope.data": "data",
    "envelope.page": "page",
    "envelope.page_size": "page_size",
    "envelope.total_count": "total_count",
    "envelope.total_pages": "total_pages",
    "page.param": "page_param",
    "page.size_param": "size_param",
    "auth.header": "auth_header",
    "auth.scheme": "auth_scheme",
    "fields.id": "id_field",
}
NUMBERS: Final = {"page.first": ("first_page", 0), "page.max_size": ("max_size", 1)}
NEVER_EMPTY: Final = {"page.param", "page.size_param", "auth.header", "fields.id"}
DELETED_AT: Final = "deletedAt"
PATH: Final = re.compile(r"(?:/[A-Za-z0-9_.~{}-]+)+")


@dataclass(frozen=True)
class Overridden:
    """A platform in the words of one account: also the API's names of fields and what single streams do differently."""

    platform: Platform
    rename: Mapping[str, Mapping[str, str]]
    manners: Mapping[str, Manners]


def overridden(platform: Platform, sections: Sequence[str]) -> Overridden:
    """Read all such settings of an account; raises UsageError for one that cannot be."""
    general = _manners(platform.manners, sections)
    streams, renames, own = [], {}, {}
    every = set().union(*(_fields(stream) for stream in platform.streams))
    for section in sections:
        _refuse_unknown(set(pairs(f"{section}.fields.rename")) - every, f"{section}.fields.rename", every)
    for stream in platform.streams:
        its_sections = [f"{section}.{name}" for section in sections for name in _names(stream)]
        manners = _manners(general, its_sections)
        changed = _stream(stream, sections, its_sections, manners)
        rename = _rename(stream, changed, manners, sections, its_sections)
        if isinstance(manners, AssumedManners) and manners.rewrites_times:
            times = [column.field for column in stream.columns if column.kind is Kind.TIMESTAMP]
            manners = replace(manners, time_fields=tuple(rename.get(name, name) for name in times))
        streams.append(changed)
        if rename:
            renames[stream.name] = rename
        if manners != general:
            own[stream.name] = manners
    return Overridden(replace(platform, manners=general, streams=tuple(streams)), renames, own)


def short_name(stream: Stream) -> str:
    """How settings may also call a stream: `snapshots` for `analytics_snapshots`."""
    return stream.name.removeprefix("analytics_")


def _names(stream: Stream) -> list[str]:
    return list(dict.fromkeys((stream.name, short_name(stream))))


def _manners(manners: Manners, sections: Sequence[str]) -> Manners:
    changes: dict[str, Any] = {}
    for setting, name in WORDS.items():
        path = place(sections, setting)
        if path is None:
            continue
        changes[name] = str(value(path)).strip()
        if not changes[name] and setting in NEVER_EMPTY:
            raise UsageError(f"{env_name(path)} is empty.", "Name it, or remove the setting.", setting=env_name(path))
    for setting, (name, least) in NUMBERS.items():
        path = place(sections, setting)
        if path is not None:
            changes[name] = whole_number(path, getattr(manners, name), least=least)
    if isinstance(manners, AssumedManners):
        changes |= _assumed(manners, sections)
    return replace(manners, **changes) if changes else manners


def _assumed(manners: AssumedManners, sections: Sequence[str]) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if path := place(sections, "timestamps.format"):
        form = str(value(path)).strip()
        if form not in {ISO_8601, *EPOCHS} and "%" not in form:
            words = ", ".join((ISO_8601, *EPOCHS))
            raise UsageError(
                f"{env_name(path)} names no form of times.",
                f"Choose from {words}, or give a pattern such as %d/%m/%Y %H:%M:%S.",
                setting=env_name(path),
            )
        changes["timestamps_format"] = form
    if path := place(sections, "timestamps.zone"):
        changes["timestamps_zone"] = _zone(path)
    if path := place(sections, "deletes.returned"):
        changes["deletes_returned"] = flag(path, default=manners.deletes_returned)
    if path := place(sections, "rate.status"):
        changes["rate_status"] = whole_number(path, manners.rate_status, least=400)
    if path := place(sections, "rate.header"):
        changes["rate_header"] = str(value(path)).strip()
    return changes


def _zone(path: str) -> str:
    name = str(value(path)).strip()
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise UsageError(
            f"{env_name(path)} names no time zone.", "Use a name such as America/Montreal.", setting=env_name(path)
        ) from None
    return name


def _stream(stream: Stream, sections: Sequence[str], own: Sequence[str], manners: Manners) -> Stream:
    """The stream with its paths and time fields; without a mark of deletion where deleted records vanish."""
    changes: dict[str, Any] = {
        "created_at": _time_field("created_at", stream.created_at, sections, own),
        "updated_at": _time_field("updated_at", stream.updated_at, sections, own),
    }
    if stream.created_at == stream.updated_at:
        # One field for both, whichever of the two settings names it.
        given = [name for name in changes.values() if name != stream.created_at]
        changes = dict.fromkeys(changes, given[0] if given else stream.created_at)
    for group, name in (("paths", "path"), ("paths_by_id", "by_id")):
        path = place([f"{section}.{group}" for section in sections], stream.name)
        path = path or place([f"{section}.{group}" for section in sections], short_name(stream))
        if path is not None:
            changes[name] = _path(path)
    if isinstance(manners, AssumedManners) and not manners.deletes_returned and stream.deleted_at is not None:
        columns = [replace(one, optional=True) if one.name == stream.deleted_at else one for one in stream.columns]
        changes |= {"deleted_at": None, "columns": tuple(columns)}
    return replace(stream, **changes)


def _path(path: str) -> str:
    found = str(value(path)).strip()
    if not PATH.fullmatch(found) or {".", ".."} & set(found.split("/")):
        raise UsageError(
            f"{env_name(path)} is not a path.",
            "Write it as /v1/candidates: it begins with a slash, and holds neither host nor query.",
            setting=env_name(path),
        )
    return found


def _time_field(setting: str, default: str, sections: Sequence[str], own: Sequence[str]) -> str:
    """A stream whose times have a name of their own is not renamed along with the others."""
    path = place(own, f"fields.{setting}")
    if path is None and default in {"createdAt", "updatedAt"}:
        path = place(sections, f"fields.{setting}")
    return default if path is None else text(path) or default


def _rename(
    stream: Stream, changed: Stream, manners: Manners, sections: Sequence[str], own: Sequence[str]
) -> dict[str, str]:
    """The API's names of fields: the general renames, then the stream's own, then those of fields with a setting."""
    fields = _fields(stream)
    rename: dict[str, str] = {}
    for section in [*reversed(sections), *reversed(own)]:
        found = pairs(f"{section}.fields.rename")
        if section in own:
            _refuse_unknown(set(found) - fields, f"{section}.fields.rename", fields)
        rename |= {assumed: given for assumed, given in found.items() if assumed in fields}
    deleted = place([*own, *sections], "fields.deleted_at")
    moved = {
        "id": manners.id_field,
        stream.created_at: changed.created_at,
        stream.updated_at: changed.updated_at,
        DELETED_AT: DELETED_AT if deleted is None else text(deleted) or DELETED_AT,
    }
    return rename | {assumed: given for assumed, given in moved.items() if assumed != given and assumed in fields}


def _fields(stream: Stream) -> set[str]:
    """The fields that records of the stream are taken to have."""
    return {column.field for column in stream.columns} | {child.field for child in stream.children}


def _refuse_unknown(unknown: set[str], path: str, fields: set[str]) -> None:
    if unknown:
        raise UsageError(
            f"{env_name(path)} renames {min(unknown)!r}, which is no field that is read.",
            f"The assumed names are {', '.join(sorted(fields))}.",
            setting=env_name(path),
        )
