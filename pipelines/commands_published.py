"""The commands that read what is published; none of them asks a platform or changes the warehouse."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from connector.errors import UsageError
from pipelines.options import AsJson, Warehouse, errors, say_json

if TYPE_CHECKING:
    from pipelines.warehouse import Warehouse as Published

app = typer.Typer()
_IN_EVERY_ID = ("platform", "account", "organization_id")
"""Columns that a terminal is spared: the ids beside them begin with the same words."""


@app.command()
def status(
    warehouse: Warehouse = None,
    max_age: Annotated[
        float, typer.Option(metavar="HOURS", help="Hours after which a stream counts as stale.", min=0)
    ] = 26,
    as_json: AsJson = False,
) -> None:
    """Show how fresh and how whole each stream is. Exit 5 when one is stale."""
    from pipelines.status import print_status, status_of

    found = status_of(published(warehouse), max_age=timedelta(hours=max_age))
    print_status(found, errors if as_json else Console(highlight=False))
    if as_json:
        say_json(found.as_json())
    raise typer.Exit(found.exit_status)


@app.command()
def report(
    warehouse: Warehouse = None,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="Where to write the page.")] = Path(
        "hiring-report.html"
    ),
) -> None:
    """Write the HTML report: one page, no network, no personal data."""
    from pipelines.report import write_report

    console = Console(highlight=False)
    console.print(f"Report  {write_report(published(warehouse), output).resolve()}", markup=False, soft_wrap=True)


@app.command()
def docs(
    warehouse: Warehouse = None,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="Where to write the page.")] = Path(
        "hiring-docs.html"
    ),
) -> None:
    """Write the documentation of all tables: one static page."""
    from pipelines.docs import write_docs

    console = Console(highlight=False)
    console.print(f"Docs  {write_docs(published(warehouse), output).resolve()}", markup=False, soft_wrap=True)


# A query may begin with a comment, which looks like an option.
@app.command(context_settings={"ignore_unknown_options": True})
def query(
    sql: Annotated[
        str, typer.Argument(metavar="SQL", help="One reading statement, such as: select * from reports.rpt_open_roles")
    ],
    warehouse: Warehouse = None,
    as_format: Annotated[str, typer.Option("--format", metavar="FORM", help="table, csv or json.")] = "table",
) -> None:
    """Ask the published warehouse one question. Nothing is changed and nobody is kept out."""
    from pipelines.query import run_query

    sys.stdout.write(run_query(published(warehouse), sql, as_format).rstrip("\n") + "\n")  # type: ignore[arg-type]


@app.command()
def explain(
    report: Annotated[str, typer.Argument(metavar="REPORT", help="A report, such as hiring_funnel.")],
    conditions: Annotated[
        list[str] | None, typer.Argument(metavar="COLUMN=VALUE", help="Which of its numbers; a month as 2026-03.")
    ] = None,
    warehouse: Warehouse = None,
    as_json: AsJson = False,
) -> None:
    """List the applications behind a number of a report. Each with how certain it is."""
    from pipelines.explain import explain as members
    from pipelines.query import ROWS_ON_A_TERMINAL, as_table
    from pipelines.settings import load

    filters = dict(_pair(condition) for condition in conditions or ())
    zone = load(warehouse=warehouse, need_accounts=False).report_timezone
    rows = members(published(warehouse), report, filters, report_timezone=zone)
    if as_json:
        say_json({"outcome": "ok", "exit_status": 0, "rows": [{n: _text(v) for n, v in row.items()} for row in rows]})
        return
    console = Console(highlight=False)
    if rows:
        shown = [name for name in rows[0] if name not in _IN_EVERY_ID]
        table, *_ = as_table(shown, [[row[name] for name in shown] for row in rows]).rstrip().rpartition("\n")
        console.print(table, markup=False, soft_wrap=True)
    more = f" The first {ROWS_ON_A_TERMINAL:,} are shown; --json has all." if len(rows) > ROWS_ON_A_TERMINAL else ""
    console.print(f"{len(rows):,} applications.{more}", markup=False)


def published(warehouse: str | None) -> Published:
    """The warehouse of the options and settings, as it is published."""
    from pipelines.settings import load
    from pipelines.warehouse import open_warehouse

    return open_warehouse(load(warehouse=warehouse, need_accounts=False).warehouse)


def _pair(condition: str) -> tuple[str, str]:
    name, found, value = condition.partition("=")
    if not found:
        raise UsageError(f"{condition!r} is no condition.", "Write it as column=value.")
    return name.strip(), value.strip()


def _text(value: object) -> str | None:
    return None if value is None else str(value)
