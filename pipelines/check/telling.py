"""Findings for people and for programs."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from connector.reading.assumption import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from connector.reading.assumption import Finding

GRAVEST_FIRST: Final = (2, 3, 8, 7, 4, 5)
OUTCOMES: Final = {
    0: "ok",
    2: "usage",
    3: "key_refused",
    4: "locked",
    5: "partial",
    7: "cannot_write",
    8: "source_unavailable",
}
NUMBER_WIDTH: Final = 10
"""The width of `time field`, the longest word of a number."""


def exit_status(findings: Sequence[Finding]) -> int:
    """0 when all holds, else what the gravest broken one calls for."""
    statuses = {finding.exit_status for finding in findings if finding.is_broken}
    return next((status for status in GRAVEST_FIRST if status in statuses), 0)


def print_findings(findings: Sequence[Finding], console: Console, *, all_of_them: bool = True) -> None:
    """A line a finding, under a heading an account; then what it comes to."""
    account = None
    width = max((len(finding.subject) for finding in findings), default=0)
    for finding in findings:
        if not all_of_them and finding.outcome is Outcome.HOLDS:
            continue
        if finding.account != account:
            account = finding.account
            console.print(account or "here", markup=False, style="bold")
        console.print(line(finding, width), markup=False, soft_wrap=True, style=STYLES.get(finding.outcome))
    counts = {outcome: sum(finding.outcome is outcome for finding in findings) for outcome in Outcome}
    told = ", ".join(f"{count} {outcome}" for outcome, count in counts.items() if count)
    console.print(f"{told}.", markup=False)


STYLES: Final = {Outcome.BROKEN: "red", Outcome.WARNING: "yellow"}


def line(finding: Finding, width: int = 0) -> str:
    """One finding as a line of text."""
    words = f"{finding.number:<{NUMBER_WIDTH}} {finding.outcome:<10} {finding.subject:<{width}}  {finding.details}"
    return words.rstrip()


def as_json(findings: Sequence[Finding]) -> dict[str, Any]:
    """The object behind `--json`."""
    status = exit_status(findings)
    return {
        "outcome": OUTCOMES[status],
        "exit_status": status,
        "findings": [
            {name: value for name, value in asdict(finding).items() if value != "" and name not in HIDDEN}
            for finding in findings
        ],
    }


HIDDEN: Final = {"exit_status", "stops"}
