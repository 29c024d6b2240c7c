"""Portals against lists, use of keys, and one person on both platforms: read, built and compared with the company."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import pytest

from connector.sandbox import Company, Server

TALENT_RAY = "SOURCES__TALENT_RAY__"
ACME = f"{TALENT_RAY}ACCOUNTS__ACME__"
AGENT = "test/1"


def marts_id(platform: str, record_id: str, account: str = "default") -> str:
    return f"{platform}:{account}:" + record_id.replace("%", "%25").replace(":", "%3A")


def open_and_public(company: Company) -> set[str]:
    roles = company.truth("talent_ray", "roles")
    return {role["id"] for role in roles if role["isPublic"] and role["status"].lower() in ("open", "active")}


def on_portals(company: Company, slugs: list[str]) -> set[str]:
    return {role["id"] for role in company.truth("talent_ray", "portal") if role["slug"] in slugs}


def make_one_person_of(company: Company, *names: str) -> tuple[str, str]:
    """Give a Tailed candidate the address or number of a Talent-Ray one; their ids in the marts."""
    number = len([1 for name in names if name == "email"]) * 2 + len([1 for name in names if name == "phone"])
    one = company.truth("talent_ray", "candidates")[number]
    other = [row for row in company.truth("tailed", "candidates") if row["deletedAt"] is None][number]
    company.update("talent_ray", "candidates", one["id"], phone=f"+4930123456{number}")
    same = {"email": one["email"].upper(), "phone": f"+49 30 123456{number}"}
    company.update("tailed", "candidates", other["id"], **{name: same[name] for name in names})
    return marts_id("talent_ray", one["id"]), marts_id("tailed", other["id"])


def test_portals_keys_and_people_are_told_as_they_are(
    server: Server, company: Company, run: Any, ask: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRIVACY__PSEUDONYM_KEY", "a key of tests, long enough for tokens")
    monkeypatch.setenv(f"{TALENT_RAY}STREAMS", "roles,candidates,portal_roles,api_keys,api_key_usage")
    monkeypatch.setenv(f"{TALENT_RAY}API_KEY_AUDIT", "true")
    slugs = server.portal_slugs
    hidden = min(on_portals(company, slugs))
    company.update("talent_ray", "roles", hidden, confidential=True)
    slug = company.truth("talent_ray", "portal")[0]["slug"]
    bystander = {"API_KEY": server.key("bystander"), "BASE_URL": server.url, "STREAMS": "roles,portal_roles"}
    for name, value in {**bystander, "PORTAL_SLUGS": slug, "REQUESTS_PER_MINUTE": "60000"}.items():
        monkeypatch.setenv(f"{ACME}{name}", value)
    key = company.access.create("user_admin", company.now, name="busy")
    for number, method in enumerate(["GET"] * 5 + ["PATCH"] * 2):
        company.access.note(key, company.now - timedelta(hours=number), method, "/api/v1/roles", "192.0.2.1", AGENT)
    people = {
        make_one_person_of(company, "email", "phone"): "sure",
        make_one_person_of(company, "email"): "likely",
        make_one_person_of(company, "phone"): "possible",
    }

    outcome = run(skip_build=False)

    assert outcome.exit_status == 0
    told: dict[str, dict[str, set[str]]] = {"default": {}, "acme": {}}
    for account, visibility, role_id in ask("select account, visibility, role_id from reports.rpt_portal_visibility"):
        told[account].setdefault(visibility, set()).add(unquote(role_id.split(":")[2]))
    shown, listed = on_portals(company, slugs), open_and_public(company)
    assert hidden in listed - shown
    assert told["default"] == {"both": shown & listed, "list_only": listed - shown}
    # One without rights lists no role, and sees the portal as the public does.
    assert told["acme"] == {"portal_only": on_portals(company, [slug])}
    reasons = ask("select distinct explanation from reports.rpt_portal_visibility where visibility = 'portal_only'")
    assert reasons == [("not_visible_to_key",)]

    usage = "select sum(count_calls), sum(count_reads), sum(count_writes) from reports.rpt_api_key_usage"
    assert ask(f"{usage} where api_key_id = '{marts_id('talent_ray', key.id)}'") == [(7, 5, 2)]
    principals = ask("select account, principal_role, is_admin from meta.principals order by account")
    assert [(account, is_admin) for account, _, is_admin in principals] == [("acme", False), ("default", True)]

    pairs = ask("select talent_ray_candidate_id, tailed_candidate_id, how_sure from marts.bridge_candidates")
    assert {(one, other): how_sure for one, other, how_sure in pairs} == people
