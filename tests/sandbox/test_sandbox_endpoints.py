"""Each documented endpoint of Talent-Ray: its shape, its values, its statuses."""

from typing import Any

import pytest
from sandbox_asking import Asking, by_id, read_all

from connector.sandbox import Company, Server
from connector.sandbox.access import READ_SCOPES, WRITE_SCOPES

TIMES = ("createdAt", "updatedAt")
ALL_SCOPES = (*READ_SCOPES, *WRITE_SCOPES)
FIELDS = {
    "candidates": ["id", "fullName", "email", "phone", "status", "createdAt", "updatedAt", "roles"],
    "roles": [
        "id",
        "name",
        "organizationId",
        "status",
        "priority",
        "isPublic",
        "department",
        "location",
        "workType",
        "salaryMin",
        "salaryMax",
        "salaryCurrency",
        "salaryPeriod",
        "targetHireCount",
        "roleLevel",
        "createdAt",
        "updatedAt",
    ],
    "tests": [
        "id",
        "name",
        "type",
        "description",
        "duration",
        "targetPersona",
        "analysisCategory",
        "language",
        "isPublic",
        "organizationIds",
        "createdAt",
        "updatedAt",
    ],
    "sourcing": [
        "id",
        "fullName",
        "email",
        "contactEmail",
        "phone",
        "status",
        "skills",
        "summary",
        "candidateId",
        "organizations",
        "roles",
        "createdAt",
        "updatedAt",
    ],
}


@pytest.mark.parametrize("resource", sorted(FIELDS))
def test_a_list_comes_in_pages_that_partition_the_truth(ask: Asking, company: Company, resource: str) -> None:
    rows = read_all(ask, f"/api/v1/{resource}", size=7)

    assert [list(row) for row in rows] == [FIELDS[resource]] * len(rows)
    assert by_id(rows) == by_id(company.truth("talent_ray", resource))
    assert [row["createdAt"] for row in rows] == sorted((row["createdAt"] for row in rows), reverse=True)


@pytest.mark.parametrize("resource", sorted(FIELDS))
def test_one_record_comes_without_an_envelope(ask: Asking, company: Company, resource: str) -> None:
    row = company.truth("talent_ray", resource)[-1]

    assert ask(f"/api/v1/{resource}/{row['id']}").json() == row
    missing = ask(f"/api/v1/{resource}/no-such-id")
    assert (missing.status_code, missing.json()["error"]) == (404, "not_found")


