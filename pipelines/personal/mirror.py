"""A server's tables in a private DuckDB file, for commands whose questions are those of the DuckDB warehouse.

Rare commands about one person or about columns: they may take as long as reading the tables takes.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import duckdb

from connector.platforms import PLATFORMS
from pipelines.duckdb_file import DuckDBFile
from pipelines.opening import opened_for_reading
from pipelines.work_folder import work_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipelines.warehouse import Warehouse

RAW: Final = (*(f"raw_{name}" for name in PLATFORMS), "meta")
MODELS: Final = ("intermediate", "marts", "reports")


@contextmanager
def mirrored(warehouse: Warehouse, schemas: Sequence[str] = RAW) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that shows the tables of those schemas: the file itself, or a copy that is gone afterwards.

    Raises UsageError when there is no warehouse yet.
    """
    if isinstance(warehouse, DuckDBFile):
        warehouse.query("select 1")
        with opened_for_reading(warehouse.path.resolve()) as connection:
            connection.execute("set timezone = 'UTC'")
            yield connection
        return
    with work_folder() as folder, duckdb.connect(str(folder / "mirror.duckdb")) as connection:
        connection.execute("set timezone = 'UTC'")
        for schema, table in _tables(warehouse, schemas):
            connection.execute(f'create schema if not exists "{schema}"')
            connection.register("rows", warehouse.query(f'select * from "{schema}"."{table}"'))
            connection.execute(f'create table "{schema}"."{table}" as select * from rows')
            connection.unregister("rows")
        yield connection


def _tables(warehouse: Warehouse, schemas: Sequence[str]) -> list[tuple[str, str]]:
    """The tables of those schemas, without views upon them and those of dlt; a lake has views only."""
    names = ", ".join(f"'{name}'" for name in schemas)
    found = warehouse.query(
        "select table_schema, table_name, table_type from information_schema.tables"
        f" where table_schema in ({names}) order by table_schema, table_name"
    ).to_pylist()
    stored = [row for row in found if row["table_type"] == "BASE TABLE"] or found
    return [(row["table_schema"], row["table_name"]) for row in stored if not row["table_name"].startswith("_dlt")]
