"""What a refresh did, for people: a line a stream, then what is not proven, then the next step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipelines.refresh import account_name, stream_name, words_of_part
from pipelines.tell import say
from pipelines.text_table import lines

if TYPE_CHECKING:
    from rich.console import Console

    from connector.reading.harvest import SweepNote
    from pipelines.refresh import Outcome

COUNTS: Final = ("rows", "new", "changed", "gone", "requests")


def print_summary(outcome: Outcome, console: Console) -> None:
    """Print the summary of a refresh."""
    rows = [
        (
            stream_name(harvest, note),
            note.verdict,
            *(f"{count:,}" for count in _counts(note)),
            f"{note.seconds:.1f}",
        )
        for harvest in outcome.harvests
        for note in harvest.sweeps.values()
    ]
    for line in lines(("stream", "verdict", *COUNTS, "seconds"), rows, right=(*COUNTS, "seconds")):
        console.print(line, markup=False, soft_wrap=True)
    for line in remarks(outcome):
        say(console, line)
    requests = sum(harvest.requests for harvest in outcome.harvests)
    versions = sum(harvest.rows_changed for harvest in outcome.harvests)
    say(
        console,
        f"{outcome.word}: {versions:,} new versions, {requests:,} requests, {outcome.seconds:.1f} s -> {outcome.place}",
    )


def _counts(note: SweepNote) -> tuple[int, ...]:
    return (note.count_distinct, note.rows_new, note.rows_changed, note.rows_gone, note.requests)


def remarks(outcome: Outcome) -> list[str]:
    """What a reader should know besides the counts."""
    told = []
    for name, error in outcome.failures.items():
        told.append(f"{name}: {words_of_part(error)}")
    for harvest in outcome.harvests:
        for note in harvest.sweeps.values():
            whose = stream_name(harvest, note)
            if note.troubled and note.reason and not outcome.failures.get(whose.rsplit(".", 1)[0]):
                told.append(f"{whose}: {note.verdict}: {note.reason}")
            elif note.verdict == "count_complete":
                told.append(f"{whose}: not proven, but complete by count: {note.reason}")
        told += [f"{account_name(harvest)}: {one.number} {one.outcome}  {one.details}" for one in harvest.findings]
        if harvest.quarantined:
            told.append(f"{len(harvest.quarantined)} values or records did not fit; see meta.quarantine.")
        gone = [f"{entry.resource}.{entry.field}" for entry in harvest.drift if entry.kind == "field_gone"]
        if gone:
            told.append(f"{harvest.platform} no longer sends {', '.join(gone[:5])}; see meta.drift.")
        new = sorted({f"{entry.resource}.{entry.field}" for entry in harvest.drift if entry.kind == "new_field"})
        if new:
            told.append(f"{harvest.platform} sends fields we do not know: {', '.join(new[:5])}; see meta.drift.")
    if outcome.built is not None and outcome.built.warnings:
        told.append(f"Warnings of the model tests: {', '.join(outcome.built.warnings[:5])}.")
    return told
