"""The recipes of the README files, followed to the letter: an endpoint, a platform, a model."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import duckdb
import pytest

from connector.contract import Platform
from connector.platforms import PLATFORMS
from pipelines import transform
from pipelines.refresh import Options, refresh
from pipelines.tell import Teller
from tests.readme_blocks import ROOT, blocks

KEY = "acme-key"
CONNECTOR, SQL = ROOT / "connector" / "README.md", ROOT / "sql" / "README.md"


class Acme(BaseHTTPRequestHandler):
    """A platform that talks as the recipe says."""

    lists: ClassVar[dict[str, list[dict[str, Any]]]] = {
        "/people": [{"id": f"p{number:03}", "name": f"Canary {number}", "state": "new"} for number in range(230)],
        "/jobs": [{"id": f"j{number}", "title": f"Job {number}"} for number in range(7)],
        "/v1/offices": [{"id": "o1", "city": "Québec"}],
    }

    def do_GET(self) -> None:
        """One page, counted from 1."""
        address = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(address.query).items()}
        page, size = int(asked.get("page", 1)), min(int(asked.get("size", 50)), 100)
        rows = self.lists.get(address.path, [])
        dates = {"createdAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-01-02T00:00:00Z"}
        items = [row | dates for row in rows[(page - 1) * size : page * size]]
        totals = {"page": page, "size": size, "total": len(rows), "pages": -(-len(rows) // size)}
        allowed = self.headers["Authorization"] == f"Bearer {KEY}"
        body = json.dumps({"items": items, **totals} if allowed else {"error": "who are you"}).encode()
        self.send_response(200 if allowed and address.path in self.lists else 404 if allowed else 401)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def acme() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Acme)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def followed(platform: Platform, base_url: str, monkeypatch: pytest.MonkeyPatch, warehouse: Path) -> Any:
    """Name the platform among the others, set its key, refresh."""
    monkeypatch.setitem(PLATFORMS, platform.name, platform)
    for setting, value in {"API_KEY": KEY, "BASE_URL": base_url, "REQUESTS_PER_MINUTE": "60000"}.items():
        monkeypatch.setenv(f"SOURCES__ACME__{setting}", value)
    return refresh(Options(warehouse=str(warehouse), skip_build=True), Teller(quiet=True), threading.Event())


def platform_of_the_recipe() -> dict[str, Any]:
    module: dict[str, Any] = {}
    (block,) = [block for block in blocks("python", CONNECTOR) if "ACME = Platform(" in block.text]
    exec(compile(block.text, "acme.py", "exec"), module)
    return module


def test_a_platform_is_one_module_and_one_line(acme, monkeypatch, warehouse, ask):
    outcome = followed(platform_of_the_recipe()["ACME"], acme, monkeypatch, warehouse)

    assert outcome.exit_status == 0
    assert ask("select count(*), count(name), count(distinct id), bool_and(_visible) from raw_acme.people") == [
        (230, 0, 230, True)
    ]
    assert ask("select count(*), min(title) from raw_acme.jobs") == [(7, "Job 0")]
    verdicts = ask("select resource, verdict from meta.sweeps order by resource")
    assert verdicts == [("jobs", "proven"), ("people", "proven")]
    assert "Canary" not in str(ask("from raw_acme.people"))


@pytest.mark.slow
def test_an_endpoint_is_one_row_of_the_table(acme, monkeypatch, warehouse, ask):
    module = platform_of_the_recipe()
    (diff,) = [block.text for block in blocks("diff", CONNECTOR) if "OFFICES" in block.text]
    row = "".join(line[1:] + "\n" for line in diff.splitlines() if line.startswith("+") and "streams=" not in line)
    exec(compile(row, "tailed.py", "exec"), module)
    platform = module["ACME"].with_streams([*module["ACME"].streams, module["OFFICES"]])

    assert followed(platform, acme, monkeypatch, warehouse).exit_status == 0
    assert ask("select id, city from raw_acme.offices") == [("o1", "Québec")]


@pytest.mark.slow
def test_a_model_is_a_query_and_its_description(run, warehouse, tmp_path, monkeypatch, ask):
    project = tmp_path / "sql"
    shutil.copytree(ROOT / "sql", project, ignore=shutil.ignore_patterns("target", "logs"))
    (query,) = [block.text for block in blocks("sql", SQL) if "as_double" in block.text]
    (described,) = [block.text for block in blocks("yaml", SQL)]
    (project / "models/reports/rpt_hires_by_location.sql").write_text(query)
    (project / "models/reports/reports_places.yml").write_text(described)
    monkeypatch.setattr(transform, "project_folder", lambda: project)
    run()
    output = {"type": "duckdb", "path": str(warehouse), "threads": 2, "settings": {"timezone": "UTC"}}
    transform.build(output, tmp_path, variables={"report_timezone": "UTC"})

    (told,) = ask("select sum(count_hires) from answers.hires_by_location")
    assert told == ask("select count(*) from answers.applications where outcome = 'hired'")[0]
    assert told[0] > 0
    renamed = warehouse.rename(tmp_path / "renamed.duckdb")
    with duckdb.connect() as elsewhere:
        elsewhere.execute(f"attach '{renamed}' as other (read_only)")
        assert elsewhere.execute("select sum(count_hires) from other.answers.hires_by_location").fetchone() == told
        assert elsewhere.execute("select count(*) from other.staging.stg_talent_ray__roles_history").fetchone()[0] > 0
