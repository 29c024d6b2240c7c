"""For notebooks: answers as pandas frames.

from pipelines.frames import ask, frame, reports

reports()                                   # what there is, and the question each answers
frame("hiring_funnel")                      # from hiring.duckdb, or the place WAREHOUSE names
frame("fct_applications", warehouse="/data/hiring.duckdb")
ask("select department, count(*) as hires from answers.applications where outcome = 'hired' group by all")
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pandas as pd
import pyarrow as pa
import yaml  # type: ignore[import-untyped]  # its stubs are no dependency of ours

from connector.errors import UsageError
from pipelines.query import answer
from pipelines.settings import DEFAULT_WAREHOUSE
from pipelines.transform import project_folder
from pipelines.warehouse import Warehouse, open_warehouse

if TYPE_CHECKING:
    from collections.abc import Iterator

_TABLE: Final = re.compile(r"[a-z][a-z0-9_]*")
_NULLABLE: Final = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype(), pa.string(): pd.StringDtype()}
_SCHEMAS: Final = {"rpt": "reports", "dim": "marts", "fct": "marts", "answer": "answers"}


def reports() -> pd.DataFrame:
    """The reports, marts and views there are: name, schema and what each answers."""
    found = [
        {"name": model["name"].removeprefix("answer_"), "schema": schema, "answers": model.get("description", "")}
        for path in sorted((project_folder() / "models").rglob("*.yml"))
        for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models") or ()
        if (schema := _SCHEMAS.get(model["name"].partition("_")[0]))
    ]
    listed = pd.DataFrame(found, columns=["name", "schema", "answers"])
    return listed.sort_values(["schema", "name"], ascending=[False, True], ignore_index=True)


def frame(name: str, *, warehouse: Warehouse | Path | str | None = None) -> pd.DataFrame:
    """One report, mart or view of `answers`, whole, by its name; `rpt_` may be left out.

    Whole numbers and flags know nothing-there from zero, instants are in UTC. The warehouse is opened for reading and
    closed again, so that nobody is locked out.
    """
    if not _TABLE.fullmatch(name):
        raise UsageError(f"`{name[:60]}` is no name of a report.", "`reports()` lists them.")
    opened = _opened(warehouse)
    wanted = ", ".join(f"('{schema}', '{table}')" for schema, table in _places(name))
    found = opened.query(
        "select table_schema, table_name from information_schema.tables"
        f" where (table_schema, table_name) in ({wanted}) order by table_schema desc"
    ).to_pylist()
    if not found:
        raise UsageError(f"The warehouse has no {name}.", "`reports()` lists what there is.")
    place = found[0]
    return _as_frame(opened.query(f'select * from {place["table_schema"]}."{place["table_name"]}" order by 1, 2, 3'))


def ask(sql: str, *, warehouse: Warehouse | Path | str | None = None) -> pd.DataFrame:
    """The answer to one statement that reads, under the same bounds as `hiring-elt query`."""
    return _as_frame(answer(_opened(warehouse), sql))


def _places(name: str) -> Iterator[tuple[str, str]]:
    """Where a table of this name may be."""
    yield from ((schema, name) for schema in ("reports", "marts", "answers"))
    yield "reports", f"rpt_{name}"


def _as_frame(found: pa.Table) -> pd.DataFrame:
    made: pd.DataFrame = found.to_pandas(types_mapper=_NULLABLE.get, date_as_object=False)
    return made


def _opened(warehouse: Warehouse | Path | str | None) -> Warehouse:
    if warehouse is None:
        return open_warehouse(os.environ.get("WAREHOUSE") or DEFAULT_WAREHOUSE)
    return open_warehouse(str(warehouse)) if isinstance(warehouse, str | Path) else warehouse
