"""One refresh's hold on a lake: a private DuckDB file to compare, load and verify in; then files, then the manifest."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import duckdb

from pipelines.duckdb_file import DuckDBSession
from pipelines.ids import new_id
from pipelines.lake.bucket import Published
from pipelines.lake.cluster import Cluster, cluster_of_settings
from pipelines.lake.delta import delta_wanted, follow
from pipelines.lake.tables import copy_tables, raw_tables, view_models
from pipelines.lake.writing import append_versions, write_models, write_tables
from pipelines.publish import WorkingCopy
from pipelines.warehouse import WithCatalog

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pyarrow as pa

    from connector.reading.known import Known
    from pipelines.lake.bucket import Bucket

FOLDERS: Final = ("raw_talent_ray", "raw_tailed", "meta", "models")
MOST_FILES: Final = 50
"""A raw table of more files than this is written anew as one."""


class LakeSession(WithCatalog):
    """The private copy of a lake; what it adds is written as files, which count when the manifest names them."""

    def __init__(self, bucket: Bucket, work: Path) -> None:
        self.work = work
        self.bucket = bucket
        self.state = new_id()
        self._copy = WorkingCopy(work / "lake.duckdb", work, None)
        self._inner = DuckDBSession(self._copy)
        self._before: Published | None = None
        self._boundaries: dict[str, datetime | None] = {}
        self._appended: dict[str, tuple[str, ...]] | None = None
        self._cluster: Cluster | None = None
        self._built: Mapping[str, str] | None = None
        self._delta = delta_wanted()

    def begin(self) -> None:
        """Remove what dead runs left, and copy what is published."""
        self._before = self.bucket.published()
        published = self._before or Published()
        self.bucket.remove_all_but(published, FOLDERS)
        with duckdb.connect(str(self._copy.path)) as connection:
            connection.execute("set timezone = 'UTC'")
            copy_tables(connection, self.bucket, published)
        self._boundaries = {schema: self.last_boundary(schema.removeprefix("raw_")) for schema, _ in raw_tables()}

    def close(self) -> None:
        """Let go of the private copy and of the cluster."""
        self._inner.close()
        if self._cluster is not None:
            self._cluster.stop()

    def known(self, platform: str, account: str) -> Known:
        """What the lake knows of one account."""
        return self._inner.known(platform, account)

    def last_boundary(self, platform: str) -> datetime | None:
        """The newest instant from which a version of the platform's rows is valid."""
        return self._inner.last_boundary(platform)

    def schema(self, name: str) -> str:
        """The copy is private: its schemas have the names that readers know."""
        return name

    def destination(self) -> Any:
        """The dlt destination that writes into the copy; what came in goes on into the lake as files."""
        return self._inner.destination()

    def dbt_output(self) -> Mapping[str, Any]:
        """DuckDB builds in the copy; a Spark cluster, where the settings name one, from the files into files."""
        self._cluster = cluster_of_settings()
        if self._cluster is None:
            return self._inner.dbt_output()
        files = self._files()
        self._inner.close()
        return self._cluster.begin(self.bucket, files, f"models/{self.state}", self.work)

    def query(self, sql: str) -> pa.Table:
        """The answer to a query on the copy, and on what a cluster built."""
        self._collect()
        return self._inner.query(sql)

    def _collect(self) -> None:
        """End the cluster's work, and see what it built."""
        if self._cluster is not None and self._built is None:
            self._built = self._cluster.models()
            self._inner.close()
            with duckdb.connect(str(self._copy.path)) as connection:
                view_models(connection, self.bucket, self._built)

    def try_rights(self) -> None:
        """Write a file and remove it."""
        probe = self.work / "rights.parquet"
        probe.write_bytes(b"")
        self.bucket.put(probe, f"meta/{self.state}/rights.parquet")
        self.bucket.files.rm_file(self.bucket.path(f"meta/{self.state}/rights.parquet"))

    def publish(self) -> None:
        """Write the files that are new, then name them in the manifest; Delta tables, where wanted, follow."""
        self._collect()
        files = self._files()
        models = self._built if self._built is not None else self._written_models()
        self._inner.close()
        self.bucket.refuse_changed(self._before)
        published = replace(self._before or Published(), files=files, models=models)
        self.bucket.publish(published)
        if self._delta:
            follow(self.bucket, published, self.work)

    def _files(self) -> dict[str, tuple[str, ...]]:
        """The files of all tables with what this session added; they are written once."""
        if self._appended is not None:
            return self._appended
        before = self._before or Published()
        self._inner.close()
        with duckdb.connect(str(self._copy.path)) as connection:
            connection.execute("set timezone = 'UTC'")
            files = dict(before.files)
            for name, added in append_versions(connection, self.bucket, self._boundaries, self.work).items():
                files[name] = (*before.files.get(name, ()), *added)
            long = [name for name, of in files.items() if len(of) > MOST_FILES]
            files |= write_tables(connection, self.bucket, long, self.state, self.work)
            tables = [f"meta.{name}" for name in _tables_of(connection, "meta")]
            files |= write_tables(connection, self.bucket, tables, self.state, self.work)
        self._appended = files
        return files

    def _written_models(self) -> Mapping[str, str]:
        with duckdb.connect(str(self._copy.path)) as connection:
            connection.execute("set timezone = 'UTC'")
            built = write_models(connection, self.bucket, f"models/{self.state}", self.work)
        return built or (self._before or Published()).models


def _tables_of(connection: duckdb.DuckDBPyConnection, schema: str) -> list[str]:
    found = connection.execute(
        "select table_name from information_schema.tables"
        " where table_schema = ? and not starts_with(table_name, '_dlt')",
        [schema],
    ).fetchall()
    return sorted(name for (name,) in found)
