"""What to do with a row that the list shows in an older version than the one that is stored."""

from datetime import datetime
from typing import Literal, TypeAlias

from connector.absence.question import Answer, Found

Choice: TypeAlias = Literal["keep_stored", "take_answer"]


def is_older(listed: datetime | None, stored: datetime | None) -> bool:
    """Whether the list's version was last updated before the stored one: a reason to ask for the row by id, once."""
    return listed is not None and stored is not None and listed < stored


def resolve_older(stored: datetime, answer: Answer, answered: datetime | None) -> tuple[Choice, str | None]:
    """Which version holds, and a note of drift. `answered` is the updatedAt of the answer by id.

    A newer answer wins: the list came from a stale replica. An old one is the truth now: a backup was restored.
    """
    if not isinstance(answer, Found):
        return "keep_stored", None
    if is_older(answered, stored):
        return "take_answer", "a row went back to an older version than the stored one"
    return "take_answer", None
