"""The command line of personal data: `hiring-elt privacy inventory|export|erase`, and `hiring-elt rollback`."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from connector.errors import UsageError
from pipelines.signals import stopping_on_signals
from pipelines.tell import Teller

if TYPE_CHECKING:
    from pipelines.personal.erase import Erasing, Whom
    from pipelines.personal.inventory import Inventory

privacy = typer.Typer(
    name="privacy",
    help="Say what personal data is where; export or erase one person.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Warehouse = Annotated[
    str | None,
    typer.Option(
        "--warehouse", "-w", metavar="PLACE", help="Where the tables are. [default: hiring.duckdb, or WAREHOUSE]"
    ),
]
RecordId = Annotated[
    str | None, typer.Option("--id", metavar="ID", help="Id of a candidate or a lead, as the platform shows it.")
]
Email = Annotated[
    str | None,
    typer.Option(
        "--email",
        metavar="ADDRESS",
        help="An e-mail address; - reads it from standard input, where no history keeps it. Needs stored values.",
    ),
]
OfStream = Annotated[
    str | None, typer.Option("--stream", metavar="STREAM", help="Where two streams know the id: talent_ray.leads.")
]
Wait = Annotated[float, typer.Option(metavar="SECONDS", help="Wait so long for a refresh to end.", min=0)]
AsJson = Annotated[bool, typer.Option("--json", help="End standard output with a line that is one JSON object.")]


@privacy.command("inventory")
def show_inventory(warehouse: Warehouse = None, as_json: AsJson = False) -> None:
    """Show what is stored of each personal column. Its class and form, in how many rows, and for how long."""
    from pipelines.personal.inventory import inventory
    from pipelines.settings import load

    found = inventory(load(warehouse=warehouse, need_accounts=False))
    print_inventory(found, _console(as_json=as_json))
    if as_json:
        _say(found.as_json())


@privacy.command("export")
def show_export(
    record_id: RecordId = None,
    email: Email = None,
    stream: OfStream = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="A new file, for your eyes only.")
    ] = None,
    warehouse: Warehouse = None,
    wait: Wait = 0,
) -> None:
    """Write one person's rows of all tables and versions as JSON. To a file, or to standard output."""
    from pipelines.personal.export import as_text, export, write_private
    from pipelines.settings import load

    settings = load(warehouse=warehouse, need_accounts=False)
    if output is not None and output.exists():
        raise UsageError(f"{output} exists already.", "Give the name of a new file.", setting="--output")
    with stopping_on_signals() as stop:
        found = as_text(export(settings, _whom(record_id, email, stream), stop, wait_seconds=wait))
    if output is None:
        sys.stdout.write(found)
    else:
        write_private(output, found)


@privacy.command("erase")
def do_erase(
    record_id: RecordId = None,
    email: Email = None,
    stream: OfStream = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without it, only say what would go.")] = False,
    warehouse: Warehouse = None,
    wait: Wait = 0,
    as_json: AsJson = False,
) -> None:
    """Erase one person from all tables, versions and bytes. Later refreshes do not bring the person back."""
    from pipelines.personal.erase import erase, plan_erasure
    from pipelines.settings import load

    settings = load(warehouse=warehouse, need_accounts=False)
    whom = _whom(record_id, email, stream)
    if yes:
        with stopping_on_signals() as stop, Teller() as tell:
            found = erase(settings, whom, tell, stop, wait_seconds=wait)
    else:
        found = plan_erasure(settings, whom)
    print_erasing(found, _console(as_json=as_json))
    if as_json:
        _say(found.as_json())


def do_rollback(warehouse: Warehouse = None, wait: Wait = 0, as_json: AsJson = False) -> None:
    """Go back to the warehouse published before this one. KEEP_PUBLISHED says how many are kept."""
    from pipelines.personal.places import file_of
    from pipelines.rollback import rollback
    from pipelines.settings import load

    place = file_of(load(warehouse=warehouse, need_accounts=False))
    with stopping_on_signals() as stop:
        since = rollback(place.path, wait_seconds=wait, stop=stop)
    print_rollback(since, place.place, _console(as_json=as_json))
    if as_json:
        _say({"outcome": "ok", "exit_status": 0, "kept_at": since.isoformat()})


def print_inventory(found: Inventory, console: Console) -> None:
    """The inventory as a table, columns without a row left out."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("table", "column", "class", "stored as", "filled", "rows"):
        table.add_column(name, justify="right" if name in {"filled", "rows"} else "left", overflow="fold")
    table.add_column("kept", overflow="fold")
    for one in found.columns:
        if one.rows:
            counts = (f"{one.rows_filled:,}", f"{one.rows:,}")
            table.add_row(one.table, one.column, one.privacy, one.stored, *counts, one.retention)
    console.print(table)
    empty = sum(1 for one in found.columns if not one.rows)
    kept = f"{found.kept_warehouses} earlier warehouses are kept, which hold what was stored then"
    console.print(
        f"profile {found.profile}; {empty} more columns of empty tables; {found.erasures} erased records; {kept}.",
        markup=False,
        soft_wrap=True,
    )


def print_erasing(found: Erasing, console: Console) -> None:
    """What went or would go, and what is out of reach."""
    verb = "Erased" if found.done else "Would erase"
    records = ", ".join(f"{number} of {name}" for name, number in found.records.items())
    lines = [f"{verb} the records of one person: {records}."]
    lines += [f"  {name}  {number:,} rows" for name, number in found.rows.items()]
    lines += [f"  earlier warehouses  {found.kept_warehouses} files"] if found.kept_warehouses else []
    if found.tables_of_others:
        lines.append("Tables of your own name the person; they are yours to mend, and so are their bytes:")
        lines += [f"  {name}  {number:,} rows" for name, number in found.tables_of_others.items()]
    lines += ["Out of reach:", *(f"  {place}" for place in found.out_of_reach)]
    lines += [] if found.done else ["Nothing was changed. Add --yes to do it."]
    console.print("\n".join(lines), markup=False, soft_wrap=True)


def print_rollback(since: datetime, place: str, console: Console) -> None:
    """Which warehouse is published now."""
    at = since.isoformat(sep=" ", timespec="seconds")
    console.print(f"ok: {place} is as it was before it was replaced at {at}.", markup=False, soft_wrap=True)


def _whom(record_id: str | None, email: str | None, stream: str | None) -> Whom:
    from pipelines.personal.erase import Whom

    return Whom(record_id, sys.stdin.readline().strip() if email == "-" else email, stream)


def _console(*, as_json: bool) -> Console:
    return Console(stderr=as_json, highlight=False)


def _say(found: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(found, ensure_ascii=False) + "\n")
    sys.stdout.flush()
