"""How far from the truth the figures are when a company is read less often than it changes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from oracle import words

if TYPE_CHECKING:
    from oracle.calculate import Tables
    from oracle.truth import Truth

Row = dict[str, Any]
CLOSINGS = ("hired", "rejected", "withdrawn")


def source(identity: str) -> tuple[str, ...]:
    """The vendor's ids inside one of ours."""
    return tuple(part.replace("%3A", ":").replace("%25", "%") for part in identity.split(":")[2:])


@dataclass
class Bounded:
    """One event known by comparison, and the instants at which it may truly have happened."""

    what: str
    low: datetime | None
    high: datetime
    true: list[datetime]
    was_out_of_sight: bool
    """The candidate, assignment or application was hidden or deleted at some time before."""

    @property
    def is_inside(self) -> bool:
        return any((self.low is None or self.low <= at) and at <= self.high for at in self.true)


def bounded_events(tables: Tables, true: Truth) -> list[Bounded]:
    """Every entry, milestone and closing that the API does not date, with the truth beside it."""
    found = []
    apps = {app["application_id"]: app for app in tables["fct_applications"]}
    gone = {
        application_id: true.gone[source(application_id)] + true.gone[source(app["candidate_id"])]
        for application_id, app in apps.items()
    }
    for row in tables["fct_application_steps"]:
        if row["is_skipped"] or row["role_step_id"] is None or _is_exact(row, "entered"):
            continue
        application = source(row["application_id"])
        if row["platform"] == "talent_ray":
            key = (*application, source(row["role_step_id"])[0])
        else:
            key = (application[0], source(row["role_step_id"])[1])
        # A reopening without a visit of its own enters the last step again.
        again = [
            *true.statuses[(*application, "open")],
            *true.returned[application],
            *true.returned[source(apps[row["application_id"]]["candidate_id"])],
        ]
        found.append(
            _bounded(row, "entered", f"entry {row['visit_id']}", true.entries[key] + again, gone[row["application_id"]])
        )
    for application_id, app in apps.items():
        application = source(application_id)
        left = gone[application_id]
        found += [
            _bounded(app, name, f"{name} {application_id}", true.statuses[(*application, name)], left)
            for name in CLOSINGS
            if app[f"{name}_at"] is not None and not _is_exact(app, name)
        ]
        if app["applied_at"] is not None and not _is_exact(app, "applied"):
            found.append(_bounded(app, "applied", f"applied {application_id}", true.assigned[application], left))
        if app["vanished_at"] is not None:
            # Out of sight while closed, it leaves the pipeline anew when it is opened again there.
            opened = [at for word in ("open", "unknown") for at in true.statuses[(*application, word)]]
            found.append(_bounded(app, "vanished", f"vanished {application_id}", left + opened, []))
    return found


def _is_exact(row: Row, name: str) -> bool:
    return bool(row[f"{name}_not_before"] == row[f"{name}_at"] == row[f"{name}_not_after"])


def _bounded(row: Row, name: str, what: str, true: list[datetime], gone: list[datetime]) -> Bounded:
    high = row[f"{name}_not_after"]
    return Bounded(what, row[f"{name}_not_before"], high, true, any(at <= high for at in gone))


def share_of_visits_seen(
    tables: Tables, true: Truth, platform: str, since: datetime, until: datetime
) -> tuple[int, int]:
    """(seen, true) visits entered between the first refresh and the last."""
    seen: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in tables["fct_application_steps"]:
        if row["platform"] == platform and not row["is_skipped"] and row["role_step_id"] is not None:
            step = source(row["role_step_id"])
            application = source(row["application_id"])
            key = (*application, step[0]) if platform == "talent_ray" else (application[0], step[1])
            seen[key].append(row)
    count_seen = count_true = 0
    size = {"talent_ray": 3, "tailed": 2}[platform]
    for key, instants in true.entries.items():
        if len(key) != size or key[-1] in ("hired", "rejected"):
            continue
        free = list(seen[key])
        for at in instants:
            if since <= at <= until:
                count_true += 1
                match = next((row for row in free if _holds(row, at)), None)
                if match is not None:
                    free.remove(match)
                    count_seen += 1
    return count_seen, count_true


def _holds(row: Row, at: datetime) -> bool:
    low = row["entered_not_before"] or datetime.min.replace(tzinfo=at.tzinfo)
    # A recruiter may correct the time of a start later on.
    slack = timedelta(hours=3)
    return bool(low - slack <= at <= row["entered_not_after"] + slack)


def headlines(tables: Tables, platform: str) -> dict[str, float | None]:
    """The figures that people look at first, of one platform."""
    apps = [app for app in tables["fct_applications"] if app["platform"] == platform]
    closed = [app for app in apps if app["is_closed"]]
    hires = [app["days_to_hire"] for app in apps if app["days_to_hire"] is not None]
    figures: dict[str, float | None] = {
        "applications": float(len(apps)),
        "in the pipeline": float(sum(app["is_in_pipeline"] for app in apps)),
        "hires": float(sum(app["outcome"] == "hired" for app in apps)),
        "median days to hire": _median(hires),
    }
    for stage in ("screening", "interview", "offer", "hired"):
        reached = sum(app["furthest_stage_rank"] >= words.RANK[stage] for app in closed)
        figures[f"reach of {stage}, %"] = 100 * reached / len(closed) if closed else None
    for stage in ("screening", "interview"):
        stays = [
            row["days_in_step"]
            for row in tables["fct_application_steps"]
            if row["platform"] == platform
            and row["stage"] == stage
            and row["days_in_step"] is not None
            and not row["is_skipped"]
        ]
        figures[f"median days in {stage}"] = _median(stays)
    return figures


def _median(values: list[float]) -> float | None:
    return float(np.median(values)) if values else None


@dataclass
class ErrorTable:
    """What reading at one frequency costs, over all companies."""

    frequency: str
    seen: dict[str, list[int]] = field(default_factory=lambda: {"talent_ray": [0, 0], "tailed": [0, 0]})
    widths: dict[str, list[float]] = field(default_factory=lambda: {"talent_ray": [], "tailed": []})
    """Hours between the bounds of events that the API does not date."""
    errors: dict[tuple[str, str], float] = field(default_factory=dict)

    def add(self, tables: Tables, exact: Tables, true: Truth, since: datetime, until: datetime) -> None:
        """Take in one company: what was calculated at this frequency, what at every change, and the log."""
        for platform in ("talent_ray", "tailed"):
            seen, all_of_them = share_of_visits_seen(tables, true, platform, since, until)
            self.seen[platform][0] += seen
            self.seen[platform][1] += all_of_them
            own = {
                name: [row for row in tables[name] if row["platform"] == platform]
                for name in ("fct_applications", "fct_application_steps")
            }
            self.widths[platform] += [
                (event.high - event.low).total_seconds() / 3600
                for event in bounded_events(own, true)
                if event.low is not None
            ]
            ours, theirs = headlines(tables, platform), headlines(exact, platform)
            for name, value in theirs.items():
                mine = ours[name]
                if value is not None and mine is not None:
                    key = (platform, name)
                    self.errors[key] = max(self.errors.get(key, 0.0), abs(mine - value))
