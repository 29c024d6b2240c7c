"""For notebooks: a report as a pandas frame.

from pipelines.frames import frame, reports

reports()                                   # what there is, and the question each answers
frame("hiring_funnel")                      # from hiring.duckdb, or the place WAREHOUSE names
frame("fct_applications", warehouse="/data/hiring.duckdb")
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

import pandas as pd
import pyarrow as pa
import yaml  # type: ignore[import-untyped]  # its stubs are no dependency of ours

from connector.errors import UsageError
from pipelines.settings import DEFAULT_WAREHOUSE
from pipelines.transform import project_folder
from pipelines.warehouse import Warehouse, open_warehouse

_TABLE: Final = re.compile(r"[a-z][a-z0-9_]*")
_NULLABLE: Final = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype(), pa.string(): pd.StringDtype()}
_SCHEMAS: Final = {"rpt": "reports", "dim": "marts", "fct": "marts"}


def reports() -> pd.DataFrame:
    """The reports and marts there are: name, schema and what each answers."""
    found = [
        {"name": model["name"], "schema": _SCHEMAS[model["name"][:3]], "answers": model.get("description", "")}
        for path in sorted((project_folder() / "models").rglob("*.yml"))
        for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models") or ()
        if model["name"][:3] in _SCHEMAS
    ]
    answer = pd.DataFrame(found, columns=["name", "schema", "answers"])
    return answer.sort_values(["schema", "name"], ascending=[False, True], ignore_index=True)


def frame(name: str, *, warehouse: Warehouse | Path | str | None = None) -> pd.DataFrame:
    """One report or mart, whole; whole numbers and flags know nothing-there from zero, instants are in UTC.

    `name` may leave out `rpt_`. The warehouse is opened for reading and closed again, so that nobody is locked out.
    """
    bare = name if name[:4] in {f"{start}_" for start in _SCHEMAS} else f"rpt_{name}"
    if not _TABLE.fullmatch(bare):
        raise UsageError(f"`{name[:60]}` is no name of a report.", "`reports()` lists them.")
    try:
        found = _opened(warehouse).query(f'select * from {_SCHEMAS[bare[:3]]}."{bare}" order by 1, 2, 3')
    except UsageError:
        raise
    except Exception as error:
        if "does not exist" not in str(error):
            raise
        raise UsageError(f"The warehouse has no {bare}.", "`reports()` lists what there is.") from error
    answer: pd.DataFrame = found.to_pandas(types_mapper=_NULLABLE.get, date_as_object=False)
    return answer


def _opened(warehouse: Warehouse | Path | str | None) -> Warehouse:
    if warehouse is None:
        return open_warehouse(os.environ.get("WAREHOUSE") or DEFAULT_WAREHOUSE)
    return open_warehouse(str(warehouse)) if isinstance(warehouse, str | Path) else warehouse
