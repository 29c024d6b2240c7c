"""One refresh's hold on a dlt destination: everything is written where people read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from connector import ledger
from connector.errors import CannotWrite, HiringEltError
from connector.http.secret import mask
from connector.platforms import PLATFORMS
from pipelines.anywhere import models
from pipelines.anywhere.known import KnownInDestination
from pipelines.anywhere.tables import VERSIONS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    import pyarrow as pa

    from connector.reading.known import Known
    from pipelines.anywhere.tables import Tables

TRIED: Final = "hiring_elt_check"


class DestinationSession:
    """Loads and builds in place."""

    def __init__(self, tables: Tables, work: Path) -> None:
        self.work = work
        self._tables = tables

    def known(self, platform: str, account: str) -> Known:
        """What the destination knows of one account."""
        return KnownInDestination(self._tables, platform, account)

    def last_boundary(self, platform: str) -> datetime | None:
        """The newest instant at which a version of the platform's rows began or ended."""
        dataset, newest = f"raw_{platform}", []
        names = [table.name for table in PLATFORMS[platform].tables]
        for table, _ in sorted(one for one in self._tables.columns(dataset, names) if one[1] == VERSIONS[0]):
            found = self._tables.rows(dataset, table, VERSIONS)
            newest += [at for name in VERSIONS for at in found[name].unique().to_pylist() if at is not None]
        return max(newest, default=None)

    def schema(self, name: str) -> str:
        """Datasets have the names that readers know."""
        return name

    def columns(self, schema: str) -> set[tuple[str, str]]:
        """Table and column of everything that is declared and there."""
        if schema == "meta":
            return self._tables.columns(schema, list(ledger.TABLES))
        if schema.startswith("raw_"):
            names = [table.name for table in PLATFORMS[schema.removeprefix("raw_")].tables]
            return self._tables.columns(schema, names)
        return self._tables.columns(schema, MODELS)

    def table(self, schema: str, name: str) -> str:
        """A table as the destination writes its name."""
        return self._tables.table_name(schema, name)

    def instant(self, at: datetime) -> str:
        """An instant as the destination writes it."""
        return self._tables.instant(at)

    def shortened(self, column: str) -> str:
        """The text itself: every warehouse counts texts."""
        return column

    def destination(self) -> Any:
        """The dlt destination."""
        return self._tables.destination()

    def why_no_models(self) -> str | None:
        """Why dbt cannot build here; None when it can."""
        return models.why_not(self._tables.name)

    def dbt_output(self) -> Mapping[str, Any]:
        """The dbt output that dlt's settings make."""
        with self._tables.client("meta"):
            return models.output(self._tables.name, self._tables.configuration())

    def query(self, sql: str) -> pa.Table:
        """The answer to a query about what is there."""
        return self._tables.answer(sql)

    def try_rights(self) -> None:
        """Make a dataset with a table, fill and read it, and drop it; raises CannotWrite."""
        try:
            with self._tables.client(TRIED) as client:
                if client.has_dataset():
                    client.drop_dataset()
                client.create_dataset()
                name = client.make_qualified_table_name("rights")
                client.execute_sql(f"create table {name} (tried int)")
                client.execute_sql(f"insert into {name} values (1)")
                found = client.execute_sql(f"select tried from {name}")
                client.drop_dataset()
        except HiringEltError:
            raise
        except Exception as error:  # noqa: BLE001 - each database has errors of its own
            raise CannotWrite(
                f"{self._tables.name}: {type(error).__name__}: {mask(str(error))[:200]}",
                "Grant the right to create and drop schemas and tables.",
            ) from None
        if not found or found[0][0] != 1:
            raise CannotWrite(f"{self._tables.name} does not give back what was written.", "Look at its settings.")

    def publish(self) -> None:
        """Nothing is left to do: it is where it is read."""


MODELS: Final = ("fct_applications", "fct_application_steps", "rpt_hiring_funnel", "rpt_freshness")
"""The models that must be there after a build."""