def test_the_envelope_is_data_and_pagination(ask: Asking, company: Company) -> None:
    count = len(company.truth("talent_ray", "candidates"))

    body = ask("/api/v1/candidates", params={"page": 1, "pageSize": 25}).json()

    assert list(body) == ["data", "pagination"]
    assert body["pagination"] == {"page": 1, "pageSize": 25, "totalCount": count, "totalPages": -(-count // 25)}
    assert len(ask("/api/v1/candidates").json()["data"]) == 20


def test_me_tells_the_owner_and_the_scopes(ask: Asking, server: Server) -> None:
    key = server.key("member", ["roles:read"])

    assert ask("/api/v1/me", key=key).json() == {
        "user": {
            "id": "user_recruiter_north-harbour",
            "email": "user.recruiter.north-harbour@example.com",
            "role": "user",
        },
        "auth": {"type": "api_key", "keyId": server.key_id(key), "scopes": ["roles:read"]},
    }


def test_candidate_steps_come_whole_in_order_and_without_the_candidate(ask: Asking, company: Company) -> None:
    truth = company.truth("talent_ray", "candidate_steps")
    for row in company.truth("talent_ray", "candidates")[:30]:
        body = ask(f"/api/v1/candidates/{row['id']}/steps").json()
        assert list(body) == ["data"]
        assert [{"candidateId": row["id"], **step} for step in body["data"]] == [
            step for step in truth if step["candidateId"] == row["id"]
        ]
        places = [(step["roleId"], step["order"]) for step in body["data"]]
        assert places == sorted(places)
    assert ask("/api/v1/candidates/nobody/steps").status_code == 404


def test_role_steps_come_whole_in_order(ask: Asking, company: Company) -> None:
    for role in company.truth("talent_ray", "roles"):
        body = ask(f"/api/v1/roles/{role['id'].replace(':', '%3A')}/steps").json()
        assert list(body) == ["data"]
        assert [step["order"] for step in body["data"]] == list(range(1, len(body["data"]) + 1))
        assert all(step["roleId"] == role["id"] for step in body["data"])


def test_an_id_with_a_slash_is_one_segment(ask: Asking, company: Company) -> None:
    company.insert("talent_ray", "candidates", id="a/b?c ü", fullName="Ada Example")

    assert ask("/api/v1/candidates/a%2Fb%3Fc%20%C3%BC").json()["fullName"] == "Ada Example"


def test_filters_narrow_a_list(ask: Asking, company: Company) -> None:
    candidates = company.truth("talent_ray", "candidates")
    role_id = next(link["roleId"] for row in candidates for link in row["roles"] if link["status"] == "In Pipeline")
    active = [
        row
        for row in candidates
        if any(link["roleId"] == role_id and link["status"].lower() == "in pipeline" for link in row["roles"])
    ]
    leads = company.truth("talent_ray", "sourcing")

    assert by_id(read_all(ask, "/api/v1/candidates", roleId=role_id)) == by_id(active)
    assert {row["organizationId"] for row in read_all(ask, "/api/v1/roles", organizationId="org_cedar")} == {
        "org_cedar"
    }
    assert {row["status"] for row in read_all(ask, "/api/v1/roles", status="open")} == {"open"}
    assert {row["language"] for row in read_all(ask, "/api/v1/tests", language="de")} == {"de"}
    assert by_id(read_all(ask, "/api/v1/sourcing", status="parsed")) == by_id(
        [row for row in leads if row["status"] == "parsed"]
    )


def test_a_batch_tells_its_progress_and_pages_its_members(ask: Asking, company: Company, server: Server) -> None:
    batch_id = server.batch_ids[0]
    body = ask(f"/api/v1/cv-screening/batches/{batch_id}", params={"pageSize": 2}).json()
    progress = next(row for row in company.truth("talent_ray", "cv_screening_batches") if row["batchId"] == batch_id)
    members = company.truth("talent_ray", "cv_screening_batch_members")

    assert {name: body[name] for name in progress} == progress
    assert body["pagination"]["totalCount"] == progress["totalCandidates"]
    assert by_id(
        [{"batchId": batch_id, **row} for row in read_all(ask, f"/api/v1/cv-screening/batches/{batch_id}")]
    ) == (by_id([row for row in members if row["batchId"] == batch_id]))
    lead_id = body["data"][0]["id"]
    company.update("talent_ray", "sourcing", lead_id, status="uploaded")
    assert ask(f"/api/v1/cv-screening/batches/{batch_id}").json()["status"] == "processing"
    assert ask("/api/v1/cv-screening/batches/none").status_code == 404


# Writing


@pytest.fixture
def writer(server: Server) -> str:
    return server.key("admin", ALL_SCOPES)


def test_patch_changes_what_it_names_and_moves_updated_at(ask: Asking, company: Company, writer: str) -> None:
    row = company.truth("talent_ray", "candidates")[0]
    company.advance(hours=1)

    answer = ask(
        f"/api/v1/candidates/{row['id']}", "PATCH", key=writer, json={"status": "Active", "nonsense": 1, "phone": None}
    )

    assert answer.status_code == 200
    assert answer.json() == row | {
        "status": "Active",
        "phone": None,
        "updatedAt": f"{company.now:%Y-%m-%dT%H:%M:%SZ}",
        "roles": answer.json()["roles"],
    }


@pytest.mark.parametrize(
    ("resource", "body"),
    [
        ("candidates", {"fullName": 5}),
        ("candidates", {"email": "no-at-sign"}),
        ("candidates", {"phone": "12"}),
        ("candidates", {}),
        ("candidates", {"unknown": 1}),
        ("candidates", []),
        ("roles", {"isPublic": "yes"}),
        ("roles", {"targetHireCount": True}),
        ("roles", {"workType": "moon"}),
        ("tests", {"duration": None}),
        ("sourcing", {"skills": [1]}),
    ],
)
def test_a_bad_body_is_refused(ask: Asking, company: Company, writer: str, resource: str, body: Any) -> None:
    row = company.truth("talent_ray", resource)[0]

    answer = ask(f"/api/v1/{resource}/{row['id']}", "PATCH", key=writer, json=body)

    assert (answer.status_code, answer.json()["error"]) == (400, "bad_request")
    assert company.truth("talent_ray", resource)[0] == row


@pytest.mark.parametrize(
    ("resource", "body"),
    [
        ("roles", {"priority": "high", "salaryMax": None}),
        ("tests", {"duration": 33}),
        ("sourcing", {"skills": ["dbt"]}),
    ],
)
def test_the_other_patches(ask: Asking, company: Company, writer: str, resource: str, body: dict[str, Any]) -> None:
    row = company.truth("talent_ray", resource)[0]

    answer = ask(f"/api/v1/{resource}/{row['id']}", "PATCH", key=writer, json=body)

    assert answer.status_code == 200
    assert body.items() <= answer.json().items()


def test_a_lead_is_created_with_201_and_deleted_with_204(ask: Asking, writer: str) -> None:
    created = ask(
        "/api/v1/sourcing",
        "POST",
        key=writer,
        json={"fullName": "Bo Example", "organizationId": "org_north", "skills": ["sql"]},
    )
    lead = created.json()

    assert created.status_code == 201
    assert (lead["status"], lead["skills"], lead["email"]) == ("uploaded", ["sql"], None)
    assert [link["organizationId"] for link in lead["organizations"]] == ["org_north"]
    deleted = ask(f"/api/v1/sourcing/{lead['id']}", "DELETE", key=writer)
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert ask(f"/api/v1/sourcing/{lead['id']}").status_code == 404
    for body in ({"fullName": "Bo"}, {"organizationId": "org_north"}, {"fullName": "Bo", "organizationId": "nowhere"}):
        assert ask("/api/v1/sourcing", "POST", key=writer, json=body).status_code == 400


# The older surfaces


def test_keys_are_made_listed_and_revoked(ask: Asking, server: Server) -> None:
    body = {"name": "warehouse 2", "userId": "user_owner_cedar", "expiresInDays": 30}
    made = ask("/api/admin/api-keys", "POST", json=body)
    key = made.json()["data"]

    assert (made.status_code, made.json()["success"]) == (200, True)
    assert key["key"].startswith("tr_")
    assert len(key["key"]) == 67
    assert ask("/api/v1/me", key=key["key"]).json()["auth"]["scopes"] == []
    assert ask("/api/v1/roles", key=key["key"]).json()["error"] == "insufficient_scope"
    listed = {row["id"]: row for row in ask("/api/admin/api-keys").json()["data"]}
    assert key["key"] not in ask("/api/admin/api-keys").text
    assert listed[key["id"]]["owner"]["orgRole"] == "owner"
    revoked = ask(f"/api/admin/api-keys/{key['id']}", "DELETE")
    assert (revoked.status_code, revoked.json()) == (200, {"success": True})
    assert ask("/api/v1/me", key=key["key"]).status_code == 401
    assert ask(f"/api/admin/api-keys/{key['id']}", "DELETE").status_code == 404


@pytest.mark.parametrize(
    ("body", "status", "sentence"),
    [
        ({"userId": "user_admin"}, 400, "Name is required"),
        ({"name": "x"}, 400, "userId is required"),
        ({"name": "x", "userId": "nobody"}, 404, "User not found"),
        ({"name": "x", "userId": "user_admin", "expiresInDays": 366}, 400, "expiresInDays must be between 1 and 365"),
    ],
)
def test_a_key_needs_a_name_and_an_owner(ask: Asking, body: dict[str, Any], status: int, sentence: str) -> None:
    answer = ask("/api/admin/api-keys", "POST", json=body)

    assert (answer.status_code, answer.json()) == (status, {"error": sentence})


def test_the_usage_log_is_read_backwards_with_a_cursor(ask: Asking, company: Company, server: Server) -> None:
    key = server.key("admin")
    for _ in range(7):
        company.advance(seconds=10)
        ask("/api/v1/me", key=key)
    path = f"/api/admin/api-keys/{server.key_id(key)}/usage"

    rows: list[dict[str, Any]] = []
    before: dict[str, str] = {}
    while True:
        data = ask(path, params={"limit": 3, **before}).json()["data"]
        rows += data["rows"]
        if not data["pagination"]["hasMore"]:
            break
        before = {"before": data["pagination"]["nextBefore"]}

    assert len(rows) == 7
    assert [row["timestamp"] for row in rows] == sorted((row["timestamp"] for row in rows), reverse=True)
    assert list(rows[0]) == ["id", "timestamp", "method", "path", "ip", "userAgent", "authEndpoint"]
    assert data["pagination"] == {"limit": 3, "hasMore": False, "nextBefore": None}
    assert data["key"]["requestCount"] == 7
    assert ask("/api/admin/api-keys/none/usage").status_code == 404


def test_a_portal_shows_open_public_roles_without_a_key(ask: Asking, company: Company, server: Server) -> None:
    truth = company.truth("talent_ray", "portal")
    for slug in server.portal_slugs:
        body = ask(f"/api/public/portal/{slug}", key=None).json()
        name = body["org"]["name"]
        assert [{"slug": slug, "organizationName": name, **role} for role in body["roles"]] == [
            row for row in truth if row["slug"] == slug
        ]
        for role in body["roles"]:
            assert ("salaryMin" in role) is body["org"]["portalTheme"]["showSalary"]
            one = ask(f"/api/public/portal/{slug}/roles/{role['id']}", key=None).json()
            assert one == {"org": body["org"], "role": role}
    assert ask("/api/public/portal/lumen-lab", key=None).status_code == 404
    assert ask(f"/api/public/portal/{server.portal_slugs[0]}/roles/none", key=None).status_code == 404


def test_a_confidential_role_is_on_no_portal(ask: Asking, company: Company) -> None:
    role = company.truth("talent_ray", "portal")[0]

    company.update("talent_ray", "roles", role["id"], confidential=True)

    assert ask(f"/api/public/portal/{role['slug']}/roles/{role['id']}", key=None).status_code == 404
    assert role["id"] not in {row["id"] for row in ask(f"/api/public/portal/{role['slug']}", key=None).json()["roles"]}


def test_applying_needs_a_public_role(ask: Asking, company: Company) -> None:
    role = company.truth("talent_ray", "portal")[0]
    path = f"/api/public/portal/{role['slug']}/apply"

    first = ask(path, "POST", key=None, json={"roleId": role["id"]})

    assert first.status_code == 200
    assert "/en/signup/invite/inv_" in first.json()["inviteUrl"]
    assert ask(path, "POST", key=None, json={"roleId": role["id"]}).json() == first.json()
    assert ask(path, "POST", key=None, json={}).status_code == 400
    assert ask(path, "POST", key=None, json={"roleId": "none"}).status_code == 404


def test_other_paths_and_methods_do_not_exist(ask: Asking) -> None:
    assert ask("/api/v1/offers").status_code == 404
    assert ask("/api/v1/candidates", "POST", json={}).status_code == 405
    assert ask("/api/v1/candidates/").status_code == 200
