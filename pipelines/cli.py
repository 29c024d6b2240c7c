"""The program `hiring-elt`: its commands, its exit statuses, and how errors are told."""

from __future__ import annotations

import os
import sys
import traceback
from importlib import metadata
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from connector.errors import HiringEltError
from connector.http.secret import mask, mask_logs
from pipelines import commands_init, commands_published, commands_refresh
from pipelines.monitoring.line import write_line
from pipelines.options import errors, say_json, tells_json
from pipelines.personal.commands import do_rollback, privacy
from pipelines.program_help import ABOUT, EPILOG, InOrder
from pipelines.tell import say
from pipelines.without import keep_out

if TYPE_CHECKING:
    from collections.abc import Callable

app = typer.Typer(
    name="hiring-elt",
    cls=InOrder,
    help=ABOUT,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    epilog=EPILOG,
)


def _tell_version(asked: bool) -> None:  # noqa: FBT001 - typer hands the flag over
    if asked:
        parts = ", ".join(f"{name} {metadata.version(name)}" for name in ("dlt", "duckdb", "dbt-core"))
        sys.stdout.write(f"hiring-elt {metadata.version('hiring-elt')} ({parts})\n")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[  # noqa: FBT002 - named by typer
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Show the versions and exit.")
    ] = False,
) -> None:
    """What stands before a command."""
    del version


app.add_typer(commands_init.app)
app.add_typer(commands_refresh.app)
app.add_typer(commands_published.app)
app.add_typer(privacy)
app.command("rollback")(do_rollback)

USAGE: Final = 2
BUG: Final = 1
INTERRUPTED: Final = 130
PIPE_CLOSED: Final = 141


def main() -> None:
    """Run a command and end with its exit status; no error reaches the reader as a traceback unless it is a bug."""
    os.umask(0o077)
    keep_out()
    mask_logs()
    sys.exit(guarded(lambda: app(prog_name="hiring-elt", standalone_mode=False)))


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
    except (BrokenPipeError, SystemExit):
        return PIPE_CLOSED  # nobody reads on, as after `| head`; rich ends the program itself then
    except typer.Exit as done:
        return int(done.exit_code)
    except Exception as error:  # noqa: BLE001 - the last resort of the program
        return usage_or_bug(error)
    return result if isinstance(result, int) else 0


def usage_or_bug(error: Exception) -> int:
    """Wrong words on the command line, or a bug: told without values that might be secret."""
    # Typer carries a command-line parser of its own, whose errors are known by what they can do.
    if type(error).__name__ == "NoArgsIsHelpError":
        sys.stderr.write(f"{error.format_message()}\n")  # type: ignore[attr-defined]
        return USAGE
    if hasattr(error, "format_message"):
        context = getattr(error, "ctx", None)
        where = context.command_path if context is not None else "hiring-elt"
        what = str(error.format_message()).strip()
        what += "" if what.endswith((".", "?")) else "."
        tell_error(USAGE, f"{what} See: {where} --help", "UsageError")
        return USAGE
    if type(error).__name__ == "Abort":
        tell_error(INTERRUPTED, "Stopped on request. Nothing was changed.", "Stopped")
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
    if tells_json():
        write_line("error", "error", message, error=kind, exit_status=status)
    else:
        say(errors, f"hiring-elt: {mask(message)}")
    if "--json" in sys.argv[1:]:
        outcome = {2: "usage", 3: "key_refused", 4: "locked", 5: "partial", 6: "absence_breaker", 7: "cannot_write"}
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
