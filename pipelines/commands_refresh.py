"""The commands that read platforms and build the warehouse; each imports what it needs when it runs."""

from __future__ import annotations

import gc
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from connector.errors import UsageError
from pipelines.lock import refuse_when_held
from pipelines.options import (
    AsJson,
    LineageFile,
    LogFormat,
    MetricsFile,
    Warehouse,
    errors,
    say_json,
    tells_json,
    words,
)
from pipelines.signals import stopping_on_signals
from pipelines.tell import Teller

if TYPE_CHECKING:
    from pipelines.monitoring.log_lines import JsonLines

app = typer.Typer()


@app.command()
def refresh(
    warehouse: Warehouse = None,
    platform: Annotated[
        list[str] | None, typer.Option(metavar="PLATFORM", help="Only this platform; may be repeated.")
    ] = None,
    select: Annotated[
        list[str] | None, typer.Option(metavar="STREAM", help="Only this stream; may be repeated or comma-separated.")
    ] = None,
    account: Annotated[
        list[str] | None, typer.Option(metavar="ACCOUNT", help="Only this account; may be repeated.")
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="Read the steps of all candidates and roles again.")] = False,
    skip_build: Annotated[bool, typer.Option("--skip-build", help="Load only; leave the models as they are.")] = False,
    wait: Annotated[float, typer.Option(metavar="SECONDS", help="Wait so long for another refresh to end.", min=0)] = 0,
    accept_absences: Annotated[
        int | None, typer.Option(metavar="ROWS", help="Lift the absence breaker once, for up to so many rows.", min=0)
    ] = None,
    max_requests: Annotated[
        int | None, typer.Option(metavar="REQUESTS", help="Stop asking for steps after so many requests.", min=1)
    ] = None,
    max_minutes: Annotated[
        float | None, typer.Option(metavar="MINUTES", help="Stop asking for steps after so many minutes.", min=0)
    ] = None,
    log_format: LogFormat = None,
    prometheus: MetricsFile = None,
    openlineage: LineageFile = None,
    as_json: AsJson = False,
) -> None:
    """Bring the warehouse up to date. Reads, loads, builds, tests, and publishes all of it at once."""
    del log_format  # progress begins, and errors happen, before the words are parsed: see tells_json
    if not (prometheus or openlineage):
        _answer_at_once_when_locked(warehouse, wait)
    gc.disable()  # what the program is made of stays: looking through it again and again finds no garbage
    from pipelines.monitoring.run import recorded
    from pipelines.refresh import Options
    from pipelines.refresh import refresh as run
    from pipelines.summary import print_summary

    gc.freeze()
    gc.enable()
    options = Options(
        warehouse=warehouse,
        platforms=words(platform),
        accounts=words(account),
        select=words(select),
        full=full,
        skip_build=skip_build,
        wait_seconds=wait,
        accept_absences=accept_absences,
        max_requests=max_requests,
        max_minutes=max_minutes,
    )
    with stopping_on_signals() as stop, teller() as tell:
        with recorded(options, tell, metrics=prometheus, lineage=openlineage) as record:
            record.outcome = outcome = run(options, tell, stop)
        tell.outcome(outcome)
    if not (as_json and tells_json()):
        print_summary(outcome, errors if as_json else Console(highlight=False))
    if as_json:
        say_json(outcome.as_json())
    raise typer.Exit(outcome.exit_status)


def teller() -> Teller | JsonLines:
    """Who tells how far the work is: to people, or to a log collector."""
    if tells_json():
        from pipelines.monitoring.log_lines import JsonLines

        return JsonLines()
    return Teller()


def _answer_at_once_when_locked(warehouse: str | None, wait: float) -> None:
    """Ask for the lock before dlt is imported, which takes longer than a second refresh should wait for its answer."""
    address = warehouse or os.environ.get("WAREHOUSE")
    if address and "://" not in address and not wait:
        refuse_when_held(Path(address))


