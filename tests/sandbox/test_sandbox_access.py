"""Who may ask, how often, and what they are shown."""

from collections.abc import Iterator

import httpx
import pytest
from sandbox_asking import END, Asking, read_all

from connector.sandbox import Company, Server, Switches, serve
from connector.sandbox.access import READ_SCOPES, WRITE_SCOPES, RateLimit

PATHS = {
    "candidates:read": "/api/v1/candidates",
    "roles:read": "/api/v1/roles",
    "pipeline:read": "/api/v1/candidates/x/steps",
    "tests:read": "/api/v1/tests",
    "sourcing:read": "/api/v1/sourcing",
    "cv-screening:read": "/api/v1/cv-screening/batches/x",
}


@pytest.fixture
def company() -> Company:
    """Rows are enough here; their stories take longer to tell."""
    return Company.light(candidates=150, end=END)


def test_the_key_comes_in_either_header(ask: Asking, server: Server) -> None:
    assert len(server.talent_ray_key) == 67
    assert ask("/api/v1/me").status_code == 200
    assert ask("/api/v1/me", key=None, headers={"x-api-key": server.talent_ray_key}).status_code == 200
    assert ask("/api/v1/me", key=None).status_code == 401
    assert ask("/api/v1/me", key="tr_wrong").status_code == 401
    assert ask(f"/api/v1/me?key={server.talent_ray_key}", key=None).status_code == 401


def test_a_key_of_one_platform_does_not_open_the_other(ask: Asking, server: Server) -> None:
    assert ask("/api/v1/me", key=server.tailed_key).status_code == 401
    assert ask("/v1/jobs", key=server.talent_ray_key).status_code == 401


def test_an_expired_key_is_refused(ask: Asking, company: Company, server: Server) -> None:
    key = server.key(days=30)
    company.advance(days=29)
    assert ask("/api/v1/me", key=key).status_code == 200
    company.advance(days=1)
    assert ask("/api/v1/me", key=key).status_code == 401


@pytest.mark.parametrize("scope", sorted(PATHS))
def test_each_list_needs_its_scope(ask: Asking, server: Server, scope: str) -> None:
    others = [other for other in READ_SCOPES if other != scope]

    answer = ask(PATHS[scope], key=server.key("admin", others))

    assert answer.status_code == 403
    assert answer.json() | {"message": ""} == {
        "error": "insufficient_scope",
        "message": "",
        "requiredScopes": [scope],
        "grantedScopes": others,
    }


def test_a_scope_can_be_taken_away_while_serving(ask: Asking, switches: Switches) -> None:
    switches.removed_scopes = ("candidates:read",)

    assert ask("/api/v1/candidates").status_code == 403
    assert "candidates:read" not in ask("/api/v1/me").json()["auth"]["scopes"]


def test_checks_come_in_their_order(ask: Asking, company: Company, server: Server) -> None:
    """Key, scope, visibility, authority, body: each answer is that of the first check that fails."""
    company.hide("talent_ray", "roles", company.truth("talent_ray", "roles")[0]["id"])
    role = next(row for row in company.truth("talent_ray", "roles") if row["organizationId"] == "org_north")
    path = f"/api/v1/roles/{role['id']}"
    manager = server.key("hiring_manager", [*READ_SCOPES, *WRITE_SCOPES])
    company.update("talent_ray", "roles", role["id"], hiringManagerIds=["user_manager_north-harbour"])

    assert ask(path, "PATCH", key="tr_no", json={}).status_code == 401
    assert ask(path, "PATCH", key=server.key("member"), json={}).json()["error"] == "insufficient_scope"
    assert ask("/api/v1/roles/x", "PATCH", key=manager, json={}).status_code == 404
    assert ask(path, "PATCH", key=manager, json={}).json()["error"] == "forbidden"
    assert ask(path, "PATCH", key=server.key("admin", WRITE_SCOPES), json={}).status_code == 400


def test_a_member_sees_the_own_organization(ask: Asking, company: Company, server: Server) -> None:
    member = server.key("member", organization_id="org_cedar")
    candidates = read_all_with(ask, "/api/v1/candidates", member)
    everyone = company.truth("talent_ray", "candidates")

    assert {row["organizationId"] for row in read_all_with(ask, "/api/v1/roles", member)} == {"org_cedar"}
    assert {row["id"] for row in candidates} == {
        row["id"] for row in everyone if any(link["organizationId"] == "org_cedar" for link in row["roles"])
    }
    other = next(row for row in everyone if row["id"] not in {seen["id"] for seen in candidates})
    assert ask(f"/api/v1/candidates/{other['id']}", key=member).status_code == 404
    assert ask(f"/api/v1/candidates/{other['id']}/steps", key=member).status_code == 404
    assert ask("/api/admin/api-keys", key=member).json() == {"error": "Forbidden - Admin access required"}


def test_a_confidential_role_hides_from_members_that_are_not_on_it(
    ask: Asking, company: Company, server: Server
) -> None:
    role = next(row for row in company.truth("talent_ray", "roles") if row["organizationId"] == "org_north")
    company.update("talent_ray", "roles", role["id"], confidential=True, hiringManagerIds=[])
    member = server.key("member")

    assert ask(f"/api/v1/roles/{role['id']}", key=member).status_code == 404
    company.update("talent_ray", "roles", role["id"], hrRepresentativeId="user_recruiter_north-harbour")
    assert ask(f"/api/v1/roles/{role['id']}", key=member).status_code == 200
    assert ask(f"/api/v1/roles/{role['id']}").status_code == 200


