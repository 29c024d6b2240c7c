"""What the page shows, chapter by chapter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipelines.report.panels import choices, durations, flow, state, trust

if TYPE_CHECKING:
    from pipelines.report.panel import Chapter

CHAPTERS: Final[tuple[Chapter, ...]] = (
    flow.CHAPTER,
    durations.CHAPTER,
    state.CHAPTER,
    choices.SOURCING,
    choices.SCORES,
    choices.ENDINGS,
    trust.CHAPTER,
)
