"""The report: one HTML page that holds everything it shows and asks nobody for anything.

Charts are drawn as SVG by a short script in the page, from the very tables that stand under them. A charting library
would add 0.9 MB of script, need `eval` (which the page's own security policy forbids), and leave its marks out of reach
of the page's colours, filters and print style; the tables are written here, so that they are there without any script.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from connector.errors import CannotWrite
from pipelines.report.gather import gather
from pipelines.report.page import page
from pipelines.report.panels import CHAPTERS

if TYPE_CHECKING:
    from pipelines.warehouse import Warehouse

MOST_BYTES: Final = 2_000_000
MOST_ROLES: Final = 400
FEWEST_ROLES: Final = 12


def write_report(warehouse: Warehouse, path: Path | str, *, today: datetime | None = None) -> Path:
    """Write the page of a warehouse to a file and hand back where it is; `today` is when it says it was written.

    Raises UsageError when there is no warehouse or no report in it, CannotWrite when the file cannot be written.
    """
    path = Path(path).expanduser()
    text = report_text(warehouse, today=today or datetime.now(UTC))
    draft = path.with_name(f".{path.name}.writing")
    try:
        draft.write_text(text, encoding="utf-8", newline="\n")
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise CannotWrite(
            f"The report could not be written to {path}: {error.strerror}.", "Name another place with --output."
        ) from error
    return path


def report_text(warehouse: Warehouse, *, today: datetime, most_bytes: int = MOST_BYTES) -> str:
    """The page; the fewer roles have filters of their own the smaller it is, so that it fits a mail."""
    panels = [panel for chapter in CHAPTERS for panel in chapter.panels]
    roles = MOST_ROLES
    while True:
        text = page(gather(warehouse, panels, most_roles=roles), CHAPTERS, today)
        size = len(text.encode())
        if size <= most_bytes or roles <= FEWEST_ROLES:
            return text
        roles = max(FEWEST_ROLES, min(roles // 2, roles * most_bytes // size))
