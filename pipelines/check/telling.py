"""Findings for people and for programs."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from connector.reading.assumption import Outcome
from pipelines.tell import say

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


def print_findings(findings: Sequence[Finding], console: Console) -> None:
    """Account by account: a line for all that holds of a subject, then a line each for what does not, gravest last."""
    width = max((len(finding.subject) for finding in findings), default=0)
    for account in dict.fromkeys(finding.account for finding in findings):
        of_account = [finding for finding in findings if finding.account == account]
        console.print(account or "here", markup=False, style="bold")
        for subject, count in Counter(one.subject for one in of_account if one.outcome is Outcome.HOLDS).items():
            whole = count == sum(one.subject == subject for one in of_account)
            words = f"{'all' if whole else 'the rest':<{NUMBER_WIDTH}} {Outcome.HOLDS:<10} {subject:<{width}}"
            console.print(f"{words}  ({count} {'checks' if count > 1 else 'check'})", markup=False, soft_wrap=True)
        for outcome in (Outcome.NOT_TESTED, Outcome.WARNING, Outcome.BROKEN):
            for finding in (one for one in of_account if one.outcome is outcome):
                say(console, line(finding, width), style=STYLES.get(outcome))
    counts = {outcome: sum(finding.outcome is outcome for finding in findings) for outcome in Outcome}
    told = ", ".join(f"{count} {WORDS[outcome][count > 1]}" for outcome, count in counts.items() if count)
    say(
        console,
        f"{told}. {'Mend what is broken, then check again.' if counts[Outcome.BROKEN] else 'Next: hiring-elt plan'}",
    )


WORDS: Final = {
    Outcome.HOLDS: ("holds", "hold"),
    Outcome.BROKEN: ("is broken", "are broken"),
    Outcome.NOT_TESTED: ("was not tested", "were not tested"),
    Outcome.WARNING: ("warning", "warnings"),
}
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
