"""A dlt destination as the warehouse."""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from connector.errors import HiringEltError, UsageError
from connector.http.secret import mask
from pipelines.anywhere import models
from pipelines.anywhere.known import KnownInDestination
from pipelines.anywhere.session import DestinationSession
from pipelines.anywhere.tables import Tables
from pipelines.lock import locked
from pipelines.work_folder import work_folder

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator, Mapping

    import pyarrow as pa

    from connector.reading.known import Known

KNOWN_BY_NAME: Final = frozenset(
    {
        "athena",
        "bigquery",
        "clickhouse",
        "databricks",
        "dremio",
        "duckdb",
        "motherduck",
        "redshift",
        "snowflake",
        "sqlalchemy",
    }
)
"""Destinations that merge slowly changing dimensions and take parquet or what dlt makes of it."""
NOT_FIT: Final = {
    "mssql": "flags are no truth values there, and the checks of a refresh need them",
    "synapse": "flags are no truth values there, and the checks of a refresh need them",
    "fabric": "flags are no truth values there, and the checks of a refresh need them",
    "lance": "it keeps no history of rows",
    "lancedb": "it keeps no history of rows",
    "qdrant": "it keeps no history of rows",
    "weaviate": "it keeps no history of rows",
    "ducklake": "it was not tried",
    "dummy": "it keeps nothing",
}


def is_destination(address: str) -> bool:
    """Whether an address is the name of a dlt destination, and no file of that name is there."""
    return (address in KNOWN_BY_NAME or address in NOT_FIT) and not Path(address).exists()


class SqlDestination:
    """A database that dlt knows by name; its settings are dlt's (`DESTINATION__<NAME>__CREDENTIALS__...`)."""

    def __init__(self, name: str) -> None:
        if name in NOT_FIT:
            raise UsageError(
                f"Warehouses of the kind {name} are not supported: {NOT_FIT[name]}.",
                f"Take one of {', '.join(sorted(KNOWN_BY_NAME))}, filesystem, postgresql://..., or a DuckDB file.",
                setting="WAREHOUSE",
            )
        self.name = name

    @property
    def place(self) -> str:
        """The destination's name; its settings may hold secrets."""
        return f"the dlt destination {self.name}"

    @contextmanager
    def session(self, *, wait_seconds: float, stop: threading.Event) -> Iterator[DestinationSession]:
        """Keep other refreshes of this machine away; others it cannot see."""
        with work_folder() as work:
            tables = Tables(self.name, work)
            self._reach(tables)
            which = hashlib.sha256(str(tables.configuration()).encode()).hexdigest()[:16]
            lock = Path(tempfile.gettempdir()) / f"hiring-elt-{os.getuid()}-{self.name}-{which}.lock"
            with locked(lock, wait_seconds=wait_seconds, stop=stop):
                yield DestinationSession(tables, work)

    @contextmanager
    def reading(self, platform: str, account: str) -> Iterator[Known]:
        """What is there of one account."""
        with work_folder() as work:
            yield KnownInDestination(Tables(self.name, work), platform, account)

    def last_failure(self) -> None:
        """A database keeps no note of a refresh that failed; its scheduler does."""
        return

    def query(self, sql: str) -> pa.Table:
        """The answer to a query; what it may do is for the rights of the credentials to say."""
        with work_folder() as work:
            tables = Tables(self.name, work)
            self._reach(tables)
            if not tables.columns("meta", ["refreshes"]):
                raise UsageError(f"There is no warehouse in {self.place} yet.", "Run `hiring-elt refresh` first.")
            try:
                return tables.answer(sql)
            except HiringEltError:
                raise
            except Exception as error:  # noqa: BLE001 - each database has errors of its own
                raise UsageError(f"The query was refused: {mask(str(error))[:300]}", "Nothing was changed.") from None

    @contextmanager
    def dbt_reading(self) -> Iterator[Mapping[str, Any]]:
        """The dbt output of the destination."""
        reason = models.why_not(self.name)
        if reason is not None:
            raise UsageError(f"The models cannot be documented on {self.name}: {reason}.", setting="WAREHOUSE")
        with work_folder() as work:
            yield models.output(self.name, Tables(self.name, work).configuration())

    def _reach(self, tables: Tables) -> None:
        """Raise UsageError when dlt lacks a package or a setting, or the database does not let us in."""
        try:
            with tables.client("meta") as client:
                client.has_dataset()
        except Exception as error:  # noqa: BLE001 - each database has errors of its own
            raise UsageError(
                f"{self.place} cannot be opened: {type(error).__name__}: {mask(' '.join(str(error).split()))[:300]}",
                f"Set what dlt needs for it (pip install 'dlt[{self.name}]'; DESTINATION__{self.name.upper()}__...).",
                setting="WAREHOUSE",
            ) from None
