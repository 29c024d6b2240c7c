"""The README is true: what it names exists, and what it tells to type is understood."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from connector.contract import SYSTEM_COLUMNS
from connector.ledger import TABLES as LEDGER
from connector.platforms import PLATFORMS
from pipelines.cli import app, guarded
from pipelines.query import run_query
from pipelines.warehouse import open_warehouse
from tests.readme_blocks import PAGES, ROOT, blocks, commands, named, words
from tests.report.made_up_rows import small_world
from tests.report.report_world import tables, views

README = ROOT / "README.md"
DLT_COLUMNS = {"_dlt_valid_from", "_dlt_valid_to", "_dlt_load_id"}
MODELS = ROOT / "sql" / "models"


@pytest.fixture(scope="module")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a warehouse of made-up reports, named as the README names it."""
    folder = tmp_path_factory.mktemp("readme")
    small_world(folder / "hiring.duckdb").save()
    return folder


def parsed(line: str) -> Iterator[list[str]]:
    """The words of a command line, without what the shell keeps for itself."""
    text = re.sub(r'"\$\(cat ([^)]*)\)"', r"'\1'", line).partition(" > ")[0]
    for part in re.split(r"\s(?:&&|\|\||;|\|)\s", text):
        yield shlex.split(part)


def understood(arguments: list[str]) -> None:
    """Ask the program's own parser; raises when it knows a word not."""
    command: Any = get_command(app)
    name, *rest = arguments
    while getattr(command, "commands", None):
        assert name in command.commands, f"hiring-elt has no command {name}"
        command = command.commands[name]
        if getattr(command, "commands", None):
            name, *rest = rest
    command.make_context(name, list(rest), resilient_parsing=True)  # it takes words off the list
    options = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    assert {word.partition("=")[0] for word in rest if word.startswith("--")} <= options | {"--help"}


def test_every_command_of_the_console_blocks_is_understood():
    seen = 0
    for line in [*commands(), *(line for block in blocks("cron") for line in block.text.splitlines())]:
        for arguments in parsed(line):
            if arguments and arguments[0].endswith("hiring-elt"):
                understood(arguments[1:])
                seen += 1
            elif arguments and arguments[0] == "make":
                assert f"\n{arguments[1]}:" in (ROOT / "Makefile").read_text()

    assert seen >= 12


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_commands_and_options_in_the_text_exist(page):
    command: Any = get_command(app)
    known = {f"--{'help'}"}
    for each in command.commands.values():
        for deeper in getattr(each, "commands", {"": each}).values():
            known |= {option for parameter in deeper.params for option in parameter.opts}
    for word in words(page):
        if match := re.match(r"(?:\S*/)?hiring-elt ([a-z]+)", word):
            assert match[1] in command.commands, word
        if "pytest" not in word and "duckdb" not in word:
            assert {option.partition("=")[0] for option in re.findall(r"--[a-z][a-z-]+", word)} <= known, word


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_tables_and_columns_exist(page):
    made = set(tables()) | {f"answers.{name}" for name in views()} | {f"meta.{name}" for name in LEDGER}
    made |= {f"raw_{platform.name}.{table.name}" for platform in PLATFORMS.values() for table in platform.tables}
    made |= {f"{path.parent.name}.{path.stem}" for path in MODELS.rglob("*.sql")}
    ours = {"reports", "marts", "answers", "meta", "staging", "intermediate", "raw_talent_ray", "raw_tailed"}
    for word in words(page) | {block.text for block in blocks("sql", page)} | set(commands(page)):
        for schema, table in re.findall(r"\b([a-z_]+)\.([a-z][a-z0-9_]*)\b", word):
            if schema in ours and f"{schema}.{table}" not in EXAMPLES:
                assert f"{schema}.{table}" in made, word
        for column in re.findall(r"(?<![\w.])_[a-z][a-z_]+\b", word):
            assert column in {*SYSTEM_COLUMNS, *DLT_COLUMNS, *SUFFIXES}, word


