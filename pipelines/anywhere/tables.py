"""Reads tables of a dlt destination by dlt's own client, as arrow in the declared types."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import dlt
import pyarrow as pa
import pyarrow.compute as pc
from dlt.common import pendulum
from dlt.common.destination import DestinationCapabilitiesContext
from dlt.destinations.exceptions import DatabaseUndefinedRelation

from connector import ledger
from connector.platforms import PLATFORMS
from connector.stored_rows import arrow_schema

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

RAW = tuple(f"raw_{name}" for name in PLATFORMS)
VERSIONS = ("_dlt_valid_from", "_dlt_valid_to")


class Tables:
    """The datasets of one destination."""

    def __init__(self, name: str, work: Path) -> None:
        self.name = name
        self._work = work
        self._pipelines: dict[str, dlt.Pipeline] = {}
        self._lock = threading.Lock()

    def destination(self) -> Any:
        """The dlt destination, configured by dlt's settings."""
        return dlt.destination(self.name, destination_type=f"dlt.destinations.{self.name}")

    def _pipeline(self, dataset: str) -> dlt.Pipeline:
        if dataset not in self._pipelines:
            self._pipelines[dataset] = dlt.pipeline(
                f"hiring_elt_reading_{dataset}",
                pipelines_dir=str(self._work / "reading"),
                destination=self.destination(),
                dataset_name=dataset,
            )
        return self._pipelines[dataset]

    def client(self, dataset: str) -> Any:
        """The SQL client of dlt for one dataset; to be opened with `with`."""
        with self._lock:  # accounts are read side by side
            return self._pipeline(dataset).sql_client()

    def configuration(self) -> Any:
        """The destination's settings, credentials among them, as dlt resolves them."""
        return self._pipeline("meta").destination_client().config

    def columns(self, dataset: str, tables: Sequence[str]) -> set[tuple[str, str]]:
        """The columns that some tables have; none for a table that does not exist."""
        found = set()
        with self.client(dataset) as client:
            for table in tables:
                query = f"select * from {client.make_qualified_table_name(table)} where 1 = 0"
                try:
                    with client.execute_query(query) as cursor:
                        found |= {(table, name) for name in _names(cursor)}
                except DatabaseUndefinedRelation:
                    continue
        return found

    def rows(self, dataset: str, table: str, columns: Sequence[str], *, where: str | None = None) -> pa.Table:
        """The given columns of a table in their declared types."""
        with self.client(dataset) as client:
            names = ", ".join(client.escape_column_name(name) for name in columns)
            query = f"select {names} from {client.make_qualified_table_name(table)}"
            with client.execute_query(query + (f" where {where}" if where else "")) as cursor:
                found = cursor.fetchall()
        declared = declared_schema(dataset, table)
        return pa.table(
            {name: _typed([row[at] for row in found], declared.field(name).type) for at, name in enumerate(columns)}
        )

    def answer(self, sql: str) -> pa.Table:
        """The answer to a query of the user's, or to one of ours about sums; types are the database's.

        SQLite knows only the dataset of the client that asks: it is that which the query names.
        """
        dataset = next((name for name in (*RAW, "marts", "reports") if name in sql), "meta")
        with self.client(dataset) as client, client.execute_query(sql) as cursor:
            names, rows = _names(cursor), cursor.fetchall()
        return pa.table({name: pa.array([row[at] for row in rows]) for at, name in enumerate(names)})

    def table_name(self, dataset: str, table: str) -> str:
        """A table's name as a query writes it."""
        return str(self.client(dataset).make_qualified_table_name(table))

    def instant(self, at: datetime) -> str:
        """An instant as a query writes it."""
        capabilities = self.destination().capabilities()
        written = (
            capabilities.format_datetime_literal
            or DestinationCapabilitiesContext.generic_capabilities().format_datetime_literal
        )
        return str(written(pendulum.instance(at), capabilities.timestamp_precision))


def declared_schema(dataset: str, table: str) -> pa.Schema:
    """The columns of a raw or ledger table."""
    if dataset == "meta":
        return ledger.schema_of(table)
    declared = arrow_schema(PLATFORMS[dataset.removeprefix("raw_")].table(table))
    for name in VERSIONS:
        declared = declared.append(pa.field(name, pa.timestamp("us", "UTC")))
    return declared


def _names(cursor: Any) -> list[str]:
    """The names of an answer's columns; SQLAlchemy's cursors tell them in their own way."""
    described = getattr(cursor, "description", None)
    names = cursor.native_cursor.keys() if described is None else [column[0] for column in described]
    return [str(name).lower() for name in names]


def _typed(values: list[Any], kind: pa.DataType) -> pa.Array:
    """Values in a declared type: SQLite, for one, has texts for instants and numbers for flags."""
    found = pa.array(values)
    if pa.types.is_timestamp(kind):
        found = found.cast(pa.timestamp("us")) if pa.types.is_string(found.type) else found
        if pa.types.is_timestamp(found.type) and found.type.tz is None:
            return pc.assume_timezone(found.cast(pa.timestamp("us")), "UTC")
    return found.cast(kind)
