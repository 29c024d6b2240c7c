"""The clock, the journal, the control plane, and the program."""

import json
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from email.utils import parsedate_to_datetime

import httpx
from sandbox_asking import END, Asking

from connector.sandbox import Company, Server, serve


def test_replies_are_dated_by_the_virtual_clock(ask: Asking, company: Company) -> None:
    assert parsedate_to_datetime(ask("/api/v1/me").headers["date"]) == END
    company.advance(days=7)
    assert parsedate_to_datetime(ask("/v1/jobs").headers["date"]) == END + timedelta(days=7)


def test_a_ticking_clock_follows_real_time(company: Company) -> None:
    with serve(company) as server:
        server.company._ticking_since = time.monotonic() - 90
        assert END + timedelta(seconds=90) <= company.now <= END + timedelta(seconds=95)
        company.advance(hours=1)
        assert company.now >= END + timedelta(hours=1, seconds=90)


def test_the_journal_tells_what_each_reply_held(ask: Asking, company: Company, server: Server) -> None:
    ids = [row["id"] for row in ask("/api/v1/candidates", params={"page": 1, "pageSize": 5}).json()["data"]]
    ask("/api/v1/nothing", key="tr_wrong")
    reply, other = server.journal

    assert reply.ids == tuple(ids)
    assert (reply.number, reply.at, reply.position, reply.platform) == (1, END, len(company.log), "talent_ray")
    assert (reply.method, reply.path, reply.params) == ("GET", "/api/v1/candidates", {"page": "1", "pageSize": "5"})
    assert (reply.key_id, reply.status, reply.fault) == (server.key_id(server.talent_ray_key), 200, None)
    assert (other.key_id, other.status) == (None, 404)


def test_another_process_can_move_time_and_rows(ask: Asking, company: Company, server: Server) -> None:
    advanced = ask("/sandbox/advance", "POST", json={"days": 2})
    made = ask(
        "/sandbox/edit",
        "POST",
        json={
            "act": "insert",
            "platform": "talent_ray",
            "resource": "candidates",
            "fields": {"fullName": "Ada Example", "createdAt": "2026-01-01T00:00:00Z"},
        },
    ).json()["id"]
    edit = {"platform": "talent_ray", "resource": "candidates", "id": made}

    assert advanced.json() == {"now": "2026-06-03T00:00:00Z"}
    assert ask(f"/api/v1/candidates/{made}").json()["createdAt"] == "2026-01-01T00:00:00Z"
    ask("/sandbox/edit", "POST", json={"act": "update", **edit, "fields": {"fullName": "Ada Roy"}})
    assert ask(f"/api/v1/candidates/{made}").json()["fullName"] == "Ada Roy"
    ask("/sandbox/edit", "POST", json={"act": "hide", **edit})
    assert ask(f"/api/v1/candidates/{made}").status_code == 404
    ask("/sandbox/edit", "POST", json={"act": "show", **edit})
    ask("/sandbox/edit", "POST", json={"act": "delete", **edit})
    assert ask("/sandbox/edit", "POST", json={"act": "delete", **edit}).status_code == 400
    truth = ask("/sandbox/truth", params={"platform": "talent_ray", "resource": "roles"}).json()
    assert truth == company.truth("talent_ray", "roles")
    assert ask("/sandbox/edit-some", "POST", json={**edit, "share": 0.1}).json()["edited"] > 0


def test_another_process_can_switch(ask: Asking, server: Server) -> None:
    switched = ask(
        "/sandbox/switches",
        "POST",
        json={
            "order": "id_asc",
            "requests_per_minute": 5,
            "removed_scopes": ["tests:read"],
            "faults": [{"kind": "status", "requests": [1], "path": "/api/v1/roles"}],
            "drift": [{"resource": "candidates", "field": "phone", "gone": True}],
            "tailed": {"first_page": 1},
        },
    )

    assert switched.status_code == 200
    assert ask("/api/v1/roles").status_code == 503
    assert "phone" not in ask("/api/v1/candidates").json()["data"][0]
    assert ask("/v1/jobs", params={"page": 0}).status_code == 400
    assert ask("/sandbox/switches", "POST", json={"nonsense": 1}).status_code == 400
    assert ask("/sandbox/state").json()["switches"]["order"] == "id_asc"
    ask("/sandbox/switches", "POST", json={"reset": True, "requests_per_minute": None})
    assert ask("/api/v1/tests").status_code == 200
    assert len(ask("/sandbox/journal", params={"since": 3}).json()) == len(server.journal) - 3


def test_the_control_plane_is_no_part_of_the_apis(ask: Asking, server: Server) -> None:
    ask("/sandbox/state")

    assert server.journal == []
    assert ask("/api/v1/sandbox/state").status_code == 404
    assert ask("/api/../sandbox/state").status_code in (200, 404)


def test_the_environment_points_the_connector_here(server: Server) -> None:
    settings = server.environment()

    assert settings["SOURCES__TALENT_RAY__BASE_URL"] == server.url
    assert settings["SOURCES__TALENT_RAY__API_KEY"] == server.talent_ray_key
    assert json.loads(settings["SOURCES__TALENT_RAY__CV_SCREENING_BATCH_IDS"]) == server.batch_ids
    assert json.loads(settings["SOURCES__TALENT_RAY__PORTAL_SLUGS"]) == ["north-harbour", "cedar"]
    assert settings["SOURCES__TAILED__API_KEY"] == server.tailed_key
    assert len(settings) == 6


def test_the_same_seed_gives_the_same_keys(company: Company) -> None:
    again = Company(seed=7, candidates=10, days=10, end=END)

    assert again.talent_ray_key.secret == company.talent_ray_key.secret
    assert Company(seed=8, candidates=10, days=10, end=END).talent_ray_key.secret != company.talent_ray_key.secret


def test_the_program_prints_its_settings_serves_and_stops() -> None:
    command = [sys.executable, "-m", "connector.sandbox", "--light", "--candidates", "50", "--no-rate-limit"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ}) as program:
        assert program.stdout is not None
        settings = {}
        for line in program.stdout:
            if line.startswith("# control"):
                break
            name, _, value = line.removeprefix("export ").strip().partition("=")
            settings[name] = value
        answer = httpx.get(
            f"{settings['SOURCES__TALENT_RAY__BASE_URL']}/api/v1/candidates",
            headers={"Authorization": f"Bearer {settings['SOURCES__TALENT_RAY__API_KEY']}"},
        )
        program.send_signal(signal.SIGINT)
        assert program.wait(10) == 0

    assert answer.json()["pagination"]["totalCount"] == 50
