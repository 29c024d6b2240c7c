"""The vendors' words and what they mean, ids as the models write them, and the canonical stages."""

from __future__ import annotations

STAGES = ("applied", "screening", "assessment", "interview", "offer", "hired")
RANK = {"lead": 0, **{stage: rank for rank, stage in enumerate(STAGES, start=1)}}
CLOSED = ("hired", "rejected", "withdrawn")

STEP_TYPE = {
    "application_form": "applied",
    "cv_screening": "screening",
    "ai_assessment": "assessment",
    "interview": "interview",
    "offer": "offer",
    "contract": "offer",
    "reference_check": "inherit",
    "document_upload": "inherit",
    "custom": "inherit",
}
APPLICATION_STATUS = {"in pipeline": "open", "hired": "hired", "rejected": "rejected", "withdrawn": "withdrawn"}
OFFER_RESPONSE = {"accepted": "accepted", "declined": "declined", "rejected": "declined"}
ROLE_STATE = {
    "open": "open",
    "active": "open",
    "draft": "draft",
    "on_hold": "on_hold",
    "paused": "on_hold",
    "filled": "filled",
    "closed": "closed",
    "cancelled": "closed",
}
TAILED_STAGE = {
    "new": "applied",
    "applied": "applied",
    "screening": "screening",
    "assessment": "assessment",
    "interview": "interview",
    "offer": "offer",
    "hired": "hired",
}
TAILED_STAGE_OUTCOME = {"hired": "hired", "rejected": "rejected"}
TAILED_STATUS = {
    "active": "open",
    "open": "open",
    "hired": "hired",
    "rejected": "rejected",
    "withdrawn": "withdrawn",
}
REASON = {
    "not qualified": "qualification",
    "lacks required skills": "qualification",
    "insufficient experience": "experience",
    "not enough experience": "experience",
    "overqualified": "overqualified",
    "low score": "score",
    "score below threshold": "score",
    "failed assessment": "score",
    "salary expectations": "salary",
    "salary expectations too high": "salary",
    "position filled": "position filled",
    "role filled": "position filled",
    "role closed": "position closed",
    "no longer interested": "candidate's choice",
    "accepted another offer": "candidate's choice",
    "declined offer": "candidate's choice",
    "no show": "no answer",
    "no response": "no answer",
    "location": "location",
    "work permit": "work permit",
    "culture fit": "fit with the team",
}


def word(value: str | None) -> str | None:
    """A vendor's word as it is looked up; blank is none."""
    text = (value or "").strip().lower()
    return text or None


def meaning(vocabulary: dict[str, str], value: str | None) -> str | None:
    """What a word says: null when there is none, `unknown` when the map has no row for it."""
    text = word(value)
    return None if text is None else vocabulary.get(text, "unknown")


def reason(text: str | None) -> str:
    """The reason behind a free text."""
    found = word(text)
    return "not given" if found is None else REASON.get(found, "other")


def part(value: str | None) -> str:
    """One part of an id."""
    return "(none)" if value is None else str(value).replace("%", "%25").replace(":", "%3A")


def entity_id(platform: str, account: str, *parts: str | None) -> str:
    """The id of a record."""
    return ":".join((platform, part(account), *(part(value) for value in parts)))
