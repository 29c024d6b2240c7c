"""The profile of what is stored already: another key is refused, a narrower profile is applied to all of history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import pyarrow.compute as pc

from connector.errors import UsageError
from connector.platforms import PLATFORMS
from connector.privacy import PSEUDONYM_PATTERN, Profile
from pipelines.personal.blanking import any_filled, names, rewritten
from pipelines.personal.stored import stored_columns, stored_tables

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pyarrow as pa

    from connector.contract import Platform, Table
    from connector.privacy import Policy
    from pipelines.personal.stored import Rows

WIDTH: Final = {Profile.MINIMAL: 0, Profile.PSEUDONYMOUS: 1, Profile.FULL: 2}
TABLE: Final = """
    create table if not exists meta.stored_policy (
        profile text not null,
        key_id text not null,
        since timestamptz not null
    )
"""


@dataclass(frozen=True, slots=True)
class Stored:
    """The widest profile that stored rows may be of, and the id of the key that stored tokens were made with."""

    profile: Profile
    key_id: str = ""


def stored_policy(connection: Rows) -> Stored | None:
    """What the warehouse says of its own rows; None when it has none."""
    present = stored_tables(connection)
    if ("meta", "stored_policy") in present:
        row = connection.execute("select profile, key_id from meta.stored_policy").fetchone()
        if row is not None:
            return Stored(Profile(row[0]), row[1])
    if ("meta", "refreshes") not in present:
        return None
    # Loaded before the warehouse kept this: the widest of the profiles that its refreshes ran with.
    query = "select distinct policy from meta.refreshes where policy is not null"
    return _widest(text for (text,) in connection.execute(query).fetchall())


def _widest(fingerprints: Iterable[str]) -> Stored | None:
    found = [text.split(":", 1) for text in fingerprints]
    profiles = [Profile(name) for name, _ in found if name in set(Profile)]
    if not profiles:
        return None
    keys = {key_id for name, key_id in found if name == Profile.PSEUDONYMOUS}
    return Stored(max(profiles, key=WIDTH.__getitem__), "several" if len(keys) > 1 else "".join(keys))


def check_policy(connection: Rows, policy: Policy) -> None:
    """Raise UsageError when tokens would stand beside tokens of another key: one person would look like two."""
    stored = stored_policy(connection)
    if policy.profile is not Profile.PSEUDONYMOUS or stored is None or stored.key_id in {"", policy.key_id}:
        return
    raise UsageError(
        "The warehouse holds tokens that were made with another pseudonym key.",
        "Set PRIVACY__PSEUDONYM_KEY back. Or give the old tokens up: refresh once with PRIVACY__PROFILE=minimal, which"
        " blanks them all, then with the new key, which makes tokens of what the platforms show by then.",
        setting="PRIVACY__PSEUDONYM_KEY",
    )


def apply_policy_change(connection: Rows, policy: Policy) -> dict[str, int]:
    """Bring stored rows to a narrower policy, in all versions; says how many rows of which table it changed.

    A wider policy changes nothing here: records are read again, for their marks are keyed by policy.
    """
    check_policy(connection, policy)
    stored = stored_policy(connection)
    changed: dict[str, int] = {}
    key_id = "" if stored is None else stored.key_id
    if stored is not None and WIDTH[policy.profile] < WIDTH[stored.profile]:
        changed = _narrowed(connection, policy, keep_tokens=stored.key_id == policy.key_id)
    if policy.profile is not Profile.FULL:
        key_id = policy.key_id if policy.profile is Profile.PSEUDONYMOUS else ""
    if stored != Stored(policy.profile, key_id):
        _remember(connection, Stored(policy.profile, key_id))
    elif ("meta", "stored_policy") not in stored_tables(connection):
        _remember(connection, stored)
    return changed


def _remember(connection: Rows, stored: Stored) -> None:
    connection.execute("create schema if not exists meta")
    connection.execute(TABLE)
    connection.execute("delete from meta.stored_policy")
    values = [stored.profile.value, stored.key_id, datetime.now(UTC)]
    connection.execute("insert into meta.stored_policy values (?, ?, ?)", values)


def _narrowed(connection: Rows, policy: Policy, *, keep_tokens: bool) -> dict[str, int]:
    changed: dict[str, int] = {}
    present = stored_tables(connection)
    for platform in PLATFORMS.values():
        for table in platform.tables:
            if (f"raw_{platform.name}", table.name) in present:
                changed[f"raw_{platform.name}.{table.name}"] = _narrow(
                    connection, platform, table, policy, keep_tokens=keep_tokens
                )
        if ("meta", "quarantine") in present:
            name = "meta.quarantine"
            changed[name] = changed.get(name, 0) + _narrow_quarantine(connection, platform, policy)
    return {name: number for name, number in changed.items() if number}


def _narrow(connection: Rows, platform: Platform, table: Table, policy: Policy, *, keep_tokens: bool) -> int:
    columns = names(column for column in table.columns if not policy.stores(column))
    columns += [] if policy.stores_undeclared else ["_extra"]
    there = set(stored_columns(connection, f"raw_{platform.name}", table.name))
    columns = [name for name in columns if name in there]
    if not columns:
        return 0

    def change(rows: pa.Table) -> pa.Table:
        return _applied(table, rows, policy, keep_tokens=keep_tokens)

    return rewritten(connection, platform.name, table, columns, change, where=any_filled(columns))


def _applied(table: Table, rows: pa.Table, policy: Policy, *, keep_tokens: bool) -> pa.Table:
    """The rows under the policy; what is a token already is no value to make a token of."""
    after = policy.applied(table, rows)
    for column in table.columns:
        if policy.tokenises(column):
            before = rows[column.name]
            was_token = pc.fill_null(pc.match_substring_regex(before, PSEUDONYM_PATTERN), fill_value=False)
            instead = before if keep_tokens else pc.if_else(was_token, None, before)
            mended = pc.if_else(was_token, instead, after[column.name])
            after = after.set_column(after.schema.get_field_index(column.name), column.name, mended)
    return after


def _narrow_quarantine(connection: Rows, platform: Platform, policy: Policy) -> int:
    """Samples of values that may no longer be stored."""
    count = 0
    for table in platform.tables:
        withheld = names(column for column in table.columns if not policy.stores(column))
        condition = "platform = ? and table_name = ? and column_name = any(?) and value is not null"
        values = [platform.name, table.name, withheld]
        if withheld:
            row = connection.execute(f"select count(*) from meta.quarantine where {condition}", values).fetchone()
            count += 0 if row is None else int(row[0])
            connection.execute(f"update meta.quarantine set value = null where {condition}", values)
    return count
