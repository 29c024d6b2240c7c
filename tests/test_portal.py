"""Career portals: read as the public reads them, without a key, by the slugs of the settings."""

from __future__ import annotations

from typing import Any

import pytest

from connector.platforms import TALENT_RAY
from connector.sandbox import Company, Fault, Server

SLUGS = "SOURCES__TALENT_RAY__PORTAL_SLUGS"


@pytest.fixture(autouse=True)
def portals_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCES__TALENT_RAY__STREAMS", "roles,portal_roles")


def stored(ask: Any) -> list[tuple[Any, ...]]:
    names = ", ".join(
        column.name for column in TALENT_RAY.table("portal_roles").columns if column.name != "description"
    )
    found: list[tuple[Any, ...]] = ask(
        f"select {names} from raw_talent_ray.portal_roles where _dlt_valid_to is null and _visible order by slug, id"
    )
    return found


def shown(company: Company, slug: str = "") -> list[dict[str, Any]]:
    roles = company.truth("talent_ray", "portal")
    return sorted((r for r in roles if slug in ("", r["slug"])), key=lambda role: (role["slug"], role["id"]))


def test_a_portal_is_read_without_a_key_and_equals_what_the_public_sees(
    server: Server, company: Company, run: Any, ask: Any
) -> None:
    outcome = run(platforms=("talent_ray",))

    assert outcome.exit_status == 0
    told = [
        (role["slug"], role["id"], role["name"], role["organizationName"], role.get("salaryMin"))
        for role in shown(company)
    ]
    kept = ask(
        "select slug, id, name, organization_name, salary_min from raw_talent_ray.portal_roles"
        " where _dlt_valid_to is null and _visible order by slug, id"
    )
    assert kept == told
    asked = [reply for reply in server.journal if reply.path.startswith("/api/public/")]
    assert len(asked) == len(server.portal_slugs)
    assert {reply.key_id for reply in asked} == {None}


@pytest.mark.slow
def test_a_role_taken_off_the_portal_gets_a_tombstone_there_and_stays_in_the_list(
    server: Server, company: Company, run: Any, ask: Any
) -> None:
    run(platforms=("talent_ray",))
    role = shown(company)[0]
    company.advance(hours=1)
    company.update("talent_ray", "roles", role["id"], isPublic=False)
    run(platforms=("talent_ray",))

    for table, visible in (("portal_roles", False), ("roles", True)):
        query = f"select _visible from raw_talent_ray.{table} where id = '{role['id']}' and _dlt_valid_to is null"
        assert ask(query) == [(visible,)], table


@pytest.mark.slow
def test_a_portal_that_does_not_exist_leaves_the_rows_of_the_others_alone(
    server: Server, company: Company, run: Any, ask: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(platforms=("talent_ray",))
    before = stored(ask)
    monkeypatch.setenv(SLUGS, ",".join([*server.portal_slugs, "nobody"]))
    outcome = run(platforms=("talent_ray",))

    assert outcome.exit_status == 5
    assert stored(ask) == before


@pytest.mark.slow
def test_a_portal_that_answers_with_nothing_at_all_hides_no_role(
    server: Server, company: Company, run: Any, ask: Any
) -> None:
    run(platforms=("talent_ray",))
    before = stored(ask)
    server.switches.faults = [Fault("list_at_top", rate=1.0, path="/api/public/")]
    outcome = run(platforms=("talent_ray",))

    assert outcome.exit_status == 5
    assert stored(ask) == before


def test_without_slugs_no_portal_is_asked(server: Server, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SLUGS)
    run(platforms=("talent_ray",))

    assert not [reply for reply in server.journal if reply.path.startswith("/api/public/")]