@app.command()
def demo(
    folder: Annotated[Path, typer.Option(metavar="FOLDER", help="Where the demo keeps its files.")] = Path("demo"),
    candidates: Annotated[
        int, typer.Option(metavar="PEOPLE", help="How many people apply in half a year.", min=1)
    ] = 300,
    seed: Annotated[int, typer.Option(metavar="NUMBER", help="Another number is another company.")] = 7,
) -> None:
    """Show the whole way on a simulated company; no account needed."""
    from pipelines.demo import run_demo

    with stopping_on_signals() as stop, Teller() as tell:
        result = run_demo(folder, Console(highlight=False), tell, stop, candidates=candidates, seed=seed)
    raise typer.Exit(result.outcome.exit_status)


@app.command()
def build(warehouse: Warehouse = None, log_format: LogFormat = None, as_json: AsJson = False) -> None:
    """Build and test the SQL models again. Reads no platform."""
    del log_format  # see refresh
    from pipelines.refresh import rebuild

    with stopping_on_signals() as stop, teller() as tell:
        built = rebuild(warehouse, tell, stop)
        tell.line(f"ok: {built.models} models built, {built.tests} tests passed.")
    if as_json:
        say_json({"outcome": "ok", "exit_status": 0, "models": built.models, "tests": built.tests})


@app.command()
def check(
    warehouse: Warehouse = None,
    platform: Annotated[
        list[str] | None, typer.Option(metavar="PLATFORM", help="Only this platform; may be repeated.")
    ] = None,
    account: Annotated[
        list[str] | None, typer.Option(metavar="ACCOUNT", help="Only this account; may be repeated.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say exactly what to mend before a refresh works. Looks at key, scopes, clock, lists, warehouse."""
    from pipelines import check as checking
    from pipelines.settings import load

    settings = load(warehouse=warehouse, platforms=words(platform), accounts=words(account))
    with stopping_on_signals() as stop:
        findings = checking.check(settings, stop)
    checking.print_findings(findings, errors if as_json else Console(highlight=False))
    if as_json:
        say_json(checking.as_json(findings))
    raise typer.Exit(checking.exit_status(findings))


@app.command()
def plan(
    warehouse: Warehouse = None,
    platform: Annotated[
        list[str] | None, typer.Option(metavar="PLATFORM", help="Only this platform; may be repeated.")
    ] = None,
    select: Annotated[
        list[str] | None, typer.Option(metavar="STREAM", help="Only this stream; may be repeated or comma-separated.")
    ] = None,
    account: Annotated[
        list[str] | None, typer.Option(metavar="ACCOUNT", help="Only this account; may be repeated.")
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="As if the steps of all parents were read again.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say what the next refresh will cost. Requests and minutes, stream by stream, before they are spent."""
    from pipelines import plan as planning
    from pipelines.settings import load

    settings = load(warehouse=warehouse, platforms=words(platform), accounts=words(account), select=words(select))
    plans = planning.plan(settings, full=full)
    planning.print_plan(plans, errors if as_json else Console(highlight=False))
    if as_json:
        say_json(planning.as_json(plans))


@app.command()
def sandbox(
    seed: Annotated[int, typer.Option(metavar="NUMBER", help="Another number is another company.")] = 7,
    candidates: Annotated[int, typer.Option(metavar="PEOPLE", help="How many people apply.", min=0)] = 200,
    days: Annotated[float, typer.Option(metavar="DAYS", help="Days of history before now.", min=1)] = 180,
    port: Annotated[
        int, typer.Option(metavar="PORT", help="Port on loopback; 0 takes a free one.", min=0, max=65535)
    ] = 0,
    rate_limit: Annotated[
        int, typer.Option(metavar="REQUESTS", help="Requests a minute and key; 0 for no limit.", min=0)
    ] = 600,
    switches: Annotated[
        str, typer.Option(metavar="JSON", help="Faults and habits of the servers, as a JSON object.")
    ] = "{}",
) -> None:
    """Serve a simulated company through both APIs. On loopback; prints the settings that point there."""
    try:
        from connector.sandbox import Switches, control, run
    except ImportError:
        raise UsageError("The sandbox is not installed.", "Run: pip install 'hiring-elt[sandbox]'") from None
    try:
        wanted = json.loads(switches)
    except ValueError:
        raise UsageError("--switches is no JSON object.", 'Write it as {"order": "updated_desc"}.') from None
    run(
        seed=seed,
        candidates=candidates,
        days=days,
        port=port,
        requests_per_minute=rate_limit or None,
        tailed_requests_per_minute=100 if rate_limit else None,
        switches=control.changed(Switches(), wanted),
    )
