"""How long personal values outlive their record: some days after its tombstone they are blanked in every version."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from connector.contract import Privacy
from connector.platforms import PLATFORMS
from pipelines.personal.blanking import any_filled, blanked, names, rewritten
from pipelines.personal.stored import stored_tables
from pipelines.setting_values import number, text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa

    from connector.contract import Platform, Table
    from connector.reading.harvest import Harvest
    from pipelines.personal.stored import Rows

DEFAULT_DAYS: Final = 30.0
FOR_EVER: Final = "never"
CLASSES: Final = (Privacy.DIRECT, Privacy.FREE_TEXT, Privacy.SENSITIVE)
UNSETTLED: Final = {"suspended", "tripped"}


@dataclass(frozen=True)
class Retention:
    """Days after the tombstone, by class; None keeps for ever. Classes that are not named are kept."""

    days: Mapping[Privacy, float | None] = field(default_factory=lambda: dict.fromkeys(CLASSES, DEFAULT_DAYS))

    def of(self, privacy: Privacy) -> float | None:
        """The days of one class."""
        return self.days.get(privacy)


def retention_settings() -> Retention:
    """The retention as settings give it: `privacy.retention.direct_days` and its sisters, a number or `never`."""
    return Retention({privacy: _days(f"privacy.retention.{privacy.value}_days") for privacy in CLASSES})


def _days(path: str) -> float | None:
    return None if (text(path) or "").lower() == FOR_EVER else number(path, DEFAULT_DAYS)


def apply_retention(
    connection: Rows,
    retention: Retention,
    harvests: Sequence[Harvest] = (),
    now: datetime | None = None,
) -> dict[str, int]:
    """Blank what has been kept long enough; says how many versions of which table it changed.

    An account is left alone while any of its streams with stored rows is not settled: a narrowed key makes no
    tombstones, and takes nothing away either. `now` is for accounts that were not read this time; those that were go
    by their platform's clock.
    """
    clocks = {(one.platform, one.account): one.finished_at for one in harvests if one.finished_at is not None}
    present = stored_tables(connection)
    changed: dict[str, int] = {}
    for platform in PLATFORMS.values():
        for account in _accounts(connection, platform, present):
            if unsettled(connection, platform, account, harvests):
                continue
            at = clocks.get((platform.name, account)) or now or datetime.now(UTC)
            for table in platform.tables:
                if (f"raw_{platform.name}", table.name) in present:
                    name = f"raw_{platform.name}.{table.name}"
                    number = _expire(connection, platform, table, account, retention, at)
                    changed[name] = changed.get(name, 0) + number
    return {name: number for name, number in changed.items() if number}


def _accounts(connection: Rows, platform: Platform, present: set[tuple[str, str]]) -> list[str]:
    """The accounts that have tombstones."""
    schema = f"raw_{platform.name}"
    queries = [
        f'select distinct account from "{schema}"."{table.name}" where not _visible'
        for table in platform.tables
        if (schema, table.name) in present
    ]
    found = connection.execute(" union ".join(queries)).fetchall() if queries else []
    return sorted(account for (account,) in found)


def unsettled(connection: Rows, platform: Platform, account: str, harvests: Sequence[Harvest]) -> list[str]:
    """The streams of an account whose last reading left absences open, though they have rows."""
    last: dict[str, tuple[str, str]] = {}
    present = stored_tables(connection)
    if ("meta", "sweeps") in present:
        query = (
            "select resource, absences, verdict from (select resource, absences, verdict, row_number() over"
            " (partition by resource order by refresh_id desc) as place from meta.sweeps"
            " where platform = ? and account = ?) as noted where place = 1"
        )
        rows = connection.execute(query, [platform.name, account]).fetchall()
        last = {resource: (absences, verdict) for resource, absences, verdict in rows}
    for harvest in harvests:
        if (harvest.platform, harvest.account) == (platform.name, account):
            last |= {name: (note.absences, note.verdict) for name, note in harvest.sweeps.items()}
    open_streams = [
        name for name, (absences, verdict) in last.items() if absences in UNSETTLED or verdict in {"failed", "skipped"}
    ]
    return [name for name in open_streams if _has_rows(connection, platform, name, account, present)]


def _has_rows(
    connection: Rows,
    platform: Platform,
    stream: str,
    account: str,
    present: set[tuple[str, str]],
) -> bool:
    if (f"raw_{platform.name}", stream) not in present:
        return False
    query = f'select 1 from "raw_{platform.name}"."{stream}" where account = ? limit 1'
    return connection.execute(query, [account]).fetchone() is not None


def _expire(
    connection: Rows,
    platform: Platform,
    table: Table,
    account: str,
    retention: Retention,
    now: datetime,
) -> int:
    """One table of one account: for each length of time the records whose tombstone is that old."""
    name = f'"raw_{platform.name}"."{table.name}"'
    count = 0
    for days in {retention.of(privacy) for privacy in CLASSES} - {None}:
        classes = {privacy for privacy in CLASSES if retention.of(privacy) == days}
        columns = names(column for column in table.columns if column.privacy in classes)
        columns += ["_extra"] if Privacy.FREE_TEXT in classes else []
        if not columns or days is None:
            continue
        gone = (
            f"select _key from {name}"
            " where _dlt_valid_to is null and not _visible and account = ? and _observed_at <= ?"
        )
        values: list[Any] = [account, now - timedelta(days=days)]
        if ("meta", "quarantine") in stored_tables(connection):
            connection.execute(
                "update meta.quarantine set value = null where platform = ? and table_name = ?"
                f" and column_name = any(?) and value is not null and row_key in ({gone})",
                [platform.name, table.name, columns, *values],
            )

        def change(rows: pa.Table, columns: Sequence[str] = columns) -> pa.Table:
            return blanked(rows, columns)

        where = f"_key in ({gone}) and ({any_filled(columns)})"
        count += rewritten(connection, platform.name, table, columns, change, where=where, values=values)
    return count
