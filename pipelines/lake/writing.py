"""Writes the files of a lake: new versions by dlt, ledger and models as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import dlt

from connector.sources.loading import appended_resource, configure_dlt, source_of
from connector.stored_rows import arrow_schema
from pipelines.lake.tables import VALID_FROM, raw_tables

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    import duckdb

    from pipelines.lake.bucket import Bucket

LAYOUT: Final = "{table_name}/{load_id}.{file_id}.{ext}"
MODELS: Final = ("staging", "intermediate", "marts", "reports", "answers", "seeds")
ROWS_IN_A_BATCH: Final = 100_000
BEGINNING: Final = "0001-01-01 00:00:00+00"


def append_versions(
    connection: duckdb.DuckDBPyConnection, bucket: Bucket, boundaries: Mapping[str, datetime | None], work: Path
) -> dict[str, tuple[str, ...]]:
    """Write the versions that are newer than the boundary of their schema; says which files that made."""
    added: dict[str, tuple[str, ...]] = {}
    for schema in dict.fromkeys(schema for schema, _ in raw_tables()):
        resources, names = {}, []
        for of, table in raw_tables():
            if of != schema:
                continue
            columns = ", ".join(f'"{name}"' for name in arrow_schema(table).names)
            newer = f'from "{schema}"."{table.name}" where {VALID_FROM} > ?'
            since = [boundaries.get(schema) or BEGINNING]
            counted = connection.execute(f"select count(*) {newer}", since).fetchone()
            if counted and counted[0]:
                cursor = connection.cursor()  # one result at a time, and dlt asks for all in turn
                cursor.execute("set timezone = 'UTC'")
                rows = cursor.execute(f"select {columns}, {VALID_FROM} {newer}", since)
                resources[table.name] = appended_resource(table.name, rows.to_arrow_reader(ROWS_IN_A_BATCH))
                names.append(table.name)
        if resources:
            load_ids = load_files(bucket, schema, source_of(schema, resources), work)
            for name in names:
                files = bucket.listed(f"{schema}/{name}")
                added[f"{schema}.{name}"] = tuple(
                    file for file in files if file.rsplit("/", 1)[1].startswith(tuple(load_ids))
                )
    return added


def load_files(bucket: Bucket, dataset: str, source: Any, work: Path) -> list[str]:
    """Let dlt write a source into files of a folder; says the names of its loads."""
    configure_dlt(own=True)
    folder = work / "lake_dlt"
    folder.mkdir(mode=0o700, exist_ok=True)
    pipeline = dlt.pipeline(
        f"hiring_elt_lake_{dataset}",
        pipelines_dir=str(folder),
        destination=dlt.destinations.filesystem(bucket_url=bucket.url, layout=LAYOUT),
        dataset_name=dataset,
    )
    pipeline.config.restore_from_destination = False
    loaded = pipeline.run(source, loader_file_format="parquet")
    return list(loaded.loads_ids)


def write_tables(
    connection: duckdb.DuckDBPyConnection, bucket: Bucket, names: Sequence[str], state: str, work: Path
) -> dict[str, tuple[str, ...]]:
    """Write tables whole, each as one file in a folder of its own state."""
    written: dict[str, tuple[str, ...]] = {}
    for name in names:
        schema, _, table = name.partition(".")
        left_out = " exclude (_dlt_valid_to, _dlt_load_id)" if schema.startswith("raw_") else ""
        path = f"{schema}/{table}/{state}.parquet" if left_out else f"{schema}/{state}/{table}.parquet"
        _copy(connection, bucket, f'select *{left_out} from "{schema}"."{table}"', path, work)
        written[name] = (path,)
    return written


def write_models(connection: duckdb.DuckDBPyConnection, bucket: Bucket, folder: str, work: Path) -> dict[str, str]:
    """Write what the SQL models made here, each as a folder with one file; histories are the raw tables themselves."""
    schemas = ", ".join(f"'{name}'" for name in MODELS)
    found = connection.execute(
        "select table_schema, table_name from information_schema.tables"
        f" where table_schema in ({schemas}) and table_name not like '%\\_history' escape '\\' order by all"
    ).fetchall()
    written = {}
    for schema, table in found:
        place = f"{folder}/{schema}/{table}"
        _copy(connection, bucket, f'select * from "{schema}"."{table}"', f"{place}/0.parquet", work)
        written[f"{schema}.{table}"] = place
    return written


def _copy(connection: duckdb.DuckDBPyConnection, bucket: Bucket, query: str, path: str, work: Path) -> None:
    draft = work / "draft.parquet"
    connection.execute(f"copy ({query}) to '{draft}' (format parquet)")
    bucket.put(draft, path)
    draft.unlink()
