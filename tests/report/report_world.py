"""A warehouse file with marts and reports of made-up rows: what a page, a query, an explanation is made from.

The tables have the columns and types that the models promise in their yml; the rows come from a seed. They need not
agree with each other: what reads them must not do sums over again.
"""

from __future__ import annotations

import datetime as dt
import re
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import yaml

SQL = Path(__file__).parents[2] / "sql" / "models"
STAGES = ("applied", "screening", "assessment", "interview", "offer", "hired")
AS_OF = dt.datetime(2026, 5, 20, 6, 30, tzinfo=dt.UTC)
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(2)>',
    "</script><!-- {} {0} {{x}} %s %d",
    "=cmd|' /C calc'!A0",
    "\u202egnp.exe\x1b[31m red\x07",
    "Röntgen-Assistent*in (m/w/d) & Partner",
    "مهندس مدني",
)
PERSONAL = ("Ada Canary-Lovelace", "ada.canary@example.org", "+49 170 5550199")


@cache
def tables() -> dict[str, dict[str, str]]:
    """The tables of marts and reports: their columns and types, as the models say."""
    found = {
        f"{folder}.{model['name']}": {column["name"]: column["data_type"] for column in model["columns"]}
        for folder in ("marts", "reports")
        for path in sorted((SQL / folder).glob("*.yml"))
        for model in yaml.safe_load(path.read_text()).get("models", ())
    }
    dated = {"first_refresh_at": "timestamptz", "as_of_at": "timestamptz", "as_of_date": "date"}
    found["intermediate.int_accounts__dated"] = {"platform": "text", "account": "text"} | dated
    return found


@cache
def views() -> dict[str, str]:
    """The views with plain names: one per report, and the models of `answers` with their references filled in."""
    found = {name.removeprefix("reports.rpt_"): f"select * from {name}" for name in tables() if "reports." in name}
    for path in sorted((SQL / "answers").glob("*.sql")):
        sql = re.sub(r"{{ ref\('(\w+)'\) }}", r"marts.\1", path.read_text())
        found[path.stem.removeprefix("answer_")] = re.sub(r"{{ config\(.*?\) }}|--.*", "", sql)
    return found


class ReportWorld:
    """Rows by table, then a file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.tables = tables()
        self.rows: dict[str, list[dict[str, Any]]] = {name: [] for name in self.tables}

    def add(self, table: str, **values: Any) -> None:
        name = next(full for full in self.tables if full.split(".")[1] == table)
        unknown = set(values) - set(self.tables[name])
        assert not unknown, f"{name} has no {sorted(unknown)}"
        self.rows[name].append({"platform": "talent_ray", "account": "default"} | values)

    def save(self) -> Path:
        with duckdb.connect(str(self.path)) as database:
            database.execute("set timezone = 'UTC'")
            for schema in ("marts", "reports", "intermediate"):
                database.execute(f"create schema {schema}")
            for name, columns in self.tables.items():
                spelt = ", ".join(f'"{column}" {kind}' for column, kind in columns.items())
                database.execute(f"create table {name} ({spelt})")
                if self.rows[name]:
                    found = pa.table({column: [row.get(column) for row in self.rows[name]] for column in columns})
                    database.register("found", found)
                    database.execute(f"insert into {name} select * from found")
                    database.unregister("found")
            database.execute("create schema answers")
            for view, sql in views().items():
                database.execute(f"create view answers.{view} as {sql}")
        return self.path
