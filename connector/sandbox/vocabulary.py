"""The words this company uses: departments, pipelines, reasons, tests. Data, no loops."""

# ruff: noqa: RUF001 - the letters are meant.

from __future__ import annotations

from typing import Literal, NamedTuple

Need = Literal["required", "skippable", "optional"]
"""Skippable and optional steps may be skipped; optional ones are not required either."""


class Template(NamedTuple):
    """One step of a pipeline as a role copies it."""

    name: str
    step_type: str
    validation: str
    passing_score: int | None
    need: Need
    pass_rate: float
    work_days: float
    decision_days: float


SCREENING = Template("CV Screening", "cv_screening", "score_threshold", 60, "required", 0.52, 0.02, 1.5)
FORM = Template("Application form", "application_form", "auto", None, "required", 0.92, 1.0, 0.01)
ASSESSMENT = Template("AI Assessment", "ai_assessment", "score_threshold", 55, "skippable", 0.66, 3.0, 0.5)
FIRST_INTERVIEW = Template("HR interview", "interview", "manual", None, "required", 0.62, 5.0, 1.5)
PANEL = Template("Panel interview", "interview", "manual", None, "skippable", 0.58, 6.0, 2.5)
DOCUMENTS = Template("Documents", "document_upload", "auto", None, "optional", 0.97, 2.0, 0.3)
REFERENCES = Template("References", "reference_check", "manual", None, "optional", 0.93, 4.0, 1.0)
TRIAL_DAY = Template("Trial day – Probearbeit", "custom", "manual", None, "optional", 0.8, 6.0, 1.0)
OFFER = Template("Offer", "offer", "manual", None, "required", 0.95, 1.5, 4.0)
CONTRACT = Template("Contract", "contract", "manual", None, "required", 0.97, 2.0, 2.0)

PIPELINES: tuple[tuple[int, tuple[Template, ...]], ...] = (
    (30, (SCREENING, ASSESSMENT, FIRST_INTERVIEW, PANEL, OFFER)),
    (20, (SCREENING, FIRST_INTERVIEW, OFFER)),
    (18, (FORM, SCREENING, ASSESSMENT, FIRST_INTERVIEW, REFERENCES, OFFER, CONTRACT)),
    (14, (SCREENING, DOCUMENTS, FIRST_INTERVIEW, TRIAL_DAY, OFFER)),
    (10, (FORM, FIRST_INTERVIEW, PANEL, REFERENCES, OFFER, CONTRACT)),
    (8, ()),
)

ROLE_NAMES: tuple[tuple[str, str, str], ...] = (
    ("Data Engineer", "Platform", "white"),
    ("Backend Developer", "Engineering", "white"),
    ("Yazılım Mühendisi", "Engineering", "white"),
    ("Product Designer", "Product", "white"),
    ("Account Manager", "Sales", "white"),
    ("Customer Advisor", "Service", "gray"),
    ("Warehouse Operator", "Logistics", "blue"),
    ("Lagerfachkraft (m/w/d)", "Logistics", "blue"),
    ("HR Business Partner", "People", "white"),
    ("Finance Analyst", "Finance", "white"),
    ("مهندس مدني", "Construction", "gray"),
    ("Research Intern", "Research", "white"),
)
LOCATIONS = ("Dubai", "İstanbul", "Berlin", "Remote", "Montréal", "الرياض", None)
WORK_TYPES = ("remote", "hybrid", "onsite", None)
PRIORITIES = ("high", "medium", "Low", None)
LEVELS = ("junior", "mid", "senior", "lead", None)
CURRENCIES = ("EUR", "AED", "TRY", None)

OPEN_WORDS = ("open", "open", "open", "Open", "OPEN", "active")
HOLD_WORDS = ("on_hold", "On_Hold", "paused")
FILLED_WORDS = ("filled", "Filled")
CLOSED_WORDS = ("closed", "Closed", "cancelled", "Archived")

IN_PIPELINE = "In Pipeline"
IN_PIPELINE_WORDS = ("In Pipeline",) * 8 + ("in pipeline", "IN PIPELINE")
HIRED_WORDS = ("Hired", "Hired", "hired")
REJECTED_WORDS = ("Rejected", "Rejected", "REJECTED")
WITHDRAWN_WORDS = ("Withdrawn", "withdrawn")
UNMAPPED_WORDS = ("Parked", "Talent Pool", "Second Review")
ACCEPTED_WORDS = ("accepted", "accepted", "Accepted")
DECLINED_WORDS = ("declined", "declined", "Declined", "rejected")
CANDIDATE_WORDS = ("Active", "Active", "Active", "active", "Invited", "ACTIVE")

REASONS = (
    "Experience does not match",
    "Salary expectations",
    "Failed the assessment",
    "Position filled",
    "Language level, German B2 needed",
    "Not a culture fit",
    'Said: "no thanks", see note;\nsecond line',
    None,
    "",
)
SKILLS = ("sql", "dbt", "python", "excel", "forklift", "SAP", "Türkçe", "negotiation", "C++", "figma", "العربية")
LEAD_POOL_WORDS = ("Pool", "Pool", "Contacted", "Archived")
LEAD_ROLE_WORDS = ("Assigned", "Assigned", "assigned", "Shortlisted")

TESTS: tuple[tuple[str, str, str, int, str | None, str], ...] = (
    ("SQL basics", "multiple_choice", "hard_skill", 25, None, "en"),
    ("Python in practice", "coding", "hard_skill", 60, "developer", "en"),
    ("Sözel akıl yürütme", "multiple_choice", "cognitive", 30, None, "tr"),
    ("Work style", "questionnaire", "personality", 15, None, "en"),
    ("الاختبار اللغوي", "multiple_choice", "language", 20, None, "ar"),
    ("Verkaufsgespräch", "video", "soft_skill", 20, "sales", "de"),
    ("Lagerlogik", "multiple_choice", "hard_skill", 20, "operator", "de"),
    ("Numerical reasoning", "multiple_choice", "cognitive", 30, None, "en"),
    ("Integrity", "questionnaire", "Personality", 10, None, "en"),
    ("Spreadsheet skills", "practical", "hard_skill", 40, "analyst", "en"),
)
