"""The commands on a PostgreSQL warehouse, by a role that has the rights of the README and no other."""

from __future__ import annotations

import json
import re
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest

from connector.errors import CannotWrite
from pipelines import cli
from pipelines.warehouse import open_warehouse
from tests.postgres.conftest import refreshed

README = Path(__file__).parents[2] / "README.md"
EMAIL = "select candidate_id, email from raw_talent_ray.candidates where email is not null limit 1"


def grants() -> list[str]:
    """The statements that the README gives for PostgreSQL: for the role that loads, and for those who read."""
    block = re.search(r"```sql\n(create role hiring_elt.*?)```", README.read_text(), re.DOTALL)
    assert block
    return [line.rstrip(";") for line in block.group(1).splitlines() if line and not line.startswith("--")]


@pytest.fixture
def roles(cluster, empty):
    """The two roles of the README in an otherwise closed database: the address of each; readers come afterwards."""
    statements = [line.replace("database hiring ", f"database {empty} ") for line in grants()]
    loading = [line for line in statements if "analyst" not in line]
    cluster.ask("postgres", f"revoke all on database {empty} from public")
    cluster.ask(empty, "revoke all on schema public from public")
    for statement in loading:
        cluster.ask(empty, statement)

    def reader():
        for statement in statements:
            if "analyst" in statement:
                cluster.ask(empty, statement)
        return cluster.url(empty, "analyst", "another long password")

    yield cluster.url(empty, "hiring_elt", "a long password"), reader
    for role in ("hiring_elt", "analyst"):
        if cluster.ask("postgres", "select 1 from pg_roles where rolname = %s", role):
            cluster.ask(empty, f"drop owned by {role} cascade")
            cluster.ask("postgres", f"drop owned by {role}; drop role {role}")


def command(capsys, *words):
    """How a command ends, and what it prints."""
    capsys.readouterr()
    status = cli.guarded(lambda: cli.app(list(words), standalone_mode=False))
    return status, capsys.readouterr().out


@pytest.mark.slow
def test_every_command_runs_with_the_rights_of_the_readme(roles, cluster, empty, small, capsys, tmp_path):
    url, reader = roles
    here = ("--warehouse", url)

    def ok(*words):
        status, out = command(capsys, *words, *here)
        assert status == 0, (words, out)
        assert "a long password" not in out
        return out

    ok("check", "--platform", "talent_ray")
    ok("plan")
    assert json.loads(ok("refresh", "--json").splitlines()[-1])["outcome"] == "ok"
    ok("build")
    ok("plan")
    assert json.loads(ok("status", "--json", "--max-age", "1000000").splitlines()[-1])["stale"] == []
    for name, start in (("report", "hiring-report.html"), ("docs", "hiring-docs.html")):
        ok(name, "--output", str(tmp_path / start))
    assert "fct_applications" in (tmp_path / "hiring-docs.html").read_text()
    counted = ok("query", "select count(*) as n from marts.fct_applications", "--format", "json")
    assert json.loads(counted)[0]["n"] > 0
    ok("explain", "hiring_funnel")

    held = json.loads(ok("privacy", "inventory", "--json").splitlines()[-1])
    assert {"full"} == {held["profile"]}
    assert any(one["table"] == "raw_talent_ray.candidates" and one["rows_filled"] for one in held["columns"])
    (candidate, email) = cluster.ask(empty, EMAIL.replace("candidate_id", "id"))[0]
    for whom in (("--id", candidate), ("--email", email)):
        found = json.loads(ok("privacy", "export", *whom))
        assert {"platform": "talent_ray", "stream": "candidates", "id": candidate} in found["records"]
        stored = cluster.ask(empty, "select count(*) from raw_talent_ray.candidates where id = %s", candidate)
        assert len(found["tables"]["raw_talent_ray.candidates"]) == stored[0][0]
    # Both were noted, and a publication with nothing but the note in it changed nothing else.
    assert cluster.ask(empty, "select count(*) from meta.audit where command = 'privacy export'") == [(2,)]
    assert command(capsys, "check", "--platform", "talent_ray", *here)[0] == 0
    assert json.loads(
        ok("query", "select count(*) as n from marts.fct_applications", "--format", "json")
    ) == json.loads(counted)

    # Somebody who only reads sees the reports, and is told what is missing where it tries to load.
    analyst = reader()
    asked = ("query", "select count(*) as n from reports.rpt_hiring_funnel", "--warehouse", analyst)
    assert command(capsys, *asked)[0] == 0
    assert command(capsys, "refresh", "--warehouse", analyst)[0] == 7
    assert refreshed(url).exit_status == 0
    assert command(capsys, *asked)[0] == 0


def test_check_names_a_table_of_another_role(cluster, database):
    """Rows are merged into the raw tables: whoever does not own them cannot."""
    cluster.ask(database, "drop role if exists other")
    cluster.ask(database, f"create role other login password 'other'; grant create on database {database} to other")
    for schema in ("raw_talent_ray", "raw_tailed", "meta"):
        cluster.ask(database, f"grant usage on schema {schema} to other")
        cluster.ask(database, f"grant select on all tables in schema {schema} to other")
    try:
        other = open_warehouse(cluster.url(database, "other", "other"))
        with (
            pytest.raises(CannotWrite),
            other.session(wait_seconds=0, stop=None) as session,  # type: ignore[arg-type]
        ):
            session.try_rights()
    finally:
        cluster.ask(database, "drop owned by other cascade; drop role other")


def test_the_documentation_connects_read_only(cluster, database):
    with (
        open_warehouse(cluster.url(database)).dbt_reading() as output,
        closing(psycopg2.connect(cluster.url(database))) as connection,
        connection.cursor() as cursor,
    ):
        assert cluster.password not in str(output)
        with pytest.raises(psycopg2.errors.ReadOnlySqlTransaction):
            cursor.execute("create table meta.of_docs (id int)")
