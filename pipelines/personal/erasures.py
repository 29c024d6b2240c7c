"""Who was erased: keyed hashes of ids, kept in `meta.erasures` and in a file beside the warehouse.

Each of the two survives the loss of the other: a warehouse restored from a copy learns from the file whom it must not
hold, a warehouse that moves takes its table along. The hash key is random, made at the first erasure and kept with the
hashes: it keeps the ids of this warehouse from being matched with those of another, not from its own reader.
"""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from connector.errors import CannotWrite
from connector.privacy import Erased, subject
from pipelines.personal.stored import stored_columns

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pipelines.personal.person import Person
    from pipelines.personal.stored import Rows

FORMAT: Final = 1
COLUMNS: Final = ("subject", "hash_key", "platform", "stream", "erased_at")
TABLE: Final = """
    create table if not exists meta.erasures (
        subject text not null,
        hash_key text not null,
        platform text not null,
        stream text not null,
        erased_at timestamptz not null
    )
"""


@dataclass(frozen=True, slots=True, order=True)
class Erasure:
    """One erased record: the keyed hash of its id, the key of the hash in hexadecimal, where it was, when it went."""

    subject: str
    hash_key: str
    platform: str
    stream: str
    erased_at: datetime


def erasures_file(live: Path) -> Path:
    """The file beside the warehouse."""
    return live.with_name(f"{live.name}.erasures.json")


def ensure_table(connection: Rows) -> None:
    """Make the table where it is missing."""
    connection.execute("create schema if not exists meta")
    present = set(stored_columns(connection, "meta", "erasures"))
    if present and not present >= set(COLUMNS):
        connection.execute("drop table meta.erasures")  # of a version that could not erase: it has no row
    connection.execute(TABLE)


def in_table(connection: Rows) -> set[Erasure]:
    """What the warehouse remembers."""
    rows = connection.execute("select subject, hash_key, platform, stream, erased_at from meta.erasures").fetchall()
    return {Erasure(one, key, platform, stream, at.astimezone(UTC)) for one, key, platform, stream, at in rows}


def add_to_table(connection: Rows, entries: Iterable[Erasure]) -> None:
    """Let the warehouse remember more."""
    for one in sorted(entries):
        values = [one.subject, one.hash_key, one.platform, one.stream, one.erased_at]
        connection.execute(f"insert into meta.erasures ({', '.join(COLUMNS)}) values (?, ?, ?, ?, ?)", values)


def in_file(live: Path) -> set[Erasure]:
    """What the file beside the warehouse remembers; raises CannotWrite when it cannot be read as such."""
    path = erasures_file(live)
    try:
        found = json.loads(path.read_bytes())
        return {_entry(item) for item in found["erasures"]}
    except FileNotFoundError:
        return set()
    except (ValueError, KeyError, TypeError, AttributeError):
        raise CannotWrite(
            f"{path} is damaged, so nobody can tell who must not come back.",
            "Restore it from a backup; without one, remove it, and the warehouse's own list counts.",
        ) from None


def _entry(item: dict[str, Any]) -> Erasure:
    bytes.fromhex(item["hash_key"])
    at = datetime.fromisoformat(item["erased_at"]).astimezone(UTC)
    return Erasure(str(item["subject"]), item["hash_key"], str(item["platform"]), str(item["stream"]), at)


def write_file(live: Path, entries: Iterable[Erasure]) -> None:
    """Replace the file at once, readable by its owner alone."""
    path = erasures_file(live)
    rows = [asdict(one) | {"erased_at": one.erased_at.isoformat()} for one in sorted(entries)]
    body = json.dumps({"format": FORMAT, "erasures": rows}, indent=1).encode() + b"\n"
    beside = path.with_name(f".{path.name}.new")
    beside.unlink(missing_ok=True)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as writable:
        writable.write(body)
        writable.flush()
        os.fsync(descriptor)
    os.replace(beside, path)  # noqa: PTH105 - as in the publish protocol
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def erased_of(entries: Iterable[Erasure]) -> Erased:
    """The entries as the reading asks for them."""
    by_key: dict[bytes, set[str]] = {}
    for one in entries:
        by_key.setdefault(bytes.fromhex(one.hash_key), set()).add(one.subject)
    return Erased({key: frozenset(subjects) for key, subjects in by_key.items()})


def entries_of(person: Person, known: Iterable[Erasure], at: datetime) -> set[Erasure]:
    """New entries for the records of a person that are not known yet."""
    known = list(known)
    hash_key = min((one.hash_key for one in known), default="") or secrets.token_hex(32)
    have = {(one.hash_key, one.subject) for one in known}
    made = {
        Erasure(subject(bytes.fromhex(hash_key), platform, stream, one), hash_key, platform, stream, at)
        for platform, stream, one in person.records()
    }
    return {one for one in made if (one.hash_key, one.subject) not in have}
