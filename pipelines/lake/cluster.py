"""A Spark cluster that builds the models from the files of a lake into files of the lake."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

from connector.errors import CannotWrite, UsageError
from connector.stored_rows import arrow_schema
from pipelines.lake.tables import SQL_TYPES, VALID_FROM, VALID_TO, ledger_schema, raw_tables
from pipelines.setting_values import pairs, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from pipelines.lake.bucket import Bucket

BUILT: Final = ("intermediate", "marts", "reports", "answers", "seeds")
ALWAYS: Final = {
    "spark.app.name": "hiring-elt models",
    "spark.sql.session.timeZone": "UTC",
    # Casts that fail, and numbers that overflow, are errors here as they are elsewhere.
    "spark.sql.ansi.enabled": "true",
    # Tables are files in the lake; what the catalog says of them lives for one run.
    "spark.sql.catalogImplementation": "in-memory",
    "spark.sql.sources.default": "parquet",
    # As instants in UTC; Spark's own way is one that other readers take for a clock without a zone.
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.legacy.createHiveTableByDefault": "false",
}
UNLESS_SET: Final = {"spark.ui.enabled": "false", "spark.log.level": "ERROR"}


def cluster_of_settings() -> Cluster | None:
    """The cluster that SPARK__MASTER names; None where there is none."""
    master = text("spark.master")
    return None if master is None else Cluster(master, pairs("spark.options"))


class Cluster:
    """One Spark application, from the first model to the last."""

    def __init__(self, master: str, options: Mapping[str, str]) -> None:
        self.master = master
        self.options = options
        self._session: Any = None
        self._bucket: Any = None
        self._url = ""
        self._folder = ""

    def begin(self, bucket: Bucket, files: Mapping[str, Sequence[str]], folder: str, work: Path) -> Mapping[str, Any]:
        """Show the cluster the tables of the lake; hands back the dbt output of its session."""
        self._bucket, self._url, self._folder = bucket, _for_spark(bucket), folder
        self._session = self._started(work)
        for statement in _tables(self._url, files):
            self._session.sql(statement)
        for schema in BUILT:
            self._session.sql(f"create database if not exists {schema} location '{self._url}/{folder}/{schema}'")
        return {"type": "spark", "method": "session", "host": "session", "schema": "staging", "threads": 2}

    def models(self) -> dict[str, str]:
        """What was built, by name and folder; what has no file yet (views, tables without rows) is written as one."""
        written = {}
        for schema in ("staging", *BUILT, "answers"):
            for row in self._session.sql(f"show tables in {schema}").collect():
                name, place = f"{schema}.{row.tableName}", f"{self._folder}/{schema}/{row.tableName}"
                is_view = self._session.catalog.getTable(name).tableType == "VIEW"
                if is_view and row.tableName.endswith("_history"):
                    continue
                if not self._bucket.listed(place):
                    self._session.table(name).write.mode("append").parquet(f"{self._url}/{place}")
                written[name] = place
        self.stop()
        return written

    def stop(self) -> None:
        """End the application."""
        if self._session is not None:
            self._session.stop()
            self._session = None

    def _started(self, work: Path) -> Any:
        try:
            from pyspark.sql import SparkSession  # noqa: PLC0415 - an extra
        except ModuleNotFoundError:
            raise UsageError(
                "Spark needs the package pyspark, which is not installed.",
                "Run: pip install 'hiring-elt[spark]'",
                setting="SPARK__MASTER",
            ) from None
        os.environ.setdefault("SPARK_LOCAL_DIRS", str(work))
        builder = SparkSession.builder.master(self.master)
        mine = {"spark.sql.warehouse.dir": str(work / "spark")}
        for name, value in {**UNLESS_SET, **self.options, **ALWAYS, **mine}.items():
            builder = builder.config(name, value)
        try:
            return builder.getOrCreate()
        except Exception as error:  # noqa: BLE001 - whatever the gateway to the JVM raises
            first = str(error).strip().split("\n")[0][:200]
            raise CannotWrite(f"Spark at {self.master} does not answer: {first}", "Nothing was changed.") from None


def _for_spark(bucket: Bucket) -> str:
    """The address of a bucket as Hadoop's file systems call it."""
    return f"s3a://{bucket.url.removeprefix('s3://')}" if bucket.url.startswith("s3://") else bucket.url


def _tables(url: str, files: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """The statements that make the raw tables and the ledger known, with the columns of today."""
    for schema in dict.fromkeys(schema for schema, _ in raw_tables()):
        yield f"create database if not exists {schema}"
        yield f"create database if not exists lake_{schema}"
    for schema, table in raw_tables():
        columns = [f"`{field.name}` {_type(str(field.type))}" for field in arrow_schema(table)]
        columns.append(f"`{VALID_FROM}` timestamp")
        there = f"location '{url}/{schema}/{table.name}'" if files.get(f"{schema}.{table.name}") else ""
        yield f"create table lake_{schema}.`{table.name}` ({', '.join(columns)}) using parquet {there}"
        yield (
            f"create view {schema}.`{table.name}` as select *, lead({VALID_FROM})"
            f" over (partition by _key order by {VALID_FROM}) as {VALID_TO} from lake_{schema}.`{table.name}`"
        )
    yield "create database if not exists meta"
    for name, of in files.items():
        table_name = name.removeprefix("meta.")
        declared = ledger_schema(table_name) if name.startswith("meta.") else None
        if declared is not None:
            columns = [f"`{field.name}` {_type(str(field.type))}" for field in declared]
            yield (
                f"create table meta.`{table_name}` ({', '.join(columns)}) using parquet options (path '{url}/{of[0]}')"
            )


def _type(arrow: str) -> str:
    found = SQL_TYPES.get(arrow, "string")
    return "timestamp" if found.startswith("timestamp") else found
