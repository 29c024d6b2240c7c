"""What machines are told: lines of JSON, metrics, lineage; of refreshes that succeed and of those that fail."""

from __future__ import annotations

import json
import re
import uuid
from datetime import datetime

import pytest

pytestmark = pytest.mark.slow  # a refresh for each, by the command

SAMPLE = re.compile(r'(hiring_elt_[a-z_]+)(?:\{([a-z]+="[^"\n]*"(?:,[a-z]+="[^"\n]*")*)\})? (-?[0-9.]+)')
SMALL = ("refresh", "--skip-build", "--select", "tests,jobs")
NO_KEY = f"tr_{'a' * 64}"


def samples(file):
    """The metrics of a file that has nothing but metrics and their descriptions."""
    found, described = {}, set()
    for line in file.read_text().splitlines():
        if line.startswith("# TYPE "):
            described.add(line.split()[2])
        elif not line.startswith("# HELP "):
            name, labels, value = SAMPLE.fullmatch(line).groups()
            assert name in described
            assert (name, labels) not in found
            found[name, labels] = float(value)
    return found


def refuse(monkeypatch):
    monkeypatch.setenv("SOURCES__TALENT_RAY__API_KEY", NO_KEY)
    monkeypatch.setenv("SOURCES__TAILED__API_KEY", "tl_no_key_of_anybody")


def test_standard_error_is_json_line_by_line(hiring_elt, asked):
    ended = hiring_elt(*SMALL, "--json", "--log-format", "json")

    told = [json.loads(line) for line in ended.err.splitlines()]
    for line in told:
        assert {"time", "level", "event", "message"} <= set(line)
        assert datetime.fromisoformat(line["time"]).tzinfo is not None
    streams = {line["stream"]: line["rows"] for line in told if line["event"] == "stream"}
    assert streams == {name: one["rows"] for name, one in ended.last_line["streams"].items()}
    assert told[-1]["event"] == "refresh"
    assert told[-1]["refresh_id"] == ended.last_line["refresh_id"]


def test_errors_and_wrong_words_are_json_lines_too(hiring_elt, asked, monkeypatch):
    refuse(monkeypatch)
    for words, status in ((SMALL, 3), (("refresh", "--no-such-option"), 2)):
        ended = hiring_elt(*words, "--log-format=json")
        last = json.loads(ended.err.splitlines()[-1])
        assert (last["level"], last["event"], last["exit_status"]) == ("error", "error", status)
        assert NO_KEY not in ended.err


def test_the_log_format_may_be_a_setting(hiring_elt, monkeypatch):
    monkeypatch.setenv("MONITORING__LOG_FORMAT", "json")

    assert json.loads(hiring_elt("refresh").err)["exit_status"] == 2


def test_metrics_tell_the_run_and_how_fresh_what_is_published_is(hiring_elt, asked, tmp_path):
    file = tmp_path / "hiring_elt.prom"
    ended = hiring_elt(*SMALL, "--json", "--prometheus", file)

    found = samples(file)
    assert found["hiring_elt_last_run_exit_status", None] == 0
    assert found["hiring_elt_last_run_requests", None] == ended.last_line["requests"]
    assert found["hiring_elt_stream_rows", 'stream="tailed.jobs"'] == ended.last_line["streams"]["tailed.jobs"]["rows"]
    assert found["hiring_elt_stream_verdict", 'stream="tailed.jobs",verdict="proven"'] == 1
    assert found["hiring_elt_last_success_timestamp_seconds", None] > 0
    assert file.stat().st_mode & 0o777 == 0o644
    assert [path.name for path in tmp_path.glob("*.prom*")] == ["hiring_elt.prom"]


def test_a_failed_run_tells_its_status_and_when_the_last_one_succeeded(hiring_elt, asked, tmp_path, monkeypatch):
    file = tmp_path / "hiring_elt.prom"
    hiring_elt(*SMALL, "--prometheus", file)
    before = samples(file)
    refuse(monkeypatch)
    monkeypatch.setenv("MONITORING__PROMETHEUS_FILE", str(file))
    hiring_elt(*SMALL)

    after = samples(file)
    assert after["hiring_elt_last_run_exit_status", None] == 3
    good = ("hiring_elt_last_success_timestamp_seconds", None)
    assert after[good] == before[good]
    assert ("hiring_elt_last_run_requests", None) not in after


