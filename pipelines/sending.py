"""Sends rows into a warehouse by dlt, each time in a fresh private folder.

Imported when there is something to send: dlt is half of what the program takes to start.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import dlt
from dlt.pipeline.exceptions import PipelineStepFailed

from connector.errors import CannotWrite, HiringEltError
from connector.http.secret import mask
from connector.sources.loading import configure_dlt, merged_resource, raw_resource, source_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    import pyarrow as pa

    from connector.contract import Table
    from pipelines.warehouse import Session

DISK_FULL: Final = ("no space left", "disk quota", "could not write", "out of disk")


def send_versions(
    session: Session, platform: str, rows: Sequence[tuple[Table, Iterable[pa.Table]]], boundary: datetime
) -> None:
    """Send new versions of rows into the raw tables of a platform; a table without rows is made if need be."""
    resources = {table.name: raw_resource(table, parts, boundary=boundary) for table, parts in rows}
    _run(session, f"raw_{platform}", source_of(platform, resources))


def send_merged(session: Session, schema: str, tables: Mapping[str, tuple[pa.Table, Sequence[str]]]) -> None:
    """Send rows, each table with its key, into the ledger: one of the same key replaces the one before."""
    resources = {name: merged_resource(name, [rows], key) for name, (rows, key) in tables.items()}
    _run(session, schema, source_of("meta", resources))


def _run(session: Session, dataset: str, source: Any) -> None:
    """One dlt load in a folder of its own: no pending package can exist, nothing is kept."""
    configure_dlt(own=True)
    folder = session.work / "dlt"
    folder.mkdir(mode=0o700, exist_ok=True)
    try:
        pipeline = dlt.pipeline(
            f"hiring_elt_{dataset}", pipelines_dir=str(folder), destination=session.destination(), dataset_name=dataset
        )
        # Nothing that we know is in dlt's state, and the columns are declared anew each time.
        pipeline.config.restore_from_destination = False
        pipeline.run(source, loader_file_format="parquet")
    except (PipelineStepFailed, OSError) as error:
        # A disk that filled up also shows as a file of dlt's own that is not there when it is asked for.
        raise _told(error) from None


def _told(error: PipelineStepFailed | OSError) -> HiringEltError:
    """The failure without dlt's trace: its texts embed records."""
    cause: BaseException = error
    while cause.__cause__ is not None:
        cause = cause.__cause__
    text = str(cause)
    if isinstance(cause, OSError) or any(sign in text.lower() for sign in DISK_FULL):
        return CannotWrite(
            "The disk refused the load.", "The published warehouse is as it was. Free space and run again."
        )
    kind, step = type(cause).__name__, getattr(error, "step", "load")
    return HiringEltError(f"dlt could not load the rows in its step {step!r} ({kind}: {mask(text)[:200]}).")