EXAMPLES = {"answers.hires_by_location"}
"""Tables that a reader makes by following a recipe."""
SUFFIXES = {"_at", "_history", "_rate", "_id", "_not_after"}
"""Endings that are told of as such."""


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_settings_exist(page):
    code = "\n".join(path.read_text() for room in ("pipelines", "connector") for path in (ROOT / room).rglob("*.py"))
    text = page.read_text()
    for platform, setting in re.findall(r"\bSOURCES__([A-Z_]+?)__([A-Z_]+)\b", text):
        assert platform.lower() in {*PLATFORMS, "acme"}
        for part in set(setting.lower().split("__")) - {"acme"}:
            assert re.search(rf"\b{part}\b", code), setting
    for setting in re.findall(r"`(?:\.\.__)?([A-Z]{3,}(?:_+[A-Z]+)+|WAREHOUSE)`", text):
        if setting not in {"READ_ONLY", "ACTIVATE_VERSION", *WAYS}:
            assert re.search(rf"\b{setting.rpartition('__')[2].lower()}\b", code), setting


WAYS = {"LISTED", "NESTED", "WHOLE", "LOG", "PAGED_BY_PARENT"}


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_and_paths_lead_somewhere(page):
    text = page.read_text()
    for target in re.findall(r"\]\(([^)]+)\)", text):
        place, _, anchor = target.partition("#")
        linked = (page.parent / place) if place else page
        assert linked.exists(), target
        heads = {
            re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-")
            for head in re.findall(r"^#+ (.*)$", linked.read_text(), re.MULTILINE)
        }
        assert not anchor or anchor in heads, target
    for path in re.findall(r"`(?:pytest [^`]*?)?((?:tests|sql|connector|pipelines)/[\w./-]*)", text):
        if path.removeprefix("connector/platforms/") not in MADE_BY_READERS:
            assert (ROOT / path).exists(), path


MADE_BY_READERS = {
    "acme.py",
    "sql/models/reports/rpt_hires_by_location.sql",
    "sql/models/reports/reports_places.yml",
}


def test_every_report_has_its_questions():
    table = README.read_text().partition("## Which table answers which question")[2].partition("\n## ")[0]
    rows = dict(re.findall(r"^\| (.*?) \| `reports\.(rpt_\w+)` \|$", table, re.MULTILINE))
    described = {
        model["name"]
        for path in sorted((MODELS / "reports").glob("*.yml"))
        for model in yaml.safe_load(path.read_text()).get("models") or ()
    }

    assert set(rows.values()) == described
    assert all(asked.count("?") == 2 for asked in rows)


def test_questions_in_sql_are_answered(made_up):
    asked = [block.text for block in blocks("sql") if block.text.startswith("select")]
    asked += [line for line in commands() if " query " in line]
    warehouse = open_warehouse(str(made_up / "hiring.duckdb"))
    for text in asked:
        sql = text
        if "hiring-elt" in text:
            (arguments, *_) = parsed(text)
            sql = arguments[-1]
            if sql.endswith(".sql"):
                sql = (ROOT / sql).read_text()
        assert run_query(warehouse, sql, "csv").count("\n") > 1, text

    assert len(asked) >= 5


def test_an_example_is_a_query_as_it_stands(made_up, monkeypatch, capsys):
    """It begins with a comment, which a command line may take for an option."""
    monkeypatch.chdir(made_up)
    sql = (ROOT / "sql" / "analyses" / "where_do_we_lose_most.sql").read_text()

    assert sql.startswith("-- ")
    assert guarded(lambda: app(["query", sql, "--format", "csv"], standalone_mode=False)) == 0
    assert capsys.readouterr().out.startswith("department,stage,")


def test_python_for_notebooks_runs(made_up, monkeypatch):
    monkeypatch.chdir(made_up)
    (block,) = [block for block in blocks("python") if "pipelines.frames" in block.text]

    exec(compile(block.text, "sql/README.md", "exec"), {})


@pytest.mark.parametrize(
    "line", sorted({line for line in commands() if line.startswith(("hiring-elt explain", "hiring-elt report"))})
)
def test_commands_that_only_read_run_on_a_warehouse(made_up, monkeypatch, line):
    monkeypatch.chdir(made_up)
    (arguments,) = parsed(line)

    assert guarded(lambda: app(arguments[1:], standalone_mode=False)) == 0
