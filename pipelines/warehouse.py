"""Where the tables live. A session is one refresh's hold on a warehouse: read, load, build, publish.

The main job speaks to this interface only; each kind of warehouse is a module of its own.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from connector.errors import UsageError
from pipelines.without import let_in

if TYPE_CHECKING:
    import threading
    from collections.abc import Mapping
    from contextlib import AbstractContextManager
    from datetime import datetime

    import pyarrow as pa

    from connector.reading.known import Known


class Session(Protocol):
    """One refresh's hold on a warehouse."""

    work: Path

    def known(self, platform: str, account: str) -> Known:
        """What the warehouse knows of one account."""
        ...

    def last_boundary(self, platform: str) -> datetime | None:
        """The newest instant from which a version of the platform's rows is valid."""
        ...

    def schema(self, name: str) -> str:
        """The schema in which this session writes what readers know by a name."""
        ...

    def columns(self, schema: str) -> set[tuple[str, str]]:
        """Table and column of what a schema holds."""
        ...

    def table(self, schema: str, name: str) -> str:
        """A table as a query writes its name."""
        ...

    def instant(self, at: datetime) -> str:
        """An instant as a query writes it."""
        ...

    def shortened(self, column: str) -> str:
        """What a query may count different values of in place of a long text: fewer only by the rarest chance."""
        ...

    def why_no_models(self) -> str | None:
        """Why the models cannot be built here; None when they can."""
        ...

    def destination(self) -> Any:
        """The dlt destination."""
        ...

    def dbt_output(self) -> Mapping[str, Any]:
        """The dbt output (an entry of a profile) for this session."""
        ...

    def query(self, sql: str) -> pa.Table:
        """The answer to a query that only reads."""
        ...

    def try_rights(self) -> None:
        """Do once, in tables that are gone afterwards, what a refresh will do; raises CannotWrite."""
        ...

    def publish(self) -> None:
        """Show readers what this session made, all at once."""
        ...


class WithCatalog(ABC):
    """What DuckDB and PostgreSQL have in common: the same words for what there is."""

    @abstractmethod
    def query(self, sql: str) -> pa.Table:
        """The answer to a query that only reads."""

    def columns(self, schema: str) -> set[tuple[str, str]]:
        """Table and column of what a schema holds."""
        found = self.query(
            f"select table_name, column_name from information_schema.columns where table_schema = '{schema}'"
        )
        return set(zip(found.column(0).to_pylist(), found.column(1).to_pylist(), strict=True))

    def table(self, schema: str, name: str) -> str:
        """A table as a query writes its name."""
        return f'"{schema}"."{name}"'

    def instant(self, at: datetime) -> str:
        """An instant as a query writes it."""
        return f"timestamptz '{at.isoformat()}'"

    def shortened(self, column: str) -> str:
        """The text itself: every warehouse counts texts."""
        return column

    def why_no_models(self) -> str | None:
        """They can be built."""
        return None


class Warehouse(Protocol):
    """A place for tables."""

    def session(self, *, wait_seconds: float, stop: threading.Event) -> AbstractContextManager[Session]:
        """Lock the warehouse for one refresh."""
        ...

    def reading(self, platform: str, account: str) -> AbstractContextManager[Known]:
        """What is published, as known of one account, without any lock."""
        ...

    def query(self, sql: str) -> pa.Table:
        """The answer to a query on what is published; raises UsageError when there is nothing yet."""
        ...

    def dbt_reading(self) -> AbstractContextManager[Mapping[str, Any]]:
        """A dbt output that reads what is published, usable within this."""
        ...

    def last_failure(self) -> Mapping[str, Any] | None:
        """What the last refresh failed of (`at`, `exit_status`, `error`, `message`), where the warehouse can tell."""
        ...

    @property
    def place(self) -> str:
        """Where it is, in words that hold no secret."""
        ...


def open_warehouse(address: str) -> Warehouse:
    """The warehouse at an address: `postgresql://...` is a server, `filesystem` a lake, a path is a DuckDB file.

    Other names of dlt destinations are those, unless a file has the name.
    """
    from pipelines.duckdb_file import DuckDBFile

    if address == "filesystem":
        from pipelines.lake import Lake

        let_in()
        return Lake()

    if address.startswith(("postgresql://", "postgres://")):
        return _postgres(address)
    if address.isidentifier():
        from pipelines.anywhere.warehouse import SqlDestination, is_destination

        if is_destination(address):
            let_in()
            return SqlDestination(address)
    if "://" in address:
        kind = address.split("://", maxsplit=1)[0]
        raise UsageError(
            f"Warehouses of the kind {kind} are not supported.",
            "Give the path of a DuckDB file, postgresql://..., or the name of a dlt destination.",
            setting="WAREHOUSE",
        )
    return DuckDBFile(Path(address))


def _postgres(address: str) -> Warehouse:
    try:
        from pipelines.postgres import PostgresServer
    except ModuleNotFoundError as error:
        raise UsageError(
            f"PostgreSQL needs the package {error.name}, which is not installed.",
            "Run: pip install 'hiring-elt[postgres]'",
            setting="WAREHOUSE",
        ) from None
    return PostgresServer(address)
