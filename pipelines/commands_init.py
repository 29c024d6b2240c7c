"""The command that writes the first settings, by asking or from its options; a key is never an option."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from connector.errors import UsageError
from pipelines.options import AsJson, errors, say_json, words
from pipelines.tell import say

app = typer.Typer()


@app.command()
def init(
    platform: Annotated[
        list[str] | None,
        typer.Option(metavar="PLATFORM", help="talent_ray or tailed; may be repeated. [default: both]"),
    ] = None,
    warehouse: Annotated[
        str | None,
        typer.Option("--warehouse", "-w", metavar="PLACE", help="A path, or postgresql://... [default: hiring.duckdb]"),
    ] = None,
    profile: Annotated[
        str | None,
        typer.Option(metavar="PROFILE", help="Personal data: minimal, pseudonymous or full. [default: minimal]"),
    ] = None,
    timezone: Annotated[
        str | None, typer.Option(metavar="ZONE", help="Time zone of the reports. [default: that of this machine]")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace settings that are there already.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing; what is not said is as by default.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write the first settings by asking a few questions. They go to .dlt/config.toml and .dlt/secrets.toml."""
    from connector.platforms import PLATFORMS
    from pipelines import first_settings
    from pipelines.asking import answers_to

    here = Path()
    if not force:
        first_settings.refuse_to_overwrite(here)
    if not yes and not sys.stdin.isatty():
        raise UsageError("There is no terminal to ask on.", "Add --yes, and say what you want with options.")
    chosen = ",".join(words(platform)) or None
    answers = answers_to(platforms=chosen, warehouse=warehouse, profile=profile, timezone=timezone, ask=not yes)
    files = first_settings.write(here, answers)
    waiting = [PLATFORMS[name].title for name in answers.platforms if name not in answers.keys]
    next_step = "hiring-elt check"
    console = errors if as_json else Console(highlight=False)
    say(console, f"Written: {', '.join(files)}.")
    if waiting:
        say(console, f"Put the key of {' and of '.join(waiting)} into {first_settings.SECRETS}.")
    say(console, f"Next: {next_step}")
    if as_json:
        say_json({"outcome": "ok", "exit_status": 0, "files": files, "keys_to_add": waiting, "next": next_step})