def test_lineage_tells_what_was_read_and_what_was_written(hiring_elt, asked, tmp_path):
    file = tmp_path / "events.ndjson"
    hiring_elt(*SMALL, "--openlineage", file)

    start, complete = (json.loads(line) for line in file.read_text().splitlines())
    for event in (start, complete):
        assert {"eventType", "eventTime", "run", "job", "inputs", "outputs", "producer", "schemaURL"} == set(event)
        assert datetime.fromisoformat(event["eventTime"]).tzinfo is not None
        uuid.UUID(event["run"]["runId"])
        assert [one["name"] for one in event["inputs"]] == ["/api/v1/tests", "/v1/jobs"]
        assert {one["namespace"] for one in event["inputs"]} == {asked.url}
        for facets in (event["run"]["facets"], event["job"]["facets"], *(one["facets"] for one in event["outputs"])):
            for facet in facets.values():
                assert facet["_producer"] == event["producer"]
                assert facet["_schemaURL"].startswith("https://openlineage.io/spec/")
    assert (start["eventType"], complete["eventType"]) == ("START", "COMPLETE")
    assert start["run"]["runId"] == complete["run"]["runId"]
    rows = {one["name"]: one["outputFacets"]["outputStatistics"]["rowCount"] for one in complete["outputs"]}
    assert set(rows) == {"raw_talent_ray.tests", "raw_talent_ray.test_organizations", "raw_tailed.jobs"}
    assert rows["raw_talent_ray.tests"] > 0


def test_lineage_of_a_failure_tells_why(hiring_elt, asked, tmp_path, monkeypatch):
    refuse(monkeypatch)
    file = tmp_path / "events.ndjson"
    hiring_elt(*SMALL, "--openlineage", file)

    start, fail = (json.loads(line) for line in file.read_text().splitlines())
    assert (start["eventType"], fail["eventType"]) == ("START", "FAIL")
    assert "refused the key" in fail["run"]["facets"]["errorMessage"]["message"]
    assert NO_KEY not in file.read_text()


@pytest.mark.parametrize("option", ["--prometheus", "--openlineage"])
def test_a_file_that_cannot_be_is_told_before_anything_is_asked(hiring_elt, asked, tmp_path, option):
    before = len(asked.journal)
    ended = hiring_elt(*SMALL, option, tmp_path / "nowhere" / "file")

    assert ended.status == 2
    assert "a folder that exists" in ended.err
    assert len(asked.journal) == before


def test_a_status_tells_what_the_last_refresh_failed_of(hiring_elt, asked, monkeypatch):
    hiring_elt(*SMALL)
    refuse(monkeypatch)
    hiring_elt(*SMALL)

    ended = hiring_elt("status", "--json")
    assert ended.last_line["last_failure"]["exit_status"] == 3
    assert "Make a new key" in ended.err
    assert "tr_" not in ended.out + ended.err


def test_a_refresh_that_succeeds_ends_what_a_failure_noted(hiring_elt, asked, monkeypatch):
    with monkeypatch.context() as wrong:
        refuse(wrong)
        hiring_elt(*SMALL)
    hiring_elt(*SMALL)

    assert hiring_elt("status", "--json").last_line["last_failure"] is None


def test_a_stale_stream_is_named_with_the_next_step(hiring_elt, asked):
    hiring_elt(*SMALL)

    ended = hiring_elt("status", "--json", "--max-age", "0")
    assert (ended.status, ended.last_line["outcome"]) == (5, "stale")
    assert "2 streams are stale. Run: hiring-elt refresh" in ended.err


def test_a_status_without_a_warehouse_says_so(hiring_elt):
    ended = hiring_elt("status")

    assert ended.status == 2
    assert "hiring-elt refresh" in ended.err
