"""Made-up rows for a warehouse of reports: two sources, hostile names, undated rows, small numbers, all from a seed."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path
from typing import Any

from tests.report.report_world import AS_OF, HOSTILE, PERSONAL, STAGES, ReportWorld


def month(number: int) -> dt.date:
    """The first day of a month: 0 is May 2026, 1 the month before."""
    year, place = divmod(2026 * 12 + 4 - number, 12)
    return dt.date(year, place + 1, 1)


def rate(chance: random.Random, name: str) -> dict[str, Any]:
    """A rate as the reports give it, also one over too few cases."""
    n = chance.choice([0, 2, 4, 5, 40, 1200])
    k = chance.randint(0, n)
    share = k / n if n else None
    ends = {f"{name}_low": max(0.0, share - 0.1), f"{name}_high": min(1.0, share + 0.1)} if n else {}
    return {name: share if n >= 5 else None, f"{name}_n": n, **ends}


def spread(chance: random.Random, name: str) -> dict[str, Any]:
    """The spread of a duration, also one over too few cases."""
    n = chance.choice([0, 1, 4, 5, 31])
    points = sorted(chance.choice([chance.uniform(0, 60), 2.25, 0.05, 1234.5]) for _ in range(3))
    told = dict(zip((f"median_{name}", f"p75_{name}", f"p90_{name}"), points, strict=True)) if n >= 5 else {}
    return {f"n_{name}": n, **told}


def small_world(path: Path, *, roles: int = 14, months: int = 6, seed: int = 3) -> ReportWorld:
    """A world with two sources, hostile names, undated rows and small numbers."""
    chance = random.Random(seed)
    world = ReportWorld(path)
    for platform, account in (("talent_ray", "default"), ("tailed", "quebec")):
        world.add("int_accounts__dated", platform=platform, account=account, as_of_at=AS_OF, as_of_date=AS_OF.date())
    for number in range(roles):
        of = {"platform": "tailed", "account": "quebec"} if number % 4 == 3 else {}
        of |= {"role_id": f"{of.get('platform', 'talent_ray')}:{of.get('account', 'default')}:role_{number}"}
        name = HOSTILE[number] if number < len(HOSTILE) else f"Role {number // 2}"
        told = of | {"role_name": name, "department": ("Sales", "<b>R&D</b>", None)[number % 3]}
        _role_rows(world, chance, told, number, months)
    for platform, account in (("talent_ray", "default"), ("tailed", "quebec")):
        _account_rows(world, chance, {"platform": platform, "account": account}, months)
    name, email, phone = PERSONAL
    person = {"candidate_id": "talent_ray:default:cand_canary", "full_name": name, "email": email, "phone": phone}
    world.add("dim_candidates", **person)
    return world


def _role_rows(world: ReportWorld, chance: random.Random, told: dict[str, Any], number: int, months: int) -> None:
    world.add("dim_roles", **told, count_applications=100 - number, role_state="open" if number % 2 else "closed")
    place = {name: value for name, value in told.items() if name not in {"role_name", "department"}}
    for back in [*range(months), None]:
        cohort = None if back is None else month(back)
        if chance.random() < 0.3:
            continue
        _funnel_rows(world, chance, told, cohort)
        extended = [chance.randint(0, 4) for _ in range(5)]
        accepted, declined, rescinded, pending, unknown = extended
        world.add(
            "rpt_offer_outcomes",
            **told,
            extended_month=cohort,
            count_extended=sum(extended),
            count_accepted=accepted,
            count_declined=declined,
            count_rescinded=rescinded,
            n_pending=pending,
            n_unknown=unknown,
            acceptance_rate_n=accepted + declined + rescinded,
            decline_rate_n=accepted + declined,
        )
        world.add(
            "rpt_sourcing_conversion",
            **{k: v for k, v in told.items() if k != "role_id"},
            cohort_month=cohort,
            primary_role_id=told["role_id"] if number else None,
            count_leads=chance.randint(1, 40),
            count_screened=3,
            count_assigned=2,
            count_converted=1,
            count_applied=1,
            count_interviewed=0,
            count_hired=0,
        )
        for outcome, reason in (("rejected", "skills"), ("withdrawn", "not given")):
            world.add(
                "rpt_rejection_reasons",
                **told,
                closed_month=cohort,
                last_stage=chance.choice(STAGES[:5]),
                outcome=outcome,
                reason=reason,
                count_applications=chance.randint(1, 9),
            )
        if back is not None:
            world.add(
                "rpt_time_to_hire", **_levelled(place, "role"), hired_month=cohort, **spread(chance, "days_to_hire")
            )
    world.add(
        "rpt_time_to_hire",
        **_levelled(place, "role"),
        **spread(chance, "days_to_hire"),
        n_undated=1,
        n_in_pipeline=3,
        n_survival=40,
        survival_median_days=chance.choice([None, 33.25]),
    )
    for step in range(3):
        world.add(
            "rpt_time_in_step",
            **told,
            role_step_id=f"{told['role_id']}:s{step}" if step else None,
            step_name=f"Step {step} {told['role_name'][:9]}" if step else None,
            step_order=step,
            stage=STAGES[step],
            **spread(chance, "days_in_step"),
            n_days_to_decide=7,
            median_days_to_decide=1.25,
            n_open=chance.randint(0, 9),
            median_days_so_far=chance.choice([None, 4.5]),
            count_skipped=1,
            count_undated=number,
            share_of_time=chance.choice([None, 0.125]),
        )
    if number % 2:
        _open_role_rows(world, chance, told)
    world.add(
        "rpt_screening_quality",
        **told,
        batch_id=f"talent_ray:default:batch_{number % 3}",
        count_members=9,
        count_scored=7,
        count_recommended=4,
        count_closed=3,
        median_resume_fit_score=61.5,
        **rate(chance, "recommend_rate"),
        **rate(chance, "precision_rate"),
        **rate(chance, "recall_rate"),
    )


def _levelled(place: dict[str, Any], level: str) -> dict[str, Any]:
    found = {name: value for name, value in place.items() if name in {"platform", "account"}}
    return found | {"level": level, "level_id": place["role_id"] if level == "role" else place["account"]}


def _funnel_rows(world: ReportWorld, chance: random.Random, told: dict[str, Any], cohort: dt.date | None) -> None:
    closed = sorted((chance.randint(0, 30) for _ in STAGES), reverse=True)
    ahead = [chance.randint(0, 9), 1, 0]
    for place, stage in enumerate(STAGES):
        further = closed[place + 1] if place < 5 else None
        world.add(
            "rpt_hiring_funnel",
            **told,
            cohort_month=cohort,
            stage=stage,
            stage_rank=place + 1,
            count_applications=closed[0] + sum(ahead),
            count_reached=closed[place] + (sum(ahead) if not place else 0),
            n_open=ahead[0],
            n_unknown=ahead[1],
            n_vanished=ahead[2],
            n_closed=closed[0],
            count_reached_closed=closed[place],
            count_passed_closed=further,
            count_lost=closed[place] - further if further is not None else None,
        )


def _open_role_rows(world: ReportWorld, chance: random.Random, told: dict[str, Any]) -> None:
    stages = {f"count_{stage}": chance.randint(0, 6) for stage in (*STAGES[:5], "unknown")}
    world.add(
        "rpt_open_roles",
        **told,
        **stages,
        days_open=chance.uniform(1, 400),
        target_hire_count=chance.choice([None, 2]),
        count_hires=1,
        count_remaining=chance.randint(0, 3),
        count_applications_30d=4,
        days_since_movement=0.5,
        expected_hires=chance.choice([None, 1.005]),
        coverage=None,
    )
    for number in range(4):
        world.add(
            "rpt_aging_applications",
            **told,
            application_id=f"{told['role_id']}:cand_{number}",
            stage=STAGES[number],
            days_in_current_step=chance.choice([None, 1.0, 7.0, 20.0, 99.0]),
            is_stalled=chance.random() < 0.4,
        )


def _account_rows(world: ReportWorld, chance: random.Random, of: dict[str, Any], months: int) -> None:
    world.add(
        "rpt_time_to_hire",
        **of,
        level="account",
        level_id=of["account"],
        **spread(chance, "days_to_hire"),
        n_undated=2,
        n_in_pipeline=9,
        survival_median_days=41.05,
        n_survival=300,
    )
    for back in range(months):
        world.add(
            "rpt_time_to_hire",
            **of,
            level="account",
            level_id=of["account"],
            hired_month=month(back),
            **spread(chance, "days_to_hire"),
            median_days_to_hire_low=1.0,
            median_days_to_hire_high=2.0,
        )
    world.add(
        "rpt_time_to_fill",
        **of,
        level="account",
        level_id=of["account"],
        **spread(chance, "days_to_fill"),
        median_days_to_first_hire=12.0,
        median_days_on_hold=0.0,
        count_roles_filled=3,
        count_hires=9,
        n_unfilled=2,
        n_undated=0,
    )
    for week in range(8):
        for stage in (*STAGES[:5], "unknown"):
            counts = {
                f"count_{name}": chance.randint(0, 5)
                for name in (
                    "opening",
                    "entered",
                    "left_forward",
                    "left_back",
                    "rejected",
                    "withdrawn",
                    "hired",
                    "vanished",
                    "closing",
                )
            }
            world.add(
                "rpt_pipeline_trend",
                **of,
                week_start=dt.date(2026, 5, 18) - dt.timedelta(weeks=week),
                stage=stage,
                organization_id="o",
                **counts,
            )
    for back in (0, 30):
        world.add(
            "fct_pipeline_daily",
            **of,
            date_day=AS_OF.date() - dt.timedelta(days=back),
            stage="applied",
            count_closing=70 + back,
        )
    for band in range(10):
        for kind in ("overall_fit", "resume_fit"):
            world.add(
                "rpt_score_calibration",
                **of,
                score_kind=kind,
                score_band=band,
                mean_score=band * 10 + 4.25,
                n_closed=chance.randint(1, 60),
                **rate(chance, "interview_rate"),
                **rate(chance, "hire_rate"),
                auc_interview=0.615,
                auc_hire=chance.choice([None, 0.5]),
            )
    for resource in ("candidates", "leads"):
        world.add(
            "rpt_freshness",
            **of,
            resource=resource,
            last_refresh_at=AS_OF,
            last_complete_at=AS_OF - dt.timedelta(hours=30),
            last_verdict=chance.choice(["proven", "unproven"]),
            hours_behind=30.25,
            count_declared=None,
            count_distinct=1234567,
            count_visible=600,
            count_refreshes_30d=30,
            longest_gap_hours_30d=48.0,
            median_bound_hours_30d=24.05,
        )
    for check, failed in (("unmapped_value", 7), ("stub_role", 0), ("wide_bounds", 900)):
        world.add(
            "rpt_data_quality",
            **of,
            check_name=check,
            detail="status=Parked" if failed == 7 else None,
            severity="warning",
            count_checked=1000,
            count_failed=failed,
            share_failed=failed / 1000,
            first_observed_at=AS_OF,
        )
    for explanation in ("equal", "unexplained"):
        for number in range(chance.randint(1, 4)):
            world.add(
                "rpt_analytics_reconciliation", **of, metric="hires", role_id=f"r{number}", explanation=explanation
            )
    _application_rows(world, chance, of)


def _application_rows(world: ReportWorld, chance: random.Random, of: dict[str, Any]) -> None:
    """Applications whose dates the headlines count; one in five cannot be dated."""
    for number in range(120):
        outcome = chance.choice(["open", "hired", "rejected"])
        applied = AS_OF - dt.timedelta(days=chance.randint(0, 200), hours=1)
        row = {"is_in_pipeline": outcome == "open", "is_closed": outcome != "open", "outcome": outcome}
        row |= _dated("applied", applied, dt.timedelta(days=0 if number % 5 else 20))
        if outcome == "hired":
            hired = min(AS_OF, applied + dt.timedelta(days=chance.randint(3, 40)))
            row |= (
                _dated("hired", hired)
                | _dated("offer", hired)
                | _dated("interview", hired)
                | {"offer_outcome": "accepted"}
            )
            row |= {"days_to_hire": (hired - applied).total_seconds() / 86400}
        world.add("fct_applications", **of, **row, application_id=f"{of['platform']}:a{number}")


def _dated(event: str, at: dt.datetime, width: dt.timedelta = dt.timedelta()) -> dict[str, Any]:
    return {f"{event}_at": at, f"{event}_not_before": at - width, f"{event}_not_after": at}
