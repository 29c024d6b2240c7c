"""The words that all commands share: options, consoles, and the one line of JSON."""

from __future__ import annotations

import itertools
import json
import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console

errors = Console(stderr=True, highlight=False)

Warehouse = Annotated[
    str | None,
    typer.Option(
        "--warehouse", "-w", metavar="PLACE", help="Where the tables are. [default: hiring.duckdb, or WAREHOUSE]"
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="End standard output with a line that is one JSON object.")]


class LogForm(StrEnum):
    """How progress is told on standard error."""

    TEXT = "text"
    JSON = "json"


LogFormat = Annotated[
    LogForm | None,
    typer.Option(
        "--log-format", help="Progress on standard error: for people, or one JSON object a line. [default: text]"
    ),
]
MetricsFile = Annotated[
    Path | None,
    typer.Option(
        "--prometheus",
        metavar="FILE",
        help="At the end, also of a failure, write metrics to this file for node_exporter.",
    ),
]
LineageFile = Annotated[
    Path | None,
    typer.Option("--openlineage", metavar="FILE", help="Append OpenLineage events to this file; nothing is sent."),
]
LOG_FORMAT_SETTING: Final = "MONITORING__LOG_FORMAT"


def tells_json() -> bool:
    """Whether progress and errors are told as JSON; known also when the command line is not understood."""
    told = os.environ.get(LOG_FORMAT_SETTING, "")
    for word, following in itertools.pairwise([*sys.argv[1:], ""]):
        name, equals, value = word.partition("=")
        if name == "--log-format":
            told = value if equals else following
    return told.strip().lower() == LogForm.JSON


def words(found: list[str] | None) -> tuple[str, ...]:
    """Repeated options and comma-separated words alike."""
    return tuple(word.strip() for item in found or () for word in item.split(",") if word.strip())


def say_json(found: dict[str, Any]) -> None:
    """One JSON object on one line of standard output."""
    sys.stdout.write(json.dumps(found, ensure_ascii=False) + "\n")
    sys.stdout.flush()
