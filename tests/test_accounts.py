"""Several accounts in one refresh: rows kept apart, failures kept apart, one rate for one key."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from connector.errors import KeyRefused
from connector.http.secret import Secret
from connector.platforms import PLATFORMS
from connector.reading.opening import Gates
from connector.sandbox import Company, Fault, Server, serve
from pipelines.summary import remarks

ACME = "SOURCES__TALENT_RAY__ACCOUNTS__ACME__"
BOLT = "SOURCES__TAILED__ACCOUNTS__BOLT__"
LISTS = "roles,tests,leads"
END = datetime(2026, 3, 4, 9, tzinfo=UTC)


@pytest.fixture
def company() -> Company:
    return Company(seed=11, candidates=40, days=90, end=END)


@pytest.fixture
def second_company() -> Company:
    return Company(seed=23, candidates=15, days=60, end=END)


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
    (told, *_) = remarks(outcome)
    assert told.startswith("talent_ray.acme: Talent-Ray refused the key (401).")
    assert told.endswith("set SOURCES__TALENT_RAY__ACCOUNTS__ACME__API_KEY.")
    streams = outcome.as_json()["streams"]
    assert {streams[f"talent_ray.acme.{name}"]["verdict"] for name in LISTS.split(",")} == {"failed"}
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


def lose_scope(company: Company, server: Server) -> None:
    server.switches.removed_scopes = ("sourcing:read",)


def see_little(company: Company, server: Server) -> None:
    server.switches.visible_share = 0.1


def be_demoted(company: Company, server: Server) -> None:
    server.switches.demoted_to = "employer"


def answer_nothing(company: Company, server: Server) -> None:
    server.switches.empty_lists = ("talent_ray.sourcing", "talent_ray.roles", "talent_ray.tests", "tailed.jobs")


def hide_one_organization(company: Company, server: Server) -> None:
    of_roles = Counter(role["organizationId"] for role in company.truth("talent_ray", "roles"))
    server.switches.hidden_organizations = (of_roles.most_common(1)[0][0],)  # of one role alone nobody could tell


def fail_by_id(company: Company, server: Server) -> None:
    company.delete("talent_ray", "sourcing", company.truth("talent_ray", "sourcing")[0]["id"])
    server.switches.faults = [Fault("status", rate=1.0, path="/api/v1/sourcing/", status=403)]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("trouble", "status"),
    [
        (lose_scope, {5}),
        (see_little, {5, 6}),
        (be_demoted, {5, 6}),
        (answer_nothing, {5}),
        (hide_one_organization, {5, 6}),
        (fail_by_id, {5}),
    ],
)
def test_what_one_account_may_no_longer_see_marks_nothing_in_it_and_holds_up_no_other(
    server: Server,
    second: Server,
    company: Company,
    second_company: Company,
    run: Any,
    ask: Any,
    trouble: Callable[[Company, Server], None],
    status: set[int],
) -> None:
    run()
    before = {account: counts(ask, account) for account in ("acme", "bolt")}
    trouble(second_company, second)
    gone = company.truth("talent_ray", "sourcing")[0]["id"]
    company.delete("talent_ray", "sourcing", gone)
    company.advance(hours=1)
    outcome = run()

    assert outcome.exit_status in status
    assert {account: counts(ask, account) for account in ("acme", "bolt")} == before
    tombstone = f"select _visible from raw_talent_ray.leads where id = '{gone}' and account = 'default'"
    assert ask(f"{tombstone} and _dlt_valid_to is null") == [(False,)]
    assert ids(ask, "talent_ray", "leads", "default") == true_ids(company, "talent_ray", "sourcing")


@pytest.mark.slow
def test_when_every_account_fails_each_is_told(
    server: Server, second: Server, company: Company, second_company: Company, run: Any
) -> None:
    company.access.revoke(company.talent_ray_key.id)
    second_company.access.revoke(second_company.talent_ray_key.id)

    with pytest.raises(KeyRefused, match=r"talent_ray: .*talent_ray\.acme: "):
        run(platforms=("talent_ray",))


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


def test_of_two_rates_for_one_key_the_lower_holds_whichever_account_is_opened_first() -> None:
    one, other, host = Secret("tl_one"), Secret("tl_other"), "https://api.tailed.ca"
    gates = Gates([(one, host, 500), (one, host, 100), (other, host, 500)])

    assert gates.of(one, host, 500) is gates.of(one, host, 100)
    assert (gates.of(one, host, 500).limit, gates.of(other, host, 500).limit) == (100, 500)
    assert gates.of(one, f"{host}/eu", 500).limit == 500


@pytest.mark.slow
def test_the_rates_of_both_platforms_are_kept_at_the_same_time(
    server: Server, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.service.requests_per_minute, server.service.tailed_requests_per_minute = 40, 30
    monkeypatch.setenv("SOURCES__TALENT_RAY__REQUESTS_PER_MINUTE", "40")
    monkeypatch.setenv("SOURCES__TAILED__REQUESTS_PER_MINUTE", "30")
    monkeypatch.setenv("SOURCES__TALENT_RAY__STREAMS", "roles,tests,leads,candidates,role_steps")
    outcome = run()

    assert outcome.exit_status == 0
    assert 0 < server.busiest_minute(server.talent_ray_key) <= 40
    assert 0 < server.busiest_minute(server.tailed_key) <= 30
    assert not [reply for reply in server.journal if reply.status == 429]
