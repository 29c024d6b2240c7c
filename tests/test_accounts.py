"""Several accounts in one refresh: rows kept apart, failures kept apart, one rate for one key."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from connector.platforms import PLATFORMS
from connector.sandbox import Company, Server, serve

ACME = "SOURCES__TALENT_RAY__ACCOUNTS__ACME__"
BOLT = "SOURCES__TAILED__ACCOUNTS__BOLT__"
LISTS = "roles,tests,leads"


@pytest.fixture
def second_company() -> Company:
    return Company(seed=23, candidates=15, days=60)


@pytest.fixture
def second(second_company: Company, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """Another employer on a host of its own: with the first one that makes two accounts on each platform."""
    with serve(second_company, requests_per_minute=None, clock="frozen") as running:
        for section, platform in ((ACME, "TALENT_RAY"), (BOLT, "TAILED")):
            environment = running.environment()
            monkeypatch.setenv(f"{section}API_KEY", environment[f"SOURCES__{platform}__API_KEY"])
            monkeypatch.setenv(f"{section}BASE_URL", environment[f"SOURCES__{platform}__BASE_URL"])
            monkeypatch.setenv(f"{section}REQUESTS_PER_MINUTE", "60000")
        monkeypatch.setenv(f"{ACME}STREAMS", LISTS)
        monkeypatch.setenv("SOURCES__TALENT_RAY__STREAMS", LISTS)
        yield running


def ids(ask: Any, platform: str, table: str, account: str) -> set[str]:
    query = f"select id from raw_{platform}.{table} where account = '{account}' and _dlt_valid_to is null and _visible"
    return {row[0] for row in ask(query)}


def true_ids(company: Company, platform: str, resource: str) -> set[str]:
    return {row["id"] for row in company.truth(platform, resource) if not row.get("deletedAt")}


def counts(ask: Any, account: str) -> dict[str, list[tuple[Any, ...]]]:
    return {
        f"{platform.name}.{table.name}": ask(
            "select count(*), count(case when _dlt_valid_to is null and _visible then 1 end)"
            f" from raw_{platform.name}.{table.name} where account = '{account}'"
        )
        for platform in PLATFORMS.values()
        for table in platform.tables
    }


def test_both_platforms_and_three_accounts_load_in_one_refresh_each_under_its_name(
    server: Server, second: Server, company: Company, second_company: Company, run: Any, ask: Any
) -> None:
    outcome = run()

    assert outcome.exit_status == 0
    for platform, resource, table in (
        ("talent_ray", "roles", "roles"),
        ("talent_ray", "sourcing", "leads"),
        ("tailed", "jobs", "jobs"),
        ("tailed", "applications", "applications"),
    ):
        other = "acme" if platform == "talent_ray" else "bolt"
        assert ids(ask, platform, table, "default") == true_ids(company, platform, resource)
        assert ids(ask, platform, table, other) == true_ids(second_company, platform, resource)
    streams = outcome.as_json()["streams"]
    assert {"talent_ray.roles", "talent_ray.acme.roles", "tailed.jobs", "tailed.bolt.jobs"} <= set(streams)


@pytest.mark.slow
def test_one_account_that_fails_is_named_and_its_rows_stay_while_the_others_go_on(
    server: Server, second: Server, company: Company, second_company: Company, run: Any, ask: Any
) -> None:
    run()
    before = counts(ask, "acme")
    second_company.access.revoke(second_company.talent_ray_key.id)
    lead = company.insert("talent_ray", "sourcing")
    outcome = run()

    assert outcome.exit_status == 5
    assert list(outcome.failures) == ["talent_ray.acme"]
    assert counts(ask, "acme") == before
    assert lead in ids(ask, "talent_ray", "leads", "default")
    reasons = dict(ask("select account, max(reason) from meta.sweeps where verdict = 'failed' group by 1"))
    assert "401" in reasons["acme"]
    assert "Its rows stay as they are." in reasons["acme"]
    assert "Nothing was changed" not in reasons["acme"]


@pytest.mark.slow
def test_rows_that_leave_one_account_touch_no_row_of_another(
    server: Server, second: Server, company: Company, second_company: Company, run: Any, ask: Any
) -> None:
    run()
    before = {account: counts(ask, account) for account in ("acme", "bolt")}
    for lead in company.truth("talent_ray", "sourcing")[:3]:
        company.delete("talent_ray", "sourcing", lead["id"])
    company.advance(hours=1)
    run(accounts=("default",))

    assert {account: counts(ask, account) for account in ("acme", "bolt")} == before
    assert ids(ask, "talent_ray", "leads", "default") == true_ids(company, "talent_ray", "sourcing")


def test_the_same_record_under_two_keys_is_two_rows(
    server: Server, run: Any, ask: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCES__TALENT_RAY__STREAMS", "roles")
    for name, value in (("API_KEY", server.key("member")), ("BASE_URL", server.url), ("STREAMS", "roles")):
        monkeypatch.setenv(f"{ACME}{name}", value)
    run(platforms=("talent_ray",))

    everything, members = ids(ask, "talent_ray", "roles", "default"), ids(ask, "talent_ray", "roles", "acme")
    assert members
    assert members < everything
    keys = ask("select count(*), count(distinct _key) from raw_talent_ray.roles where _dlt_valid_to is null")
    assert keys == [(len(everything) + len(members),) * 2]


@pytest.mark.slow
def test_one_key_in_two_accounts_has_one_rate(server: Server, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    server.service.requests_per_minute = 30
    monkeypatch.setenv("SOURCES__TALENT_RAY__STREAMS", "roles,tests,leads,candidates")
    monkeypatch.setenv("SOURCES__TALENT_RAY__REQUESTS_PER_MINUTE", "30")
    same = {"API_KEY": server.talent_ray_key, "BASE_URL": server.url, "STREAMS": "roles,tests,leads,candidates"}
    for name, value in {**same, "REQUESTS_PER_MINUTE": "30"}.items():
        monkeypatch.setenv(f"{ACME}{name}", value)
    run(platforms=("talent_ray",))

    assert server.busiest_minute(server.talent_ray_key) <= 30
    assert not [reply for reply in server.journal if reply.status == 429]
