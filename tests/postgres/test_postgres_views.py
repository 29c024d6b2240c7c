"""Views with plain names: people may be granted them alone, and a report whose columns change takes them along."""

from __future__ import annotations

from contextlib import closing

import psycopg2
import pytest

from pipelines.postgres import swap


def publish(cluster, database: str, columns: str, values: str) -> None:
    """Publish one report of these columns, and its view."""
    with closing(psycopg2.connect(cluster.url(database))) as connection, connection, connection.cursor() as cursor:
        cursor.execute("create schema if not exists meta")
        swap.begin_next(cursor)
        cursor.execute(f"create table {swap.NEXT}reports.rpt_hires ({columns})")
        cursor.execute(f"insert into {swap.NEXT}reports.rpt_hires values {values}")
        cursor.execute(f"create view {swap.NEXT}answers.hires as select * from {swap.NEXT}reports.rpt_hires")
        swap.publish(cursor)


@pytest.fixture
def dashboard(cluster, empty):
    """Somebody who may read the views of `answers` and nothing else, granted as sql/README.md says."""
    publish(cluster, empty, "month date, hires bigint", "('2026-03-01', 4)")
    cluster.ask(empty, "create role dashboard login password 'a long password'")
    cluster.ask(empty, f"grant connect on database {empty} to dashboard")
    cluster.ask(empty, "grant usage on schema answers to dashboard")
    cluster.ask(empty, "grant select on all tables in schema answers to dashboard")
    cluster.ask(empty, "alter default privileges in schema answers grant select on tables to dashboard")
    cluster.ask(empty, "alter role dashboard set default_transaction_read_only = on")

    def ask(query: str) -> list[tuple]:
        url = cluster.url(empty, "dashboard", "a long password")
        with closing(psycopg2.connect(url)) as connection, connection, connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchall()

    yield ask
    cluster.ask(empty, "drop owned by dashboard cascade")
    cluster.ask("postgres", f"drop owned by dashboard; revoke all on database {empty} from dashboard")
    cluster.ask("postgres", "drop role dashboard")


def test_a_view_follows_its_report_and_what_stands_below_it_is_closed(dashboard, cluster, empty):
    assert dashboard("select hires from answers.hires") == [(4,)]

    publish(cluster, empty, "month date, hires bigint", "('2026-03-01', 5)")

    assert dashboard("select hires from answers.hires") == [(5,)]
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        dashboard("select hires from reports.rpt_hires")


def test_a_report_with_other_columns_takes_its_view_along(dashboard, cluster, empty):
    publish(cluster, empty, "month date, place text, hires numeric", "('2026-03-01', 'Québec', 5)")

    assert dashboard("select place, hires from answers.hires") == [("Québec", 5)]
