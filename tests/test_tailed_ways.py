"""Tailed as it may turn out to be: soft deletes both ways, and an API with other words read by settings alone."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from dlt.common.configuration.container import Container
from dlt.common.configuration.specs.pluggable_run_context import PluggableRunContext

from connector.errors import KeyRefused
from connector.sandbox import Company, Fault, Server
from pipelines.check import check
from pipelines.settings import load
from pipelines.summary import remarks
from tests.truth import differences

TAILED = "SOURCES__TAILED__"

README = Path(__file__).parents[1] / "README.md"


@pytest.fixture(autouse=True)
def in_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRIVACY__PROFILE", "full")


def similar(server: Server) -> None:
    """Let the server speak as another vendor would: pages from 1, other keys, other names, times as numbers."""
    moved = {"id": "uuid", "createdAt": "created", "updatedAt": "modified"}
    server.switches.tailed = replace(
        server.switches.tailed,
        header="X-Token",
        scheme="",
        paths={
            "candidates": "/v3/people",
            "jobs": "/v3/positions",
            "applications": "/v3/submissions",
            "snapshots": "/v3/figures",
        },
        data_key="items",
        page_key="meta.current",
        page_size_key="meta.per_page",
        total_count_key="meta.total",
        total_pages_key="meta.last",
        first_page=1,
        page_param="p",
        size_param="per_page",
        max_size=50,
        rename={
            "candidates": {**moved, "fullName": "name"},
            "jobs": moved,
            "applications": {**moved, "stageEnteredAt": "stage_since"},
            "snapshots": {"id": "uuid"},
        },
        timestamps="epoch_milliseconds",
    )


def test_the_api_with_other_words_of_the_readme_is_read_by_its_settings_alone(
    server: Server, company: Company, run: Any, warehouse: Path, dlt_folder: Path
) -> None:
    similar(server)
    (text,) = re.findall(r"```toml\n(\[sources\.tailed\]\n.*?)```", README.read_text(), re.DOTALL)
    (dlt_folder / "config.toml").write_text(text)
    Container()[PluggableRunContext].reload(str(dlt_folder.parent))

    assert [finding for finding in check(load(platforms=("tailed",))) if finding.is_broken] == []
    outcome = run(platforms=("tailed",))

    assert outcome.exit_status == 0
    assert differences(str(warehouse), company, ("tailed",)) == {}


@pytest.mark.slow
@pytest.mark.parametrize("returned", [True, False])
def test_a_soft_delete_is_a_tombstone_and_a_restore_takes_it_back_whether_or_not_the_row_stays_in_the_list(
    server: Server,
    company: Company,
    run: Any,
    ask: Any,
    warehouse: Path,
    monkeypatch: pytest.MonkeyPatch,
    returned: bool,
) -> None:
    server.switches.tailed.deletes_returned = returned
    monkeypatch.setenv(f"{TAILED}DELETES__RETURNED", str(returned).lower())
    person = next(one for one in company.truth("tailed", "candidates") if one["deletedAt"] is None)
    run(platforms=("tailed",))
    for deleted_at in (company.now, None):
        company.update("tailed", "candidates", person["id"], deletedAt=deleted_at)
        # Without an endpoint for single records, an absence counts when a second reading confirms it.
        for _ in range(1 if returned else 2):
            company.advance(hours=2)
            run(platforms=("tailed",))

    found = ask(
        f"select _visible, full_name from raw_tailed.candidates where id = '{person['id']}' order by _dlt_valid_from"
    )
    assert found == [(visible, person["fullName"]) for visible in (True, False, True)]
    run(platforms=("tailed",))  # what the company deleted by itself in the last hours is confirmed, too
    assert differences(str(warehouse), company, ("tailed",)) == {}


@pytest.mark.slow
@pytest.mark.parametrize("limit", [100, 500])
def test_the_limits_of_both_plans_are_kept(
    server: Server, run: Any, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    server.service.tailed_requests_per_minute = limit
    monkeypatch.setenv(f"{TAILED}REQUESTS_PER_MINUTE", str(limit))
    outcome = run(platforms=("tailed",))

    assert outcome.exit_status == 0
    assert server.busiest_minute(server.tailed_key) <= limit
    assert not [reply for reply in server.journal if reply.status == 429]


def test_an_api_that_turned_out_otherwise_loads_nothing_of_the_stream_it_concerns(
    server: Server, company: Company, run: Any, ask: Any
) -> None:
    run(platforms=("tailed",))
    before = ask("select count(*), max(_observed_at) from raw_tailed.jobs")
    server.switches.tailed.rename = {"jobs": {"id": "_id"}}
    company.advance(hours=1)
    job = company.truth("tailed", "jobs")[0]["id"]
    company.update("tailed", "jobs", job, title="Another title")
    server.switches.tailed.paths["jobs"] = "/v2/jobs"
    outcome = run(platforms=("tailed",))

    assert outcome.exit_status == 5
    assert ask("select count(*), max(_observed_at) from raw_tailed.jobs") == before
    verdicts = dict(ask("select resource, arg_max(verdict, started_at) from meta.sweeps group by 1"))
    assert verdicts["candidates"] == "proven"


NO_WAIT_TOLD = (
    "tailed: A14 broken  expected: 429 with Retry-After  got: once 429 with no header that tells how long to wait"
    "  try: rate.header"
)
TOO_MANY = (
    "tailed: A13 broken  expected: 60000 requests a minute  got: once 429 with X-Wait though no more were sent"
    "  try: rate.per_minute = a smaller number"
)


@pytest.mark.slow
@pytest.mark.parametrize(("setting", "told"), [("Retry-After", NO_WAIT_TOLD), ("X-Wait", TOO_MANY)])
def test_a_refusal_of_a_request_too_many_is_waited_out_and_told_by_the_assumption_it_breaks(
    server: Server, run: Any, ask: Any, monkeypatch: pytest.MonkeyPatch, setting: str, told: str
) -> None:
    server.switches.retry_header = "X-Wait"
    server.switches.faults = [Fault("429", requests=(3,), path="/v1/", times=1, seconds=0.0)]
    monkeypatch.setenv(f"{TAILED}STREAMS", "jobs")
    monkeypatch.setenv(f"{TAILED}RATE__HEADER", setting)
    outcome = run(platforms=("tailed",))

    assert outcome.exit_status == 0
    assert remarks(outcome) == [told]
    ((field, detail),) = ask("select field, detail from meta.drift where kind = 'assumption_broken'")
    assert told == f"tailed: {field} broken  {detail}"


@pytest.mark.slow
def test_a_list_that_plan_or_key_leave_out_is_skipped_by_name_and_its_rows_stay(
    server: Server, company: Company, run: Any, ask: Any
) -> None:
    run(platforms=("tailed",))
    before = ask("select count(*), max(_observed_at) from raw_tailed.analytics_snapshots where _visible")
    company.advance(days=1)
    server.switches.tailed.refused_lists = ("snapshots",)
    outcome = run(platforms=("tailed",))

    assert outcome.exit_status == 5
    streams = outcome.as_json()["streams"]
    assert {name: found["verdict"] for name, found in streams.items()} == {
        "tailed.jobs": "proven",
        "tailed.candidates": "proven",
        "tailed.applications": "proven",
        "tailed.analytics_snapshots": "skipped",
    }
    assert ask("select count(*), max(_observed_at) from raw_tailed.analytics_snapshots where _visible") == before
    (told,) = remarks(outcome)
    assert told == (
        "tailed.analytics_snapshots: skipped: Tailed does not open analytics_snapshots to this key (403). Its rows"
        " stay as they are. It takes Analytics Read: a key with that scope, on a plan with API access (Trial and"
        " Starter have none)."
    )
    server.switches.tailed.refused_lists = ("jobs", "candidates", "applications", "snapshots")
    with pytest.raises(KeyRefused, match="opens no stream"):
        run(platforms=("tailed",))


@pytest.mark.slow
def test_times_and_fields_that_are_misread_leave_a_null_and_the_value_as_it_came(
    server: Server, company: Company, run: Any, ask: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"{TAILED}STREAMS", "applications,jobs")
    server.switches.tailed.timestamps = "day_first"
    server.switches.tailed.rename = {"applications": {"stage": "step"}}
    outcome = run(platforms=("tailed",))

    assert outcome.exit_status == 5
    applications = len(company.truth("tailed", "applications"))
    assert ask("select count(*), count(stage), count(applied_at), count(status) from raw_tailed.applications") == [
        (applications, 0, 0, applications)
    ]
    (quarantined,) = ask("select count(*) from meta.quarantine where column_name = 'applied_at' and value is not null")
    assert quarantined == (applications,)
    steps = {row["id"]: row["stage"] for row in company.truth("tailed", "applications")}
    assert dict(ask("select id, json_extract_string(_extra, '$.step') from raw_tailed.applications")) == steps
