"""The dlt sources: `talent_ray()` and `tailed()`, and the form in which rows reach dlt.

This is the only module that knows dlt. Rows go as arrow tables into slowly changing dimensions: one merge key (`_key`),
one hash (`_row_hash`), only rows that differ.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import dlt

from connector.records import arrow_schema

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    import pyarrow as pa
    from dlt.extract import DltResource

    from connector.contract import Table

SETTINGS: Final = {
    "normalize.parquet_normalizer.add_dlt_load_id": True,
    "load.truncate_staging_dataset": True,
    "load.workers": 2,
    "restore_from_destination": False,  # nothing of ours is in dlt state; the columns are declared anew each time
}


def configure_dlt() -> None:
    """What our loads need of dlt: load ids in arrow tables, nothing left in staging tables."""
    for name, setting in SETTINGS.items():
        dlt.config[name] = setting


def raw_resource(table: Table, rows: Iterable[pa.Table], *, boundary: datetime | None = None) -> DltResource:
    """One raw table as a dlt resource; an empty table is sent as such, so that it exists."""
    disposition: dict[str, Any] = {
        "disposition": "merge",
        "strategy": "scd2",
        "row_version_column_name": "_row_hash",
    }
    if boundary is not None:
        disposition["boundary_timestamp"] = boundary.isoformat()
    found = list(rows) or [arrow_schema(table).empty_table()]
    return dlt.resource(
        found,
        name=table.name,
        table_name=table.name,
        write_disposition=disposition,  # type: ignore[arg-type]
        merge_key="_key",
        max_table_nesting=0,
    )


def merged_resource(name: str, rows: pa.Table, key: Sequence[str]) -> DltResource:
    """One ledger table as a dlt resource: a row of the same key replaces the one before."""
    return dlt.resource(
        [rows],
        name=name,
        table_name=name,
        write_disposition="merge",
        primary_key=list(key),
        max_table_nesting=0,
    )


def source_of(name: str, resources: Mapping[str, DltResource]) -> Any:
    """A dlt source of ready resources, with a schema of its own name."""

    @dlt.source(name=name, max_table_nesting=0)
    def ready() -> Any:
        return list(resources.values())

    return ready()
