"""A dlt destination for PostgreSQL that copies parquet files in: exact to the last character, and without INSERT files.

dlt's own CSV job turns empty texts into NULL, and its parquet job needs a driver that the package does not carry.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from dlt.common.destination.client import HasFollowupJobs, RunnableLoadJob
from dlt.common.storages.load_package import ParsedLoadJobFileName
from dlt.destinations import postgres
from dlt.destinations.impl.postgres.postgres import PostgresClient

if TYPE_CHECKING:
    from dlt.common.destination import DestinationCapabilitiesContext

ROWS_IN_A_BATCH: Final = 20_000
NULL: Final = "\\N"
# The backslash first: the others are written with one.
ESCAPES: Final = (("\\", "\\\\"), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t"))


class ParquetCopyJob(RunnableLoadJob, HasFollowupJobs):
    """Copies one parquet file into its table, in one transaction."""

    def run(self) -> None:
        """Stream the file in batches through COPY."""
        client: Any = self._job_client
        sql_client = client.sql_client
        with pq.ParquetFile(self._file_path) as file, sql_client.begin_transaction():
            names = ", ".join(sql_client.escape_column_name(name) for name in file.schema_arrow.names)
            table = sql_client.make_qualified_table_name(self.load_table_name)
            with sql_client.native_connection.cursor() as cursor:
                for batch in file.iter_batches(ROWS_IN_A_BATCH):
                    lines = io.BytesIO(copy_text(batch))
                    cursor.copy_expert(f"copy {table} ({names}) from stdin with (encoding 'UTF8')", lines)


class CopyingClient(PostgresClient):
    """dlt's client, but for how files get in."""

    def create_load_job(self, table: Any, file_path: str, load_id: str, restore: bool = False) -> Any:  # noqa: FBT001, FBT002
        """Our job for parquet files, dlt's own for the rest."""
        if ParsedLoadJobFileName.parse(file_path).file_format == "parquet":
            return ParquetCopyJob(file_path)
        return super().create_load_job(table, file_path, load_id, restore)


class copying_postgres(postgres):  # noqa: N801 - dlt's destinations are named like functions
    """dlt's PostgreSQL destination, with parquet as the format of files."""

    def _raw_capabilities(self) -> DestinationCapabilitiesContext:
        capabilities: DestinationCapabilitiesContext = super()._raw_capabilities()
        capabilities.preferred_loader_file_format = "parquet"
        capabilities.loader_file_format_selector = None  # type: ignore[assignment] # it looks for that driver
        return capabilities

    @property
    def client_class(self) -> type[CopyingClient]:
        """The client that copies."""
        return CopyingClient


def copy_text(batch: pa.RecordBatch) -> bytes:
    """Rows in the text form of COPY: a line a row, tabs between, backslashes before what would break that."""
    if batch.num_rows == 0:
        return b""
    columns = [_texts(column) for column in batch.columns]
    lines = pc.binary_join_element_wise(*columns, "\t")
    joined: str = pc.binary_join(pa.ListArray.from_arrays([0, len(lines)], lines), "\n")[0].as_py()
    return joined.encode() + b"\n"


def _texts(column: pa.Array) -> pa.Array:
    texts = column if pa.types.is_string(column.type) else column.cast(pa.string())
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        for sign, written in ESCAPES:
            texts = pc.replace_substring(texts, sign, written)
    return pc.fill_null(texts, NULL)
