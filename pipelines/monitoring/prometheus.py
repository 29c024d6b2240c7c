"""Metrics for the textfile collector of Prometheus' node_exporter: the last run, and how fresh what is published is."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Final

from connector.errors import HiringEltError
from pipelines.settings import load
from pipelines.status import status_of
from pipelines.warehouse import open_warehouse
from pipelines.whole_file import put

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pipelines.monitoring.run import Run
    from pipelines.status import Status

READABLE_BY_ALL: Final = 0o644
"""node_exporter runs as another user; the file holds counts and times alone."""
VERDICTS: Final = ("proven", "count_complete", "unproven", "failed", "skipped")

Sample = tuple["Mapping[str, str]", float]


def write(file: Path, run: Run) -> None:
    """Put the metrics in place at once: the collector never reads half a file. Raises OSError."""
    put(file, "".join(_lines(run)), READABLE_BY_ALL)


def _lines(run: Run) -> Iterable[str]:
    ended = run.ended_at or datetime.now(UTC)
    yield from _metric("info", "The version that ran.", [({"version": metadata.version("hiring-elt")}, 1)])
    yield from _metric("last_run_timestamp_seconds", "When the last run ended.", [({}, ended.timestamp())])
    yield from _metric("last_run_exit_status", "0 ok, 5 partial, others failed.", [({}, run.exit_status)])
    seconds = (ended - run.started_at).total_seconds()
    yield from _metric("last_run_duration_seconds", "How long the last run took.", [({}, seconds)])
    if run.outcome is not None:
        yield from _of_the_run(run.outcome.as_json())
    status = _published(run)
    if status is not None:
        yield from _of_the_warehouse(status)


def _of_the_run(told: Mapping[str, dict[str, dict[str, float]]]) -> Iterable[str]:
    streams = told["streams"]
    yield from _metric("last_run_requests", "Requests of the last run.", [({}, float(told["requests"]))])  # type: ignore[arg-type]
    for name, words in (
        ("rows", "Rows that the last reading of a stream found."),
        ("new", "Records that were new in the last run."),
        ("changed", "Records that had changed in the last run."),
        ("gone", "Records that were gone in the last run."),
        ("requests", "Requests that a stream cost in the last run."),
        ("seconds", "How long reading a stream took in the last run."),
    ):
        samples = [({"stream": stream}, counts[name]) for stream, counts in streams.items()]
        yield from _metric(f"stream_{name}", words, samples)


def _of_the_warehouse(status: Status) -> Iterable[str]:
    for name, words, at in (
        ("last_success_timestamp_seconds", "When a refresh last ended with exit status 0.", status.last_success_at),
        ("last_published_timestamp_seconds", "When a refresh last published something.", status.last_published_at),
    ):
        yield from _metric(name, words, [] if at is None else [({}, at.timestamp())])
    complete = [
        ({"stream": row["stream"]}, row["last_complete_at"].timestamp())
        for row in status.streams
        if row["last_complete_at"] is not None
    ]
    yield from _metric("stream_last_complete_timestamp_seconds", "When a stream was last read whole.", complete)
    verdicts = [
        ({"stream": row["stream"], "verdict": verdict}, float(row["verdict"] == verdict))
        for row in status.streams
        for verdict in VERDICTS
    ]
    yield from _metric("stream_verdict", "1 for the verdict of the last published reading, else 0.", verdicts)


def _published(run: Run) -> Status | None:
    """The state of what is published; none when there is nothing yet, or when it cannot be read."""
    with contextlib.suppress(HiringEltError):
        address = load(warehouse=run.options.warehouse, need_accounts=False).warehouse
        return status_of(open_warehouse(address), max_age=timedelta(hours=26))
    return None


def _metric(name: str, words: str, samples: Iterable[Sample]) -> Iterable[str]:
    told = [f"hiring_elt_{name}{_labels(labels)} {_number(value)}\n" for labels, value in samples]
    if told:
        yield f"# HELP hiring_elt_{name} {words}\n# TYPE hiring_elt_{name} gauge\n"
        yield from told


def _labels(labels: Mapping[str, str]) -> str:
    inside = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return f"{{{inside}}}" if inside else ""


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _number(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".")
