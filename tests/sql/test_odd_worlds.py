"""Worlds that no vendor promised: the models build, their tests pass, and rpt_data_quality says what it saw.

Each oddity is an account of its own, so that all of them cost one build.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb
import pytest
from raw_world import RawWorld

from pipelines.transform import build

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.slow

READ = "2026-03-01 08:00"
MADE = "2026-01-01 00:00"


class OddWorld(RawWorld):
    """A raw world with a person on a role, as little as can be said of them."""

    def role(self, account: str, role: str, **values: Any) -> None:
        told = {"name": role, "status": "open", "created_at": MADE, **values}
        self.talent_ray("roles", READ, account=account, id=role, **told)

    def role_step(self, account: str, role: str, step: str, **values: Any) -> None:
        told = {"name": step, "step_type": "interview", "order": 1, **values}
        self.talent_ray("role_steps", READ, account=account, id=step, role_id=role, **told)

    def person(self, account: str, person: str, **values: Any) -> None:
        self.talent_ray("candidates", READ, account=account, id=person, **{"created_at": MADE, **values})

    def assigned(self, account: str, person: str, role: str | None, **values: Any) -> None:
        told = {"status": "In Pipeline", "overall_fit_score": -1, **values}
        self.talent_ray("candidate_roles", READ, account=account, candidate_id=person, role_id=role, **told)

    def step(self, account: str, record: str, person: str, role: str | None, **values: Any) -> None:
        told = {"status": "active", "step_type": "interview", "order": 1, "created_at": MADE, **values}
        self.talent_ray("candidate_steps", READ, account=account, id=record, candidate_id=person, role_id=role, **told)


def unknown_words(world: OddWorld) -> None:
    account = "words"
    world.role(account, "r", status="Frozen solid")
    world.role_step(account, "r", "i", step_type="palm reading")
    world.person(account, "c")
    world.assigned(account, "c", "r", status="Parked")
    world.step(
        account, "s1", "c", "r", role_step_id="i", step_type="palm reading", status="Paused", offer_response="Maybe"
    )
    world.step(account, "s2", "c", "r", role_step_id="i2", status="paused", started_at="2026-02-01 00:00", order=2)


def missing_parts(world: OddWorld) -> None:
    account = "missing"
    world.person(account, "c")
    world.assigned(account, "c", "hidden role", role_name="Hidden")
    world.assigned(account, "c", None)
    world.step(account, "s1", "c", "hidden role", role_step_id="not in the template", order=None)
    world.step(account, "s2", "c", None, role_step_id=None, order=None, step_type=None, created_at=None)
    world.step(account, "s3", "nobody", "hidden role", role_step_id="not in the template")
    world.person(account, "without a step")
    world.role(account, "r")
    world.assigned(account, "without a step", "r", status=None)


def lonely_records(world: OddWorld) -> None:
    account = "lonely"
    world.person(account, "without a role")
    world.role(account, "without a step")
    world.talent_ray("leads", READ, account=account, id="l1", candidate_id="gone", created_at=MADE, status="converted")
    world.talent_ray("leads", READ, account=account, id="l2", created_at=None, status=None)
    world.talent_ray("lead_roles", READ, account=account, lead_id="l2", role_id="nowhere", resume_fit_score=-1)


def skewed_clocks(world: OddWorld) -> None:
    account = "clock"
    world.role(account, "r", created_at="2026-05-01 00:00")
    world.role_step(account, "r", "i")
    world.person(account, "c")
    world.assigned(account, "c", "r")
    world.step(account, "s1", "c", "r", role_step_id="i", started_at="2026-03-02 08:00")
    world.person(account, "d")
    world.assigned(account, "d", "r", status="rejected")
    world.step(
        account,
        "s2",
        "d",
        "r",
        role_step_id="i",
        status="rejected",
        started_at="2026-02-10 00:00",
        created_at="2026-02-10 00:00",
        completed_at="2026-02-12 00:00",
        rejected_at="2026-02-01 00:00",
    )


def scores_out_of_range(world: OddWorld) -> None:
    account = "scores"
    world.role(account, "r")
    world.role_step(account, "r", "i")
    for person, fit, validation in (("c", -1, -1), ("d", 140, 50), ("e", 60, 300)):
        world.person(account, person)
        world.assigned(account, person, "r", overall_fit_score=fit)
        world.step(account, f"s{person}", person, "r", role_step_id="i", validation_score=validation)


def strange_jobs(world: OddWorld) -> None:
    tell = {"account": "jobs"}
    world.tailed("jobs", READ, **tell, id="j", title=None, status="dormant", openings=0)
    world.tailed("applications", READ, **tell, id="a1", stage="Séance", status="limbo", candidate_id=None, job_id=None)
    world.tailed("applications", READ, **tell, id="a2", stage=None, status=None, candidate_id="x", job_id="j")
    world.tailed(
        "applications",
        READ,
        **tell,
        id="a3",
        stage="Hired",
        status="hired",
        candidate_id="x",
        job_id="unknown",
        applied_at="2026-02-01 00:00",
        hired_at="2026-01-01 00:00",
    )


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], list[tuple[Any, ...]]]:
    """Build all oddities at once, with every test of the models, and hand back a way to ask."""
    path: Path = tmp_path_factory.mktemp("odd") / "odd.duckdb"
    world = OddWorld(path)
    accounts = {"talent_ray": ["words", "missing", "lonely", "clock", "scores", "empty"], "tailed": ["jobs", "empty"]}
    for oddity in (unknown_words, missing_parts, lonely_records, skewed_clocks, scores_out_of_range, strange_jobs):
        oddity(world)
    for platform, names in accounts.items():
        for account in names:
            world.refresh("2026-03-01 07:55", "2026-03-01 08:05", platform=platform, account=account)
    world.meta(
        "sweeps",
        refresh_id="refresh 1",
        platform="talent_ray",
        account="lonely",
        resource="leads",
        verdict="unproven",
        started_at="2026-03-01 07:58",
        ended_at="2026-03-01 08:00",
    )
    world.save()
    build(
        {"type": "duckdb", "path": str(path), "threads": 2},
        path.parent,
        variables={"report_timezone": "UTC", "test_staging": True},
    )

    def rows(query: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(path), read_only=True) as connection:
            connection.execute("set TimeZone = 'UTC'")
            return connection.execute(query).fetchall()

    return rows


def failed(ask: Any, account: str) -> dict[str, dict[str | None, int]]:
    """Check -> detail -> rows that failed, of one account."""
    found: dict[str, dict[str | None, int]] = {}
    for check, detail, count in ask(
        "select check_name, detail, count_failed from reports.rpt_data_quality"
        f" where account = '{account}' and count_failed > 0"
    ):
        found.setdefault(check, {})[detail] = count
    return found


def test_unknown_words_are_named_one_by_one_and_counted_nowhere_else(ask: Any) -> None:
    assert failed(ask, "words")["unmapped_value"] == {
        "application_status=parked": 1,
        "offer_response=maybe": 1,
        "role_status=frozen solid": 1,
        "step_status=paused": 2,
        "step_type=palm reading": 2,
    }
    assert ask("select outcome, current_stage from marts.fct_applications where account = 'words'") == [
        ("unknown", "interview")
    ]
    assert ask(
        "select distinct n_open, n_unknown, n_closed from reports.rpt_hiring_funnel where account = 'words'"
    ) == [(0, 1, 0)]


def test_what_is_missing_leaves_its_rows_there_and_is_told(ask: Any) -> None:
    assert ask("select count(*) from marts.fct_applications where account = 'missing'") == [(4,)]
    wrong = failed(ask, "missing")
    # The hidden role, and the role that nobody named; the same of the steps.
    assert wrong["stub_role"] == {None: 2}
    assert wrong["stub_step"] == {None: 2}
    assert wrong["stub_candidate"] == {None: 1}
    assert wrong["application_without_steps"] == {None: 1}


def test_records_without_others_are_rows_of_their_own(ask: Any) -> None:
    assert ask("select count_applications from marts.dim_candidates where candidate_id like '%:without a role'") == [
        (0,)
    ]
    assert ask("select count_applied, count_hires from reports.rpt_open_roles where account = 'lonely'") == [(0, 0)]
    assert ask(
        "select count_leads, cohort_month is null from reports.rpt_sourcing_conversion where account = 'lonely'"
        " order by 2"
    ) == [(1, False), (1, True)]
    assert failed(ask, "lonely") == {
        "lead_with_unknown_candidate": {None: 1},
        "stub_candidate": {None: 1},
        "stub_role": {None: 1},
        "unproven_sweep": {"leads": 1},
    }


def test_instants_that_cannot_be_true_are_left_out_and_counted(ask: Any) -> None:
    wrong = failed(ask, "clock")
    assert wrong["future_timestamp"] == {"candidate_steps": 1, "roles": 1}
    assert wrong["negative_duration"] == {"applied to closed": 1, "completed to decided": 1}
    # Entered when it was seen: the start that it tells lies a day after the reply that told it.
    assert ask(
        "select max(entered_at)::text from marts.fct_application_steps where account = 'clock' and is_current"
    ) == [("2026-03-01 08:00:00+00",)]
    assert ask("select days_to_close from marts.fct_applications where account = 'clock' and is_closed") == [(None,)]


def test_minus_one_is_no_score_and_scores_out_of_range_are_told(ask: Any) -> None:
    assert ask("select overall_fit_score from marts.fct_applications where account = 'scores' order by 1") == [
        (60.0,),
        (140.0,),
        (None,),
    ]
    assert failed(ask, "scores")["score_out_of_range"] == {"overall_fit_score": 1, "validation_score": 1}


def test_tailed_without_its_columns_is_still_counted(ask: Any) -> None:
    assert ask(
        "select application_id, outcome, furthest_stage from marts.fct_applications where account = 'jobs' order by 1"
    ) == [
        ("tailed:jobs:a1", "unknown", "applied"),
        ("tailed:jobs:a2", "unknown", "applied"),
        ("tailed:jobs:a3", "hired", "hired"),
    ]
    wrong = failed(ask, "jobs")
    assert wrong["unmapped_value"] == {"job_status=dormant": 1, "stage=séance": 1, "status=limbo": 1}
    assert wrong["negative_duration"] == {"applied to closed": 1}
    assert wrong["stub_candidate"] == {None: 2}


@pytest.mark.parametrize("platform", ["talent_ray", "tailed"])
def test_an_account_that_has_nothing_has_a_row_for_every_check_and_nothing_wrong(ask: Any, platform: str) -> None:
    rows = ask(
        "select count(distinct check_name), sum(count_failed) from reports.rpt_data_quality"
        f" where account = 'empty' and platform = '{platform}'"
    )
    assert rows == [(18, 0)]
