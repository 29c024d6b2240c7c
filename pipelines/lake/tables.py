"""The tables of a lake in DuckDB: as copies to work on, or as views to read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from connector import ledger
from connector.platforms import PLATFORMS
from connector.stored_rows import arrow_schema

if TYPE_CHECKING:
    from collections.abc import Mapping

    import duckdb
    import pyarrow as pa

    from connector.contract import Table
    from pipelines.lake.bucket import Bucket, Published

VALID_FROM: Final = "_dlt_valid_from"
VALID_TO: Final = "_dlt_valid_to"
OF_DLT: Final = (VALID_FROM, VALID_TO, "_dlt_load_id")


def raw_tables() -> list[tuple[str, Table]]:
    """Schema and table of all raw tables."""
    return [(f"raw_{platform.name}", table) for platform in PLATFORMS.values() for table in platform.tables]


def copy_tables(connection: duckdb.DuckDBPyConnection, bucket: Bucket, published: Published) -> None:
    """Raw tables and ledger as tables that can be written to, as dlt would have made them."""
    for schema, table in raw_tables():
        if not published.files:
            continue  # dlt makes them
        connection.execute(f'create schema if not exists "{schema}"')
        rows = _rows(connection, bucket, published, f"{schema}.{table.name}", arrow_schema(table))
        connection.execute(f'create table "{schema}"."{table.name}" as {rows}')
    for name, files in published.files.items():
        schema, _, table_name = name.partition(".")
        if schema == "meta":
            connection.execute("create schema if not exists meta")
            rows = f"select * from read_parquet({bucket.sources(connection, files)})"
            connection.execute(f'create table meta."{table_name}" as {rows}')


def view_tables(connection: duckdb.DuckDBPyConnection, bucket: Bucket, published: Published, asked: str = "") -> None:
    """What is published, as views; only those that a query may mean, where one is given: a view costs reading heads."""
    declared = {f"{schema}.{table.name}": arrow_schema(table) for schema, table in raw_tables()}
    for schema in sorted({name.split(".")[0] for name in (*published.files, *published.models, *declared)}):
        connection.execute(f'create schema if not exists "{schema}"')
    for name, columns in declared.items():
        if _meant(name, asked):
            connection.execute(f"create view {_quoted(name)} as {_rows(connection, bucket, published, name, columns)}")
    for name in published.files.keys() - declared.keys():
        if _meant(name, asked):
            rows = f"select * from read_parquet({bucket.sources(connection, published.files[name])})"
            connection.execute(f"create view {_quoted(name)} as {rows}")
    models = {name: folder for name, folder in published.models.items() if _meant(name, asked)}
    view_models(connection, bucket, models)


def _meant(name: str, asked: str) -> bool:
    """Whether a query may mean a table: it has its name, or asks the catalog."""
    return not asked or name.split(".")[1] in asked or "information_schema" in asked or "duckdb_" in asked


def view_models(connection: duckdb.DuckDBPyConnection, bucket: Bucket, models: Mapping[str, str]) -> None:
    """Models, by name and folder, as views."""
    for name, folder in models.items():
        files = tuple(bucket.listed(folder))
        connection.execute(f'create schema if not exists "{name.split(".")[0]}"')
        rows = f"select * from read_parquet({bucket.sources(connection, files)})"
        connection.execute(f"create view {_quoted(name)} as {rows}")


def _rows(
    connection: duckdb.DuckDBPyConnection, bucket: Bucket, published: Published, name: str, declared: pa.Schema
) -> str:
    """All versions of a raw table, each ending where the next of its key begins; null where a file lacks a column."""
    files = published.files.get(name, ())
    there, read = set(), "(select 1) where false"
    if files:
        read = f"read_parquet({bucket.sources(connection, files)}, union_by_name = true)"
        there = {row[0] for row in connection.execute(f"describe select * from {read}").fetchall()}
    columns = ", ".join(
        f'"{field.name}"' if field.name in there else f'cast(null as {_type(field)}) as "{field.name}"'
        for field in declared
    )
    began = VALID_FROM if files else f"cast(null as timestamp with time zone) as {VALID_FROM}"
    ended = f"lead({VALID_FROM}) over (partition by _key order by {VALID_FROM})" if files else began.split(" as _")[0]
    return f"select {columns}, {began}, {ended} as {VALID_TO}, cast('' as varchar) as _dlt_load_id from {read}"


def _type(column: pa.Field) -> str:
    """The type of a column that a file lacks."""
    return SQL_TYPES.get(str(column.type), "varchar")


def ledger_schema(table: str) -> pa.Schema | None:
    """The declared columns of a ledger table; None for one that only this program's privacy commands write."""
    return ledger.schema_of(table) if table in ledger.TABLES else None


SQL_TYPES: Final = {
    "bool": "boolean",
    "int64": "bigint",
    "int32": "int",
    "double": "double",
    "date32[day]": "date",
    "timestamp[us, tz=UTC]": "timestamp with time zone",
}


def _quoted(name: str) -> str:
    return ".".join(f'"{part}"' for part in name.split("."))
