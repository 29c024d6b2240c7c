"""The whole way on a simulated company: two refreshes with time passing between, then the funnel and the report."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from connector.errors import CannotWrite, UsageError
from pipelines.refresh import Options, Outcome, refresh
from pipelines.report import write_report
from pipelines.summary import print_summary
from pipelines.text_table import lines
from pipelines.warehouse import open_warehouse

if TYPE_CHECKING:
    import threading

    from rich.console import Console

    from pipelines.tell import Tell

DAYS_BETWEEN: Final = 30
BAR_CHARACTERS: Final = 40
NEXT: Final = (
    '  hiring-elt query "from answers.open_roles"',
    "  hiring-elt explain hiring_funnel stage=offer",
    "  hiring-elt status --max-age 48",
)
FUNNEL: Final = """
    select
        stage,
        max(stage_rank) as stage_rank,
        cast(sum(count_reached) as bigint) as reached,
        cast(sum(count_lost) as bigint) as lost
    from reports.rpt_hiring_funnel
    group by stage
    order by stage_rank
"""


@dataclass(frozen=True)
class DemoResult:
    """Where the demo left its files, and how its last refresh went."""

    warehouse: Path
    report: Path
    outcome: Outcome


def run_demo(
    folder: Path, console: Console, tell: Tell, stop: threading.Event, *, candidates: int = 300, seed: int = 7
) -> DemoResult:
    """Run it in a folder of its own: a real warehouse is never touched, an earlier demo is replaced."""
    try:
        from connector.sandbox import Company, serve
    except ImportError:
        raise UsageError("The sandbox is not installed.", "Run: pip install 'hiring-elt[sandbox]'") from None
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        warehouse, report = folder / "hiring.duckdb", folder / "hiring-report.html"
        warehouse.unlink(missing_ok=True)
    except OSError as error:
        raise CannotWrite(f"{folder}: {error.strerror}.", "Choose another folder with --folder.") from None
    console.print(f"A simulated company, {candidates} applicants in half a year, on this machine.", markup=False)
    # It ends its half year so long ago that the second refresh is of today.
    company = Company(seed=seed, candidates=candidates, days=180, end=datetime.now(UTC) - timedelta(days=DAYS_BETWEEN))
    with serve(company, requests_per_minute=None, tailed_requests_per_minute=None) as server:
        _point_at(server.environment())
        options = Options(warehouse=str(warehouse), accounts=("default",))
        console.print("\nFirst refresh: everything is new. The models wait for the second.", markup=False)
        print_summary(refresh(replace(options, skip_build=True), tell, stop), console)
        company.advance(days=DAYS_BETWEEN)
        console.print(f"\n{DAYS_BETWEEN} days pass. Second refresh: only what changed.", markup=False)
        outcome = refresh(options, tell, stop)
        print_summary(outcome, console)
    write_report(open_warehouse(str(warehouse)), report)
    _print_funnel(warehouse, console)
    console.print(f"\nWarehouse  {warehouse.resolve()}\nReport     {report.resolve()}", markup=False, soft_wrap=True)
    for line in ("\nLook around:", f"  cd {folder}", *NEXT):
        console.print(line, markup=False, soft_wrap=True)
    return DemoResult(warehouse, report, outcome)


def _point_at(environment: dict[str, str]) -> None:
    """Point this process at the sandbox; the sandbox counts no requests, so neither do we."""
    os.environ.update(environment)
    for platform in ("TALENT_RAY", "TAILED"):
        os.environ[f"SOURCES__{platform}__REQUESTS_PER_MINUTE"] = "60000"


def _print_funnel(warehouse: Path, console: Console) -> None:
    """The funnel of all applications, a bar a stage."""
    rows = open_warehouse(str(warehouse)).query(FUNNEL).to_pylist()
    largest = max((row["reached"] for row in rows), default=0) or 1
    told = [
        (
            row["stage"],
            f"{row['reached']:,}",
            "█" * round(BAR_CHARACTERS * row["reached"] / largest),
            "" if row["lost"] is None else f"{row['lost']:,}",
        )
        for row in rows
    ]
    console.print("\nHow far applications came", markup=False)
    for line in lines(("stage", "reached", " " * BAR_CHARACTERS, "lost here"), told, right=("reached", "lost here")):
        console.print(line, markup=False, soft_wrap=True)
