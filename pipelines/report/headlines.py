"""The few numbers at the top of the page, each beside what it was before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from pipelines.report.words import NOTHING, number, percent, rate

if TYPE_CHECKING:
    from collections.abc import Callable

Row: TypeAlias = dict[str, Any]

_RECENT_DAYS: Final = 30
_LONG_DAYS: Final = 90


@dataclass(frozen=True)
class Headline:
    """A number, and how it compares."""

    label: str
    value: str
    change: str
    means: str


def headlines(ask: Callable[[str], list[Row]], min_n: int, datable_within_days: int) -> list[Headline]:
    """The headline numbers over all sources; each source is measured back from its own last refresh."""
    row = ask(_applications(datable_within_days))[0]
    pipeline = ask(_PIPELINE_BEFORE)[0]["count_before"]
    openings = ask(_OPEN_ROLES)[0]
    stalled = ask(_STALLED)[0]
    return [
        Headline(
            "In the pipeline",
            number(row["in_pipeline"]),
            _difference(row["in_pipeline"], pipeline, "there 30 days before"),
            "Applications that are open and shown.",
        ),
        *(
            Headline(
                label,
                number(row[name]),
                _difference(row[name], row[f"{name}_before"], "in the 30 days before"),
                f"{means} Only events that can be dated.",
            )
            for label, name, means in (
                ("New applications, 30 days", "applied", "Applied in the last 30 days."),
                ("First interviews, 30 days", "interview", "Came to the interview stage for the first time."),
                ("Hires, 30 days", "hired", "Hired in the last 30 days."),
            )
        ),
        Headline(
            "Median days to hire, 90 days",
            _days(row["days_to_hire"], row["days_to_hire_n"], min_n),
            _days_before(row, min_n),
            "From application to hire, for hires of the last 90 days.",
        ),
        Headline(
            "Offers accepted, 90 days",
            rate(row["accepted"], row["answered"], min_n).partition(" (")[0],
            f"{number(row['accepted'])} of {number(row['answered'])};"
            f" {rate(row['accepted_before'], row['answered_before'], min_n)} in the 90 days before",
            "Accepted, of the offers extended in the last 90 days that were accepted, declined or rescinded.",
        ),
        Headline(
            "Open roles",
            number(openings["open_roles"]),
            f"{number(openings['to_hire'] or 0)} hires to make; {number(openings['empty_roles'])} without candidates",
            "Roles in state open, as of the last refresh.",
        ),
        Headline(
            "Stalled",
            number(stalled["stalled"]),
            f"{percent(stalled['stalled'] / stalled['all_waiting'])} of the pipeline"
            if stalled["all_waiting"]
            else NOTHING,
            "In their step for longer than nine in ten finished visits took.",
        ),
    ]


def readings(ask: Callable[[str], list[Row]]) -> str:
    """How far the page may be trusted, in one sentence: how many lists the last readings got whole."""
    row = ask(_READINGS)[0]
    if not row["lists"]:
        return "No list has been read yet."
    told = f"{number(row['complete'])} of {number(row['lists'])} lists were read whole at their last reading"
    return f"{told}, {number(row['proven'])} of them proven row by row."


def _difference(now: int, before: int | None, when: str) -> str:
    if before is None:
        return f"not known {when}"
    sign = "+" if now > before else "−" if now < before else "±"  # noqa: RUF001 - a minus sign
    return f"{sign}{number(abs(now - before))} from {number(before)} {when}"


def _days_before(row: Row, min_n: int) -> str:
    """The median of the period before, and by how much it has changed."""
    now, before = row["days_to_hire"], row["days_to_hire_before"]
    told = f"{_days(before, row['days_to_hire_before_n'], min_n)} in the 90 days before"
    if min(row["days_to_hire_n"], row["days_to_hire_before_n"]) < min_n or now is None or before is None:
        return told
    step = round(now, 1) - round(before, 1)
    sign = "+" if step > 0 else "−" if step < 0 else "±"  # noqa: RUF001 - a minus sign
    return f"{sign}{number(abs(step), 1)} from {told}"


def _days(value: float | None, n: int, min_n: int) -> str:
    return f"too few ({number(n)})" if n < min_n else NOTHING if value is None else number(value, 1)


def _applications(datable_within_days: int) -> str:
    events = ("applied", "interview", "hired", "offer")
    dated = ",\n        ".join(
        f"case when applications.{event}_not_after - applications.{event}_not_before"
        f" <= interval '{datable_within_days} days' then applications.{event}_at end as {event}_at"
        for event in events
    )
    counts = ",\n    ".join(
        f"{_count(f'{event}_at', 0, _RECENT_DAYS)} as {event},\n"
        f"    {_count(f'{event}_at', _RECENT_DAYS, 2 * _RECENT_DAYS)} as {event}_before"
        for event in events[:3]
    )
    medians = ",\n    ".join(
        f"percentile_cont(0.5) within group (order by case when {_between('hired_at', young, old)}"
        f" then days_to_hire end) as days_to_hire{name},\n"
        f"    count(case when {_between('hired_at', young, old)} then days_to_hire end) as days_to_hire{name}_n,\n"
        f"    count(case when {_between('offer_at', young, old)} and offer_outcome = 'accepted' then 1 end)"
        f" as accepted{name},\n"
        f"    count(case when {_between('offer_at', young, old)}"
        f" and offer_outcome in ('accepted', 'declined', 'rescinded') then 1 end) as answered{name}"
        for name, young, old in (("", 0, _LONG_DAYS), ("_before", _LONG_DAYS, 2 * _LONG_DAYS))
    )
    return f"""
with

dated as (

    select
        applications.is_in_pipeline,
        applications.offer_outcome,
        cast(applications.days_to_hire as double precision) as days_to_hire,
        accounts.as_of_at,
        {dated}
    from marts.fct_applications as applications
    inner join intermediate.int_accounts__dated as accounts
        on
            applications.platform = accounts.platform
            and applications.account = accounts.account

)

select
    count(case when is_in_pipeline then 1 end) as in_pipeline,
    {counts},
    {medians}
from dated
"""


def _between(instant: str, young: int, old: int) -> str:
    return f"({instant} > as_of_at - interval '{old} days' and {instant} <= as_of_at - interval '{young} days')"


def _count(instant: str, young: int, old: int) -> str:
    return f"count(case when {_between(instant, young, old)} then 1 end)"


_PIPELINE_BEFORE: Final = """
select sum(daily.count_closing) as count_before
from marts.fct_pipeline_daily as daily
inner join intermediate.int_accounts__dated as accounts
    on
        daily.platform = accounts.platform
        and daily.account = accounts.account
        and daily.date_day = accounts.as_of_date - 30
"""
_READINGS: Final = """
select
    count(*) as lists,
    count(case when last_verdict in ('proven', 'count_complete') then 1 end) as complete,
    count(case when last_verdict = 'proven' then 1 end) as proven
from reports.rpt_freshness
"""
_OPEN_ROLES: Final = """
select
    count(*) as open_roles,
    sum(count_remaining) as to_hire,
    count(
        case
            when count_applied + count_screening + count_assessment + count_interview + count_offer + count_unknown = 0
                then 1
        end
    ) as empty_roles
from reports.rpt_open_roles
"""
_STALLED: Final = """
select
    count(*) as all_waiting,
    count(case when is_stalled then 1 end) as stalled
from reports.rpt_aging_applications
"""
