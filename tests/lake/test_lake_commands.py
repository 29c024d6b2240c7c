"""The commands on a lake whose models DuckDB built."""

from __future__ import annotations

import json

import pytest

from pipelines import cli


@pytest.mark.slow
def test_every_command_that_reads_works_on_a_lake(lake, small, capsys, tmp_path):
    def ok(*words):
        capsys.readouterr()
        status = cli.guarded(lambda: cli.app([*words, "--warehouse", "filesystem"], standalone_mode=False))
        said = capsys.readouterr()
        assert status == 0, (words, said.err[-2000:])
        return said.out

    ok("check", "--platform", "talent_ray")
    ok("plan")
    assert json.loads(ok("refresh", "--json").splitlines()[-1])["outcome"] == "ok"
    counted = ok("query", "select count(*) as n from marts.fct_applications", "--format", "json")
    assert json.loads(counted)[0]["n"] > 0
    assert json.loads(ok("status", "--json", "--max-age", "1000000").splitlines()[-1])["stale"] == []
    for name in ("report", "docs"):
        ok(name, "--output", str(tmp_path / f"{name}.html"))
    assert "fct_applications" in (tmp_path / "docs.html").read_text()
    ok("explain", "hiring_funnel")
    held = json.loads(ok("privacy", "inventory", "--json").splitlines()[-1])["columns"]
    assert any(one["table"] == "raw_talent_ray.candidates" and one["rows_filled"] for one in held)
    candidate = lake.query("select id from raw_talent_ray.candidates limit 1")["id"][0].as_py()
    exported = json.loads(ok("privacy", "export", "--id", candidate))
    assert exported["tables"]["raw_talent_ray.candidates"]
    assert lake.query("select command from meta.audit").to_pylist() == [{"command": "privacy export"}]
    # What was published stayed: the note is all that is new.
    assert ok("query", "select count(*) as n from marts.fct_applications", "--format", "json") == counted
