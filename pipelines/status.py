"""How fresh each stream is, and whether its last reading was complete: for people and for monitors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from pipelines.tell import say
from pipelines.text_table import lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rich.console import Console

    from pipelines.warehouse import Warehouse

LAST_SWEEPS = """
    select platform, account, resource, verdict, reason, started_at, ended_at, absences, count_declared, count_distinct
    from (
        select *, row_number() over (partition by platform, account, resource order by started_at desc) as recency
        from meta.sweeps
    ) as numbered
    where recency = 1
    order by platform, account, resource
"""
LAST_COMPLETE = """
    select platform, account, resource, max(ended_at) as complete_at
    from meta.sweeps
    where verdict in ('proven', 'count_complete')
    group by platform, account, resource
"""
LAST_REFRESHES = """
    select refresh_id, platform, account, status, started_at, finished_at, requests, rows_changed
    from meta.refreshes
    order by started_at desc
    limit 10
"""
LAST_GOOD = """
    select
        max(finished_at) as last_published_at,
        max(case when exit_status = 0 then finished_at end) as last_success_at
    from (
        select refresh_id, max(exit_status) as exit_status, max(finished_at) as finished_at
        from meta.refreshes
        group by refresh_id
    ) as by_refresh
"""
TROUBLED: Final = ("unproven", "failed", "skipped")
HOUR: Final = timedelta(hours=1)
HOURS_TOLD_IN_DAYS: Final = 72


@dataclass(frozen=True)
class Status:
    """The state of a published warehouse; `stale` names the streams whose last complete reading is too old.

    `failure` is what the last refresh failed of, when it published nothing.
    """

    streams: list[dict[str, Any]]
    refreshes: list[dict[str, Any]]
    stale: list[str]
    now: datetime
    failure: Mapping[str, Any] | None = None
    last_published_at: datetime | None = None
    last_success_at: datetime | None = None

    @property
    def exit_status(self) -> int:
        """5 when something is stale, else 0."""
        return 5 if self.stale else 0

    def as_json(self) -> dict[str, Any]:
        """The object behind `--json`."""
        return {
            "outcome": "stale" if self.stale else "ok",
            "exit_status": self.exit_status,
            "stale": self.stale,
            "streams": [_with_texts(row) for row in self.streams],
            "refreshes": [_with_texts(row) for row in self.refreshes],
            "last_published_at": _text(self.last_published_at),
            "last_success_at": _text(self.last_success_at),
            "last_failure": self.failure,
        }


def status_of(warehouse: Warehouse, *, max_age: timedelta, now: datetime | None = None) -> Status:
    """Read the state of a warehouse; raises UsageError when there is none yet."""
    now = now or datetime.now(UTC)
    refreshes = warehouse.query(LAST_REFRESHES).to_pylist()
    complete = {
        (row["platform"], row["account"], row["resource"]): row["complete_at"]
        for row in warehouse.query(LAST_COMPLETE).to_pylist()
    }
    streams, stale = [], []
    for row in warehouse.query(LAST_SWEEPS).to_pylist():
        complete_at = complete.get((row["platform"], row["account"], row["resource"]))
        whose = row["platform"] if row["account"] == "default" else f"{row['platform']}.{row['account']}"
        name = f"{whose}.{row['resource']}"
        if complete_at is None or now - complete_at > max_age:
            stale.append(name)
        streams.append(row | {"stream": name, "last_complete_at": complete_at, "is_stale": name in stale})
    (good,) = warehouse.query(LAST_GOOD).to_pylist()
    return Status(streams, refreshes, stale, now, failure=warehouse.last_failure(), **good)


def print_status(status: Status, console: Console) -> None:
    """A line a stream, what went wrong, the next step."""
    rows = [
        (
            row["stream"],
            "never" if row["last_complete_at"] is None else age(status.now - row["last_complete_at"]),
            "stale" if row["is_stale"] else "fresh",
            row["verdict"],
            f"{row['count_distinct'] or 0:,}",
        )
        for row in status.streams
    ]
    for line in lines(("stream", "read whole", "state", "last verdict", "rows"), rows, right=("rows",)):
        console.print(line, markup=False, soft_wrap=True)
    for text in _troubles(status):
        say(console, text)
    if status.refreshes:
        last = status.refreshes[0]
        at = f"{last['finished_at']:%Y-%m-%d %H:%M} UTC, {age(status.now - last['finished_at'])}"
        say(console, f"Last published: {at} ({last['status']}, refresh {last['refresh_id']}).")
    if status.failure is not None:
        told = status.failure
        say(
            console,
            f"The refresh of {told['at']} failed (exit status {told['exit_status']}): {told['message']}",
            style="red",
        )
    if status.stale:
        many = f"{len(status.stale)} streams are" if len(status.stale) > 1 else f"{status.stale[0]} is"
        next_step = "Mend that, then run: hiring-elt refresh" if status.failure else "Run: hiring-elt refresh"
        say(console, f"{many} stale. {next_step}", style="yellow")
    elif status.failure is None:
        say(console, f"All {len(status.streams)} streams are fresh.")


def _troubles(status: Status) -> Iterable[str]:
    """What the last readings did not do, with their reasons."""
    for row in status.streams:
        if row["verdict"] in TROUBLED and row["reason"]:
            yield f"{row['stream']}: {row['verdict']}: {row['reason']}"
        if row["absences"] == "tripped":
            yield (
                f"{row['stream']}: too many rows are missing at once, so none is marked as gone. "
                "If they are meant to be, run: hiring-elt refresh --accept-absences N"
            )
        elif row["absences"] == "suspended" and row["verdict"] not in TROUBLED:
            yield f"{row['stream']}: rows that are missing were not judged: {row['reason']}"


def age(span: timedelta) -> str:
    """How long ago, in words."""
    hours = span / HOUR
    if hours < 1:
        return f"{max(0, round(hours * 60))} min ago"
    return f"{hours:.0f} h ago" if hours < HOURS_TOLD_IN_DAYS else f"{hours / 24:.0f} days ago"


def _with_texts(row: dict[str, Any]) -> dict[str, Any]:
    return {name: _text(value) if isinstance(value, datetime) else value for name, value in row.items()}


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
