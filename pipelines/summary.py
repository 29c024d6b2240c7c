"""What a refresh did, for people: a line a stream, then what is not proven, then the next step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

from pipelines.refresh import stream_name

if TYPE_CHECKING:
    from rich.console import Console

    from pipelines.refresh import Outcome


def print_summary(outcome: Outcome, console: Console) -> None:
    """Print the summary of a refresh."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("stream", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    for name in ("rows", "new", "changed", "gone", "requests", "seconds"):
        table.add_column(name, justify="right")
    for harvest in outcome.harvests:
        for note in harvest.sweeps.values():
            counts = (note.count_distinct, note.rows_new, note.rows_changed, note.rows_gone, note.requests)
            table.add_row(stream_name(harvest, note), note.verdict, *(f"{n:,}" for n in counts), f"{note.seconds:.1f}")
    console.print(table)
    for line in remarks(outcome):
        console.print(line, markup=False, soft_wrap=True)
    requests = sum(harvest.requests for harvest in outcome.harvests)
    rows = sum(harvest.rows_changed for harvest in outcome.harvests)
    console.print(
        f"{outcome.word}: {rows:,} new versions, {requests:,} requests, {outcome.seconds:.1f} s -> {outcome.place}",
        markup=False,
        soft_wrap=True,
    )


def remarks(outcome: Outcome) -> list[str]:
    """What a reader should know besides the counts."""
    lines = []
    for name, error in outcome.failures.items():
        lines.append(f"{name}: {error}")
    for harvest in outcome.harvests:
        for note in harvest.sweeps.values():
            whose = stream_name(harvest, note)
            if note.troubled and note.reason and not outcome.failures.get(whose.rsplit(".", 1)[0]):
                lines.append(f"{whose}: {note.verdict}: {note.reason}")
            elif note.verdict == "count_complete":
                lines.append(f"{whose}: not proven, but complete by count: {note.reason}")
        if harvest.quarantined:
            lines.append(f"{len(harvest.quarantined)} values or records did not fit; see meta.quarantine.")
        gone = [f"{entry.resource}.{entry.field}" for entry in harvest.drift if entry.kind == "field_gone"]
        if gone:
            lines.append(f"{harvest.platform} no longer sends {', '.join(gone[:5])}; see meta.drift.")
        new = sorted({f"{entry.resource}.{entry.field}" for entry in harvest.drift if entry.kind == "new_field"})
        if new:
            lines.append(f"{harvest.platform} sends fields we do not know: {', '.join(new[:5])}; see meta.drift.")
    if outcome.built is not None and outcome.built.warnings:
        lines.append(f"Warnings of the model tests: {', '.join(outcome.built.warnings[:5])}.")
    return lines
