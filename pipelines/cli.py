"""The command line: `hiring-elt --help` tells all of it."""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console

from connector.errors import HiringEltError, UsageError
from connector.http.secret import mask, mask_logs
from pipelines.signals import stopping_on_signals
from pipelines.tell import Teller

app = typer.Typer(
    name="hiring-elt",
    help="Talent-Ray and Tailed in your warehouse: complete reads, full history, metrics that are right.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    epilog="Exit statuses: 0 ok, 1 bug, 2 usage or configuration, 3 key refused, 4 locked, 5 partial,"
    " 6 absence breaker, 7 no space or cannot write, 8 source unavailable, 9 checks failed."
    " In 1-4 and 7-9 the published warehouse is untouched.",
)
errors = Console(stderr=True, highlight=False)

Warehouse = Annotated[
    str | None, typer.Option("--warehouse", "-w", help="Where the tables are. [default: hiring.duckdb, or WAREHOUSE]")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object as the last line of standard output.")]
USAGE: Final = 2
BUG: Final = 1
INTERRUPTED: Final = 130


@app.command()
def refresh(
    warehouse: Warehouse = None,
    platform: Annotated[list[str] | None, typer.Option(help="Only this platform; may be repeated.")] = None,
    select: Annotated[
        list[str] | None, typer.Option(help="Only this stream; may be repeated or comma-separated.")
    ] = None,
    account: Annotated[list[str] | None, typer.Option(help="Only this account; may be repeated.")] = None,
    full: Annotated[bool, typer.Option("--full", help="Read the steps of all candidates and roles again.")] = False,
    skip_build: Annotated[bool, typer.Option("--skip-build", help="Load only; leave the models as they are.")] = False,
    wait: Annotated[float, typer.Option(help="Seconds to wait for another refresh to end.", min=0)] = 0,
    accept_absences: Annotated[
        int | None, typer.Option(help="Lift the absence breaker once, for up to so many rows.", min=0)
    ] = None,
    max_requests: Annotated[
        int | None, typer.Option(help="Stop asking for steps after so many requests.", min=1)
    ] = None,
    max_minutes: Annotated[
        float | None, typer.Option(help="Stop asking for steps after so many minutes.", min=0)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Bring the warehouse up to date: read, load, build, test, publish."""
    from pipelines.refresh import Options
    from pipelines.refresh import refresh as run
    from pipelines.summary import print_summary

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
    with stopping_on_signals() as stop, Teller() as tell:
        outcome = run(options, tell, stop)
    print_summary(outcome, errors if as_json else Console(highlight=False))
    if as_json:
        say_json(outcome.as_json())
    raise typer.Exit(outcome.exit_status)


@app.command()
def demo(
    folder: Annotated[Path, typer.Option(help="Where the demo keeps its files.")] = Path("demo"),
    candidates: Annotated[int, typer.Option(help="How many people apply in half a year.", min=1)] = 300,
    seed: Annotated[int, typer.Option(help="Another number is another company.")] = 7,
) -> None:
    """Show the whole way on a simulated company; no account needed."""
    from pipelines.demo import run_demo

    with stopping_on_signals() as stop, Teller() as tell:
        result = run_demo(folder, Console(highlight=False), tell, stop, candidates=candidates, seed=seed)
    raise typer.Exit(result.outcome.exit_status)


@app.command()
def build(warehouse: Warehouse = None, as_json: AsJson = False) -> None:
    """Build and test the SQL models again, without reading any platform."""
    from pipelines.refresh import rebuild

    with stopping_on_signals() as stop, Teller() as tell:
        built = rebuild(warehouse, tell, stop)
    errors.print(f"ok: {built.models} models built, {built.tests} tests passed.", markup=False)
    if as_json:
        say_json({"outcome": "ok", "exit_status": 0, "models": built.models, "tests": built.tests})


@app.command()
def plan(
    warehouse: Warehouse = None,
    platform: Annotated[list[str] | None, typer.Option(help="Only this platform; may be repeated.")] = None,
    select: Annotated[
        list[str] | None, typer.Option(help="Only this stream; may be repeated or comma-separated.")
    ] = None,
    account: Annotated[list[str] | None, typer.Option(help="Only this account; may be repeated.")] = None,
    full: Annotated[bool, typer.Option("--full", help="As if the steps of all parents were read again.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say how many requests and minutes the next refresh will take, before it takes them."""
    from pipelines import plan as planning
    from pipelines.settings import load

    settings = load(warehouse=warehouse, platforms=words(platform), accounts=words(account), select=words(select))
    plans = planning.plan(settings, full=full)
    planning.print_plan(plans, errors if as_json else Console(highlight=False))
    if as_json:
        say_json(planning.as_json(plans))


@app.command()
def status(
    warehouse: Warehouse = None,
    max_age: Annotated[float, typer.Option(help="Hours after which a stream counts as stale.", min=0)] = 26,
    as_json: AsJson = False,
) -> None:
    """Show freshness and verdict of each stream; exit 5 when one is stale."""
    from pipelines.settings import load
    from pipelines.status import print_status, status_of
    from pipelines.warehouse import open_warehouse

    place = open_warehouse(load(warehouse=warehouse, need_accounts=False).warehouse)
    found = status_of(place, max_age=timedelta(hours=max_age))
    print_status(found, errors if as_json else Console(highlight=False))
    if as_json:
        say_json(found.as_json())
    raise typer.Exit(found.exit_status)


@app.command()
def report(
    warehouse: Warehouse = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="Where to write the page.")] = Path(
        "hiring-report.html"
    ),
) -> None:
    """Write the HTML report: one page, no network, no personal data."""
    from pipelines.report import write_report
    from pipelines.settings import load
    from pipelines.warehouse import open_warehouse

    place = open_warehouse(load(warehouse=warehouse, need_accounts=False).warehouse)
    Console(highlight=False).print(f"Report  {write_report(place, output).resolve()}", markup=False, soft_wrap=True)


@app.command()
def sandbox(
    seed: Annotated[int, typer.Option(help="Another number is another company.")] = 7,
    candidates: Annotated[int, typer.Option(help="How many people apply.", min=0)] = 200,
    days: Annotated[float, typer.Option(help="Days of history before now.", min=1)] = 180,
    port: Annotated[int, typer.Option(help="Port on loopback; 0 takes a free one.", min=0, max=65535)] = 0,
    rate_limit: Annotated[int, typer.Option(help="Requests a minute and key; 0 for no limit.", min=0)] = 600,
    switches: Annotated[str, typer.Option(help="Faults and habits of the servers, as a JSON object.")] = "{}",
) -> None:
    """Serve a simulated company through both APIs on loopback, and print the settings that point here."""
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


def words(found: list[str] | None) -> tuple[str, ...]:
    """Repeated options and comma-separated words alike."""
    return tuple(word.strip() for item in found or () for word in item.split(",") if word.strip())


def say_json(found: dict[str, Any]) -> None:
    """One JSON object on one line of standard output."""
    sys.stdout.write(json.dumps(found, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Run a command and end with its exit status; no error reaches the reader as a traceback unless it is a bug."""
    os.umask(0o077)
    mask_logs()
    sys.exit(guarded(lambda: app(standalone_mode=False)))


def guarded(run: Callable[[], Any]) -> int:
    """The exit status of a command; its error, if any, told in one message."""
    try:
        result = run()
    except HiringEltError as error:
        tell_error(error.exit_status, str(error), type(error).__name__)
        return error.exit_status
    except KeyboardInterrupt:
        tell_error(INTERRUPTED, "Stopped on request. The published warehouse is as it was before.", "Stopped")
        return INTERRUPTED
    except typer.Exit as done:
        return int(done.exit_code)
    except Exception as error:  # noqa: BLE001 - the last resort of the program
        return usage_or_bug(error)
    return result if isinstance(result, int) else 0


def usage_or_bug(error: Exception) -> int:
    """Wrong words on the command line, or a bug: told without values that might be secret."""
    # Typer carries a command-line parser of its own, whose errors are known by what they can do.
    if hasattr(error, "format_message"):
        message = str(error.format_message()).strip()
        if message:
            tell_error(USAGE, f"{message} See `hiring-elt --help`.", "UsageError")
        return USAGE
    if type(error).__name__ == "Abort":
        return INTERRUPTED
    frames = traceback.extract_tb(error.__traceback__)
    where = f"{frames[-1].filename.rsplit('/', 1)[-1]}:{frames[-1].lineno}" if frames else "unknown place"
    text = f"This is a bug in hiring-elt: {type(error).__name__} at {where}. The published warehouse is as it was."
    tell_error(BUG, f"{text} Run again with HIRING_ELT_DEBUG=1 for the traceback.", "Bug")
    if os.environ.get("HIRING_ELT_DEBUG") == "1":
        errors.print(mask("".join(traceback.format_exception(error))), markup=False)
    return BUG


def tell_error(status: int, message: str, kind: str) -> None:
    """One message on standard error, and with `--json` one object on standard output."""
    errors.print(f"hiring-elt: {mask(message)}", markup=False, soft_wrap=True, style=None)
    if "--json" in sys.argv[1:]:
        outcome = {2: "usage", 3: "key_refused", 4: "locked", 6: "absence_breaker", 7: "cannot_write"}
        outcome |= {8: "source_unavailable", 9: "checks_failed", 1: "bug"}
        say_json(
            {
                "refresh_id": None,
                "outcome": outcome.get(status, "stopped"),
                "exit_status": status,
                "streams": {},
                "requests": 0,
                "seconds": 0.0,
                "error": kind,
                "message": mask(message),
            }
        )
