"""How fresh each stream is, and whether its last reading was complete: for people and for monitors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from pipelines.text_table import lines

if TYPE_CHECKING:
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


@dataclass(frozen=True)
class Status:
    """The state of a published warehouse; `stale` names the streams whose last complete reading is too old."""

    streams: list[dict[str, Any]]
    refreshes: list[dict[str, Any]]
    stale: list[str]

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
    return Status(streams, refreshes, stale)


def print_status(status: Status, console: Console) -> None:
    """A line a stream, the last refresh, the next step."""
    rows = [
        (
            row["stream"],
            "never" if row["last_complete_at"] is None else f"{row['last_complete_at']:%Y-%m-%d %H:%M} UTC",
            "stale" if row["is_stale"] else "fresh",
            row["verdict"],
            f"{row['count_distinct'] or 0:,}",
            row["absences"] or "",
        )
        for row in status.streams
    ]
    for line in lines(("stream", "last complete", "age", "last verdict", "rows", "absences"), rows, right=("rows",)):
        console.print(line, markup=False, soft_wrap=True)
    for row in status.streams:
        if row["verdict"] in {"unproven", "failed", "skipped"} and row["reason"]:
            console.print(f"{row['stream']}: {row['reason']}", markup=False, soft_wrap=True)
    if status.refreshes:
        last = status.refreshes[0]
        console.print(
            f"Last refresh {last['refresh_id']}: {last['status']}, ended {last['finished_at']:%Y-%m-%d %H:%M} UTC.",
            markup=False,
        )
    if status.stale:
        console.print(f"{len(status.stale)} streams are stale. Run: hiring-elt refresh", markup=False)


def _with_texts(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}
