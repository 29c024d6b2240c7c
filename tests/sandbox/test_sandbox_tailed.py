"""Tailed in its assumed shape, and each assumption broken alone."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from sandbox_asking import END, Asking, by_id, read_all

from connector.sandbox import Company, Drift, Fault, Server, Switches

PATHS = {
    "candidates": "/v1/candidates",
    "jobs": "/v1/jobs",
    "applications": "/v1/applications",
    "snapshots": "/v1/analytics/snapshots",
}


@pytest.mark.parametrize("resource", sorted(PATHS))
def test_a_list_comes_in_pages_that_partition_the_truth(ask: Asking, company: Company, resource: str) -> None:
    assert by_id(read_all(ask, PATHS[resource], size=19)) == by_id(company.truth("tailed", resource))


def test_the_envelope(ask: Asking, company: Company) -> None:
    count = len(company.truth("tailed", "jobs"))

    assert ask("/v1/jobs", params={"page": 0, "pageSize": 3}).json() == {
        "data": ask("/v1/jobs").json()["data"][:3],
        "pagination": {"page": 0, "pageSize": 3, "totalCount": count, "totalPages": -(-count // 3)},
    }
    assert ask("/v1/people").status_code == 404
    assert ask("/v1/jobs", "POST").status_code == 405
    assert ask("/v1/jobs", key=None).status_code == 401


def test_rows_are_as_assumed() -> None:
    company = Company(seed=2, candidates=1500, days=200, end=END)
    jobs = {row["id"] for row in company.truth("tailed", "jobs")}
    applications = company.truth("tailed", "applications")
    candidates = company.truth("tailed", "candidates")
    pairs = [(row["candidateId"], row["jobId"]) for row in applications]

    assert {row["status"].lower() for row in applications} == {"active", "hired", "rejected", "withdrawn"}
    assert all((row["hiredAt"] is None) or (row["rejectedAt"] is None) for row in applications)
    assert {row["candidateId"] for row in applications} <= {row["id"] for row in candidates}
    assert any(row["deletedAt"] for row in candidates)
    assert any(row["deletedAt"] for row in applications)
    assert any(row["stage"] is None for row in applications)
    assert any(row["stageEnteredAt"] is None for row in applications)
    assert any(row["jobId"] not in jobs for row in applications), "a deleted job is absent, its applications stay"
    assert len(set(pairs)) < len(pairs), "candidate and job together are not unique"


def test_a_soft_delete_moves_updated_at_and_can_be_taken_back(company: Company, ask: Asking) -> None:
    row = company.truth("tailed", "candidates")[0]
    company.advance(seconds=90)
    company.update("tailed", "candidates", row["id"], deletedAt=company.now)

    deleted = next(found for found in read_all(ask, "/v1/candidates") if found["id"] == row["id"])
    assert deleted["deletedAt"] == deleted["updatedAt"] > row["updatedAt"]
    company.update("tailed", "candidates", row["id"], deletedAt=None)

    restored = next(found for found in read_all(ask, "/v1/candidates") if found["id"] == row["id"])
    assert restored["deletedAt"] is None


# Each assumption, broken alone


def test_a1_a_redirect(ask: Asking, server: Server) -> None:
    server.switches.faults = [Fault("redirect", rate=1.0, path="/v1/")]
    assert ask("/v1/jobs").status_code == 302


def test_a2_another_header(ask: Asking, server: Server, switches: Switches) -> None:
    switches.tailed = replace(switches.tailed, header="X-Api-Key", scheme="")
    assert ask("/v1/jobs").status_code == 401
    assert ask("/v1/jobs", headers={"X-Api-Key": server.tailed_key}).status_code == 200


def test_a3_another_path(ask: Asking, switches: Switches) -> None:
    switches.tailed.paths["jobs"] = "/v2/postings"
    assert ask("/v1/jobs").status_code == 404
    assert ask("/v2/postings").status_code == 200


def test_a4_another_key_for_the_rows(ask: Asking, switches: Switches) -> None:
    switches.tailed.data_key = "items"
    assert list(ask("/v1/jobs").json()) == ["items", "pagination"]
    switches.tailed.data_key = ""
    assert isinstance(ask("/v1/jobs").json(), list)


def test_a5_other_keys_for_the_totals(ask: Asking, switches: Switches) -> None:
    switches.tailed.total_count_key = "meta.total"
    body = ask("/v1/jobs").json()
    assert isinstance(body["meta"]["total"], int)
    assert "totalCount" not in body["pagination"]


def test_a6_pages_count_from_one(ask: Asking, switches: Switches) -> None:
    first = ask("/v1/jobs", params={"page": 0, "pageSize": 1}).json()["data"]
    switches.tailed.first_page = 1
    assert ask("/v1/jobs", params={"page": 0, "pageSize": 1}).status_code == 400
    assert ask("/v1/jobs", params={"page": 1, "pageSize": 1}).json()["data"] == first
    switches.bad_page = "default"
    assert ask("/v1/jobs", params={"page": 0, "pageSize": 1}).json()["data"] == first


def test_a7_other_parameters(ask: Asking, switches: Switches) -> None:
    switches.tailed.page_param, switches.tailed.size_param = "p", "limit"
    assert ask("/v1/jobs", params={"page": 1, "pageSize": 1}).json()["pagination"]["page"] == 0
    assert ask("/v1/jobs", params={"p": 1, "limit": 1}).json()["pagination"] | {"totalCount": 0, "totalPages": 0} == {
        "page": 1,
        "pageSize": 1,
        "totalCount": 0,
        "totalPages": 0,
    }


def test_a8_smaller_pages(ask: Asking, switches: Switches) -> None:
    switches.tailed.max_size = 5
    assert len(ask("/v1/applications", params={"pageSize": 100}).json()["data"]) == 5
    switches.tailed.over_max = "400"
    assert ask("/v1/applications", params={"pageSize": 100}).status_code == 400


def test_a9_a10_a15_other_fields(ask: Asking, switches: Switches) -> None:
    switches.tailed.rename = {
        "applications": {"id": "_id", "createdAt": "created", "stageEnteredAt": "stage_entered_at"}
    }
    row = ask("/v1/applications").json()["data"][0]
    assert {"_id", "created", "stage_entered_at"} <= row.keys()
    assert not {"id", "createdAt", "stageEnteredAt"} & row.keys()
    assert "id" in ask("/v1/jobs").json()["data"][0]
    switches.drift = [Drift("tailed.jobs", "id", value=None)]
    assert ask("/v1/jobs").json()["data"][0]["id"] is None


@pytest.mark.parametrize(
    ("form", "example"),
    [("naive", str), ("epoch_seconds", int), ("epoch_milliseconds", int), ("day_first", str), ("offset", str)],
)
def test_a11_other_times(ask: Asking, company: Company, switches: Switches, form: Any, example: type) -> None:
    switches.tailed.timestamps = form
    value = ask("/v1/jobs").json()["data"][0]["createdAt"]
    assert isinstance(value, example)
    if form == "naive":
        assert datetime.fromisoformat(value).tzinfo is None
    assert ask("/api/v1/roles").json()["data"][0]["createdAt"].endswith("Z")


def test_a12_deleted_rows_vanish(ask: Asking, company: Company, switches: Switches) -> None:
    row = company.truth("tailed", "candidates")[0]
    company.update("tailed", "candidates", row["id"], deletedAt=company.now)
    switches.tailed.deletes_returned = False

    rows = read_all(ask, "/v1/candidates")

    assert row["id"] not in {found["id"] for found in rows}
    assert all(found["deletedAt"] is None for found in rows)


def test_a13_a14_another_refusal(ask: Asking, server: Server, switches: Switches) -> None:
    server.service.tailed_requests_per_minute = 2
    switches.tailed.rate_status, switches.tailed.rate_header = 503, "X-Wait"

    answers = [ask("/v1/jobs") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 503]
    assert int(answers[2].headers["x-wait"]) > 0
    assert "retry-after" not in answers[2].headers


def test_a_list_outside_the_plan(ask: Asking, switches: Switches) -> None:
    switches.tailed.refused_lists = ("snapshots",)
    assert ask("/v1/analytics/snapshots").status_code == 403
    assert ask("/v1/jobs").status_code == 200
