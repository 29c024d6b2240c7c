"""The raw tables of a lake as Delta tables too, for engines that read Delta: `delta_raw_*/<table>`, all versions.

A Delta table follows what is published: after each refresh the versions that are newer than its newest are added, at
once. A run that dies in between is made up for by the next. As in the files of the lake, a version ends where the next
of its key begins; the newest of a key is the current row, where it is `_visible`.
"""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Any, Final

import duckdb

from connector.errors import StreamFailed, UsageError
from connector.sources.loading import appended_resource, source_of
from connector.stored_rows import arrow_schema
from pipelines.lake.tables import VALID_FROM, raw_tables, view_tables
from pipelines.lake.writing import BEGINNING, ROWS_IN_A_BATCH, load_files
from pipelines.setting_values import flag

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from connector.contract import Table
    from pipelines.lake.bucket import Bucket, Published

PREFIX: Final = "delta_"


def delta_wanted() -> bool:
    """Whether LAKE__DELTA asks for Delta tables; raises UsageError where their package is missing."""
    wanted = flag("lake.delta")
    if wanted and importlib.util.find_spec("deltalake") is None:
        raise UsageError(
            "Delta tables need the package deltalake, which is not installed.",
            "Run: pip install 'hiring-elt[delta]'",
            setting="LAKE__DELTA",
        )
    return wanted


def follow(bucket: Bucket, published: Published, work: Path) -> None:
    """Bring the Delta tables up to what is published; raises StreamFailed, for all else is published by then."""
    try:
        _follow(bucket, published, work)
    except Exception as error:  # noqa: BLE001 - dlt's, DuckDB's and Delta's are of many kinds
        raise StreamFailed(
            f"The refresh is published; its Delta tables are not all written ({type(error).__name__}).",
            "The next refresh makes up for it.",
            stream="delta",
        ) from None


def _follow(bucket: Bucket, published: Published, work: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        view_tables(connection, bucket, published)
        for schema in dict.fromkeys(schema for schema, _ in raw_tables()):
            resources = {}
            for of, table in raw_tables():
                if of == schema and (rows := _newer(connection, bucket, schema, table)) is not None:
                    resources[table.name] = appended_resource(table.name, rows, table_format="delta")
            if resources:
                load_files(bucket, f"{PREFIX}{schema}", source_of(schema, resources), work)


def _newer(connection: duckdb.DuckDBPyConnection, bucket: Bucket, schema: str, table: Table) -> Any:
    """The versions that the Delta table has not; None where there is none."""
    since = _newest(bucket, f"{PREFIX}{schema}/{table.name}") or BEGINNING
    columns = ", ".join(f'"{name}"' for name in (*arrow_schema(table).names, VALID_FROM))
    newer = f'from "{schema}"."{table.name}" where {VALID_FROM} > ?'
    counted = connection.execute(f"select count(*) {newer}", [since]).fetchone()
    if not counted or not counted[0]:
        return None
    cursor = connection.cursor()  # one result at a time, and dlt asks for all in turn
    cursor.execute("set timezone = 'UTC'")
    return cursor.execute(f"select {columns} {newer}", [since]).to_arrow_reader(ROWS_IN_A_BATCH)


def _newest(bucket: Bucket, folder: str) -> datetime | None:
    """When the newest version of a Delta table began; None where there is no table yet."""
    from deltalake import DeltaTable, QueryBuilder  # noqa: PLC0415 - an extra
    from dlt.common.libs.deltalake import deltalake_storage_options  # noqa: PLC0415 - needs the extra

    address, options = f"{bucket.url}/{folder}", deltalake_storage_options(bucket.credentials)
    if not DeltaTable.is_deltatable(address, storage_options=options):
        return None
    told = QueryBuilder().register("versions", DeltaTable(address, storage_options=options))
    rows = told.execute(f"select max({VALID_FROM}) as newest from versions").read_all()
    newest: datetime | None = rows["newest"][0].as_py()
    return newest
