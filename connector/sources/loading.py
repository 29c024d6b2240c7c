"""The form in which rows reach dlt.

Rows go as arrow tables into slowly changing dimensions: one merge key (`_key`), one hash (`_row_hash`), only rows that
differ.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any, Final, cast

import dlt

from connector.stored_rows import arrow_schema

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    import pyarrow as pa
    from dlt.extract import DltResource

    from connector.contract import Table

SETTINGS: Final = {"normalize.parquet_normalizer.add_dlt_load_id": True}
"""What our tables need of dlt in any pipeline: load ids in arrow tables."""
OWN_SETTINGS: Final = {
    "load.truncate_staging_dataset": True,
    "load.workers": 2,
    "runtime.intercept_signals": False,
}
"""What we want of it in our own pipelines besides: nothing left in staging tables, and no signal kept from us."""


def configure_dlt(*, own: bool = False) -> None:
    """Set what our loads need; with `own`, also what we want where no pipeline of somebody else is concerned."""
    for name, setting in (SETTINGS | (OWN_SETTINGS if own else {})).items():
        dlt.config[name] = setting


def raw_resource(table: Table, rows: Iterable[pa.Table], *, boundary: datetime | None = None) -> DltResource:
    """One raw table as a dlt resource; an empty table is sent first, so that the raw table exists."""
    disposition: dict[str, Any] = {
        "disposition": "merge",
        "strategy": "scd2",
        "row_version_column_name": "_row_hash",
    }
    if boundary is not None:
        disposition["boundary_timestamp"] = boundary.isoformat()
    made: DltResource = dlt.resource(
        chain([arrow_schema(table).empty_table()], rows),
        name=table.name,
        table_name=table.name,
        write_disposition=cast("Any", disposition),
        merge_key="_key",
        max_table_nesting=0,
    )
    return made


def merged_resource(name: str, rows: Iterable[pa.Table], key: Sequence[str]) -> DltResource:
    """One ledger table as a dlt resource: a row of the same key replaces the one before."""
    made: DltResource = dlt.resource(
        iter(rows),
        name=name,
        table_name=name,
        write_disposition="merge",
        primary_key=list(key),
        max_table_nesting=0,
    )
    return made


def appended_resource(name: str, rows: Iterable[Any], *, table_format: str | None = None) -> DltResource:
    """Rows that are added to those that are there, whatever these are; in files of a lake, in a format of tables."""
    made: DltResource = dlt.resource(
        iter(rows),
        name=name,
        table_name=name,
        write_disposition="append",
        table_format=cast("Any", table_format),
        max_table_nesting=0,
    )
    return made


def source_of(name: str, resources: Mapping[str, DltResource]) -> Any:
    """A dlt source of ready resources, with a schema of its own name."""

    @dlt.source(name=name, max_table_nesting=0)
    def ready() -> Any:
        return list(resources.values())

    return ready()
