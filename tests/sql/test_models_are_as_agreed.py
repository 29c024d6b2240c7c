"""Columns, types, keys, tags and layers of the models, held to what was agreed; nothing is built, files are read.

Contracts are enforced, so what the yml beside a model says is what a build makes.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from agreed_columns import MARTS, REPORTS, spelt_out

SQL = Path(__file__).parents[2] / "sql"
MODELS = {path.stem: path for path in (SQL / "models").rglob("*.sql")}
PERSONAL = {"full_name", "email", "phone"}


def _declared() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for path in (SQL / "models").rglob("*.yml"):
        for model in (yaml.safe_load(path.read_text()) or {}).get("models", []):
            found[model["name"]] = model
    return found


DECLARED = _declared()


def layer(name: str) -> str:
    return MODELS[name].relative_to(SQL / "models").parts[0]


def code(name: str) -> str:
    """The SQL of a model without its comments."""
    text = re.sub(r"\{#.*?#\}", "", MODELS[name].read_text(), flags=re.DOTALL)
    return re.sub(r"--.*", "", text)


def refs(name: str) -> set[str]:
    return set(re.findall(r"ref\('(\w+)'\)", code(name)))


@pytest.mark.parametrize("name", MARTS)
def test_a_mart_has_its_key_first_and_the_agreed_columns_and_types(name: str) -> None:
    columns = [(column["name"], column["data_type"]) for column in DECLARED[name]["columns"]]
    whose = [("platform", "text"), ("account", "text")] if name != "dim_dates" else []

    assert [column for column in columns if column not in whose] == spelt_out(MARTS[name])
    assert set(whose) <= set(columns)


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_has_its_grain_first_and_the_agreed_columns_and_types(name: str) -> None:
    columns = [(column["name"], column["data_type"]) for column in DECLARED[name]["columns"]]

    assert columns == [("platform", "text"), ("account", "text"), *spelt_out(REPORTS[name])]


def test_contracts_and_comments_cover_marts_and_reports() -> None:
    project = yaml.safe_load((SQL / "dbt_project.yml").read_text())["models"]["hiring_elt"]

    for folder in ("marts", "reports"):
        assert project[folder]["+contract"] == {"enforced": True}
        assert project[folder]["+persist_docs"] == {"relation": True, "columns": True}


@pytest.mark.parametrize("name", MODELS)
def test_every_model_and_column_is_described(name: str) -> None:
    model = DECLARED[name]

    assert model["description"].strip()
    assert [column["name"] for column in model["columns"] if not column.get("description", "").strip()] == []


@pytest.mark.parametrize("name", [name for name in MODELS if layer(name) in ("marts", "reports")])
def test_every_mart_and_report_has_a_test_of_its_key(name: str) -> None:
    tests = DECLARED[name].get("data_tests", [])
    grain = [test["unique_grain"]["arguments"]["column_names"] for test in tests if "unique_grain" in test]
    keys = {
        column["name"]
        for column in DECLARED[name]["columns"]
        if {"unique", "not_null"} <= {test for test in column.get("data_tests", []) if isinstance(test, str)}
    }

    assert grain or keys


def test_personal_columns_stand_in_the_dimension_of_candidates_only_and_are_tagged() -> None:
    for name in MODELS:
        tagged = {
            column["name"] for column in DECLARED[name]["columns"] if "pii" in column.get("config", {}).get("tags", [])
        }
        there = {column["name"] for column in DECLARED[name]["columns"]} & (PERSONAL | {"contact_email"})
        assert there <= tagged, name
        if layer(name) in ("marts", "reports"):
            assert tagged == (PERSONAL if name == "dim_candidates" else set()), name


@pytest.mark.parametrize("name", [name for name in MODELS if layer(name) == "reports" and name in REPORTS])
def test_a_report_reads_marts_and_the_as_of_instants_only(name: str) -> None:
    seeds = {path.stem for path in (SQL / "seeds").glob("*.csv")}
    trusted = name in ("rpt_freshness", "rpt_data_quality")
    read = {
        other
        for other in refs(name) - seeds - {"int_accounts__dated"}
        if layer(other) != "marts" and not (trusted and layer(other) == "intermediate")
    }

    assert read == set()
    assert trusted or "source(" not in code(name)


@pytest.mark.parametrize("name", [name for name in MODELS if layer(name) != "staging"])
def test_only_staging_reads_raw_tables(name: str) -> None:
    assert re.findall(r"source\('(?!meta')\w+'", code(name)) == []


def test_no_model_asks_the_clock_or_a_dialect() -> None:
    for name in MODELS:
        text = code(name).lower()
        assert re.findall(r"current_timestamp|current_date|\bnow\(\)|\bqualify\b|filter\s*\(\s*where", text) == [], name


def test_nothing_is_joined_by_the_name_of_a_person() -> None:
    for name in MODELS:
        conditions = re.findall(
            r"\bon\b(.*?)(?=\b(?:left|inner|full|cross|where|group|union|select|order)\b|\Z)",
            code(name),
            flags=re.DOTALL,
        )
        for condition in conditions:
            if name != "bridge_candidates":  # pseudonyms, and it says how sure it is
                assert not re.search(r"full_name|\bemail|phone|owner_name", condition), (name, condition)


@pytest.mark.parametrize("name", [name for name in MODELS if layer(name) in ("marts", "reports")])
def test_dimensions_are_joined_from_the_left(name: str) -> None:
    """A row whose role, candidate or step is missing stays a row."""
    text = code(name)
    for dimension in ("roles", "candidates", "role_steps"):
        assert f"inner join {dimension}\n" not in text


@pytest.mark.parametrize("name", MODELS)
def test_a_model_begins_with_its_grain_and_ends_with_the_list_of_its_columns(name: str) -> None:
    lines = [line for line in MODELS[name].read_text().splitlines() if line.strip()]
    comment = next(line for line in lines if not line.strip().startswith(("{", "'", "]", "(", "}")))
    assert comment.startswith("-- One row per"), comment
    assert not re.search(r"\n\nselect\s+\*", MODELS[name].read_text()[-400:])