def test_a_hiring_manager_sees_assigned_roles_and_their_candidates(
    ask: Asking, company: Company, server: Server, switches: Switches
) -> None:
    manager = server.key("hiring_manager")
    roles = {row["id"] for row in read_all_with(ask, "/api/v1/roles", manager)}
    candidates = read_all_with(ask, "/api/v1/candidates", manager)

    assert roles
    assert all(roles & {link["roleId"] for link in row["roles"]} for row in candidates)
    assert any({link["roleId"] for link in row["roles"]} - roles for row in candidates)
    switches.manager_sees_own_roles_only = True
    narrowed = read_all_with(ask, "/api/v1/candidates", manager)
    assert {link["roleId"] for row in narrowed for link in row["roles"]} <= roles
    assert len(narrowed) == len(candidates)


def test_somebody_without_rights_sees_nothing(ask: Asking, server: Server, switches: Switches) -> None:
    bystander = server.key("bystander")

    assert read_all_with(ask, "/api/v1/roles", bystander) == []
    switches.member_sees_organization = True
    assert read_all_with(ask, "/api/v1/roles", bystander)


def test_the_owner_can_be_demoted_while_serving(ask: Asking, company: Company, switches: Switches) -> None:
    everyone = len(company.truth("talent_ray", "candidates"))
    switches.demoted_to = "employer"

    fewer = ask("/api/v1/candidates").json()["pagination"]["totalCount"]

    assert 0 < fewer < everyone
    assert ask("/api/v1/me").json()["user"]["role"] == "user"
    switches.demoted_to = None
    switches.visible_share = 0.1
    assert ask("/api/v1/candidates").json()["pagination"]["totalCount"] < everyone / 4


def test_an_organization_can_be_hidden_whole_or_inside_roles(ask: Asking, company: Company, switches: Switches) -> None:
    everyone = len(company.truth("talent_ray", "candidates"))
    switches.hidden_inside_roles = ("org_cedar",)
    rows = read_all(ask, "/api/v1/candidates")

    assert len(rows) == everyone
    assert not any(link["organizationId"] == "org_cedar" for row in rows for link in row["roles"])
    switches.hidden_inside_roles = ()
    switches.hidden_organizations = ("org_cedar",)
    assert "org_cedar" not in {row["organizationId"] for row in read_all(ask, "/api/v1/roles")}
    assert len(read_all(ask, "/api/v1/candidates")) < everyone


# Limits


@pytest.fixture
def limited(company: Company) -> Iterator[Server]:
    with serve(company, requests_per_minute=5, tailed_requests_per_minute=3) as server:
        yield server


def test_more_than_the_limit_is_refused_with_retry_after(limited: Server) -> None:
    with httpx.Client(base_url=limited.url, headers={"Authorization": f"Bearer {limited.talent_ray_key}"}) as client:
        answers = [client.get("/api/v1/me") for _ in range(8)]
        portal = client.get(f"/api/public/portal/{limited.portal_slugs[0]}")

    assert [answer.status_code for answer in answers] == [200] * 5 + [429] * 3
    assert 0 < int(answers[-1].headers["retry-after"]) <= 60
    assert answers[-1].json()["error"] not in ("bad_request", "forbidden", "not_found")
    assert portal.status_code == 200
    assert limited.busiest_minute(limited.talent_ray_key) == 8
    assert limited.busiest_minute(limited.tailed_key) == 0


def test_each_key_has_its_own_limit_and_tailed_another(limited: Server) -> None:
    with httpx.Client(base_url=limited.url) as client:
        for key in (limited.talent_ray_key, limited.key("member")):
            statuses = [client.get("/api/v1/me", headers={"x-api-key": key}).status_code for _ in range(6)]
            assert statuses == [200] * 5 + [429]
        headers = {"Authorization": f"Bearer {limited.tailed_key}"}
        assert [client.get("/v1/jobs", headers=headers).status_code for _ in range(4)] == [200] * 3 + [429]


def test_the_window_slides_or_is_a_fixed_minute() -> None:
    sliding, fixed = RateLimit(), RateLimit()
    for instant in (50.0, 55.0):
        assert sliding.admit("key", instant, 2, sliding=True) == fixed.admit("key", instant, 2, sliding=False) == 0.0

    assert sliding.admit("key", 61.0, 2, sliding=True) == 49.0
    assert fixed.admit("key", 61.0, 2, sliding=False) == 0.0
    assert sliding.admit("key", 110.5, 2, sliding=True) == 0.0


@pytest.mark.parametrize(
    ("form", "expected"),
    [("negative", "-5"), ("text", "soon"), ("huge", "86400"), ("zero", "0"), ("7", "7"), (None, None)],
)
def test_retry_after_takes_every_form(limited: Server, form: str | None, expected: str | None) -> None:
    limited.switches.retry_after = form
    limited.service.requests_per_minute = 0

    answer = httpx.get(f"{limited.url}/api/v1/me", headers={"x-api-key": limited.talent_ray_key})

    assert answer.status_code == 429
    assert answer.headers.get("retry-after") == expected


def test_retry_after_can_be_a_date(limited: Server) -> None:
    limited.service.requests_per_minute = 0
    limited.switches.retry_after = "date"
    limited.switches.refusal_body = "html"

    answer = httpx.get(f"{limited.url}/api/v1/me", headers={"x-api-key": limited.talent_ray_key})

    assert answer.headers["retry-after"].endswith("GMT")
    assert answer.headers["content-type"].startswith("text/html")


def read_all_with(ask: Asking, path: str, key: str) -> list[dict[str, object]]:
    return read_all(lambda path, **more: ask(path, key=key, **more), path)
