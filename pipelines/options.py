"""The words that all commands share: options, consoles, and the one line of JSON."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any

import typer
from rich.console import Console

errors = Console(stderr=True, highlight=False)

Warehouse = Annotated[
    str | None, typer.Option("--warehouse", "-w", help="Where the tables are. [default: hiring.duckdb, or WAREHOUSE]")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object as the last line of standard output.")]


def words(found: list[str] | None) -> tuple[str, ...]:
    """Repeated options and comma-separated words alike."""
    return tuple(word.strip() for item in found or () for word in item.split(",") if word.strip())


def say_json(found: dict[str, Any]) -> None:
    """One JSON object on one line of standard output."""
    sys.stdout.write(json.dumps(found, ensure_ascii=False) + "\n")
    sys.stdout.flush()
