"""A lake that people read with whatever reads parquet, and this program with DuckDB or Spark."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import duckdb

from connector.errors import UsageError
from connector.reading.known import NothingKnown
from pipelines.known import KnownInDuckDB
from pipelines.lake.bucket import Bucket, Published
from pipelines.lake.session import LakeSession
from pipelines.lake.tables import copy_tables, view_tables
from pipelines.work_folder import work_folder

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator, Mapping

    import pyarrow as pa

    from connector.reading.known import Known

READS: Final = frozenset({duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN})


class Lake:
    """The lake at the place that dlt's settings of the `filesystem` destination name."""

    def __init__(self) -> None:
        self.bucket = Bucket()

    @property
    def place(self) -> str:
        """The folder or bucket."""
        return self.bucket.place

    @contextmanager
    def session(self, *, wait_seconds: float, stop: threading.Event) -> Iterator[LakeSession]:
        """Lock the lake and copy what is known into a private DuckDB file."""
        with self.bucket.held(wait_seconds=wait_seconds, stop=stop), work_folder() as work:
            session = LakeSession(self.bucket, work)
            session.begin()
            try:
                yield session
            finally:
                session.close()

    @contextmanager
    def reading(self, platform: str, account: str) -> Iterator[Known]:
        """What is published of one account; nothing before the first refresh."""
        published = self.bucket.published()
        if published is None:
            yield NothingKnown()
            return
        with duckdb.connect() as connection:
            connection.execute("set timezone = 'UTC'")
            copy_tables(connection, self.bucket, published)
            yield KnownInDuckDB(connection, platform, account)

    def last_failure(self) -> None:
        """A lake keeps no note of a refresh that published nothing; its scheduler does."""
        return

    def query(self, sql: str) -> pa.Table:
        """The answer to a query on what is published; one statement that reads."""
        published = self._published()
        try:
            statements = duckdb.extract_statements(sql)
            if len(statements) != 1 or statements[0].type not in READS:
                raise UsageError("Give one statement that reads.", "Nothing was changed.")
            with duckdb.connect() as connection:
                connection.execute("set timezone = 'UTC'")
                view_tables(connection, self.bucket, published, sql.lower())
                self._close(connection)
                return connection.execute(statements[0]).to_arrow_table()
        except duckdb.Error as error:
            raise UsageError(f"The query was refused: {error}", "Nothing was changed.") from None

    @contextmanager
    def dbt_reading(self) -> Iterator[Mapping[str, Any]]:
        """A dbt output that shows what is published as views in a private DuckDB file."""
        published = self._published()
        with work_folder() as work:
            path = str(work / "lake.duckdb")
            with duckdb.connect(path) as connection:
                view_tables(connection, self.bucket, published)
            yield {"type": "duckdb", "path": path, "threads": 2}

    def _published(self) -> Published:
        published = self.bucket.published()
        if published is None:
            raise UsageError(
                f"There is no warehouse at {self.place} yet.", "Run `hiring-elt refresh` or `hiring-elt demo` first."
            )
        return published

    def _close(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Let a query see the files of the lake and no others, where that can be said."""
        if self.bucket.is_local:
            folder = self.bucket.root.replace("'", "''")
            connection.execute(f"set allowed_directories = ['{folder}']")
            connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
