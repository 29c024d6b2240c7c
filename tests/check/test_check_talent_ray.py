"""`check` on Talent-Ray: key, owner, scopes and what they cost, clock, lists; and the warehouse."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.reading.assumption import Finding, Outcome
from connector.sandbox import Company, Drift, Server
from pipelines.check import as_json, check, exit_status
from pipelines.check.lineage import reports_of
from pipelines.check.telling import line
from pipelines.lock import locked
from pipelines.settings import load

KEY = "SOURCES__TALENT_RAY__API_KEY"
READ = ("roles:read", "candidates:read", "tests:read", "sourcing:read", "pipeline:read", "cv-screening:read")


def found(warehouse: Path | str = "hiring.duckdb") -> list[Finding]:
    return check(load(platforms=("talent_ray",), warehouse=str(warehouse)))


def told(findings: list[Finding], outcome: Outcome) -> list[str]:
    return [" ".join(line(finding).split()) for finding in findings if finding.outcome is outcome]


def test_a_good_key_and_lists_as_documented_hold(server: Server) -> None:
    findings = found()

    assert exit_status(findings) == 0
    assert told(findings, Outcome.BROKEN) == []
    held = {(finding.number, finding.subject) for finding in findings if finding.outcome is Outcome.HOLDS}
    for stream in ("roles", "candidates", "tests", "leads"):
        assert {(number, stream) for number in ("rows", "totals", "pages", "page size", "order", "past end")} <= held


def test_a_few_requests_are_enough_and_only_portals_are_asked_without_a_key(server: Server) -> None:
    found()
    asked: dict[str, int] = {}
    for reply in server.journal:
        asked[reply.path] = asked.get(reply.path, 0) + 1

    assert max(asked.values()) <= 8
    assert {reply.key_id for reply in server.journal if reply.path.startswith("/api/public/")} == {None}
    assert {reply.method for reply in server.journal} == {"GET"}


def test_a_missing_scope_is_named_with_the_streams_and_reports_it_costs(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY, server.key("member", scopes=[scope for scope in READ if scope != "sourcing:read"]))
    monkeypatch.setenv("SOURCES__TALENT_RAY__CV_SCREENING_BATCH_IDS", "")  # a member does not see every batch
    findings = found()

    (text,) = told(findings, Outcome.BROKEN)
    assert text.startswith("scope broken sourcing:read expected: granted got: missing try: a key with sourcing:read")
    assert "leads not read" in text
    assert exit_status(findings) == 5
    assert not [reply for reply in server.journal if reply.path == "/api/v1/sourcing"]


def test_reports_are_traced_through_the_models_to_the_raw_tables() -> None:
    assert "rpt_sourcing_conversion" in reports_of("talent_ray", ["leads"])
    assert "rpt_portal_visibility" in reports_of("talent_ray", ["portal_roles"])
    assert "rpt_hiring_funnel" not in reports_of("talent_ray", ["api_keys"])


def test_write_scopes_and_an_admin_owner_are_warned_of(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY, server.key("admin", scopes=[*READ, "roles:write"]))
    warnings = told(found(), Outcome.WARNING)

    assert any("platform admin" in warning for warning in warnings)
    assert any(warning.startswith("scope warning roles:write") for warning in warnings)
    assert told(found(), Outcome.BROKEN) == []


def test_a_refused_key_ends_the_check_of_the_account(server: Server, company: Company) -> None:
    company.access.revoke(company.talent_ray_key.id)
    findings = found()

    assert exit_status(findings) == 3
    assert len(told(findings, Outcome.BROKEN)) == 1


def test_a_clock_that_is_off_is_told(server: Server) -> None:
    of_today = Company(seed=11, candidates=10, days=30)
    server.show(of_today)
    of_today.advance(hours=3)
    (warning,) = [text for text in told(found(), Outcome.WARNING) if text.startswith("clock")]

    assert f"{timedelta(hours=3) // timedelta(minutes=1)} minutes behind it" in warning


def test_how_lists_are_ordered_and_what_lies_behind_their_end_is_told(server: Server) -> None:
    server.switches.order, server.switches.past_the_end = "updated_asc", "404"
    findings = {(one.number, one.subject): one.got for one in found()}

    assert findings["order", "leads"].startswith("updatedAt rising")
    assert findings["past end", "leads"] == "404"


def test_a_list_that_departs_from_its_reference_is_told(server: Server) -> None:
    server.switches.page_size_max = 50
    server.switches.drift = [Drift("roles", "workType", gone=True)]
    texts = told(found(), Outcome.BROKEN)

    assert any(text.startswith("page size broken candidates") for text in texts)
    assert any(text.startswith("fields broken roles expected: field workType") for text in texts)


def test_an_administrators_list_is_broken_for_anybody_else(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY, server.key("member"))
    monkeypatch.setenv("SOURCES__TALENT_RAY__API_KEY_AUDIT", "true")

    assert any(text.startswith("owner broken api_keys") for text in told(found(), Outcome.BROKEN))


def test_a_held_or_unfit_warehouse_is_told_with_its_exit_status(server: Server, tmp_path: Path) -> None:
    with locked(tmp_path / ".hiring.duckdb.lock", stop=threading.Event()):
        held = found(tmp_path / "hiring.duckdb")
    open_to_all = tmp_path / "open"
    open_to_all.mkdir()
    open_to_all.chmod(0o777)

    assert exit_status(held) == 4
    assert exit_status(found(open_to_all / "hiring.duckdb")) == 7
    assert exit_status(found(tmp_path / "nowhere" / "hiring.duckdb")) == 7
    assert not list(tmp_path.glob(".hiring.duckdb.work-*"))


def test_as_json_holds_each_finding_and_no_secret(server: Server) -> None:
    answer: dict[str, Any] = as_json(found())

    assert (answer["outcome"], answer["exit_status"]) == ("ok", 0)
    assert {"number", "outcome", "subject"} <= answer["findings"][0].keys()
    assert server.talent_ray_key not in str(answer)
