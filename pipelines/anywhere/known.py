"""What a dlt destination knows of one account: the questions of a user's own pipeline, with raw and ledger apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector import ledger
from connector.platforms import PLATFORMS
from connector.sources.known import KnownInDataset

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from pipelines.anywhere.tables import Tables

PREFIX = "meta."


class KnownInDestination(KnownInDataset):
    """One account's view of the raw dataset of its platform, and of the ledger."""

    def __init__(self, tables: Tables, platform: str, account: str) -> None:
        self._tables = tables
        self._platform = platform
        self._account = account
        self._prefix = PREFIX
        names = [table.name for table in PLATFORMS[platform].tables]
        raw = tables.columns(f"raw_{platform}", names)
        meta = {(f"{PREFIX}{table}", column) for table, column in tables.columns("meta", list(ledger.TABLES))}
        self._columns = {}
        for table, column in raw | meta:
            self._columns.setdefault(table, set()).add(column)

    def _read(self, table: str, columns: Sequence[str], *, where: str | None = None) -> pa.Table | None:
        if table not in self._columns or not set(columns) <= self._columns[table]:
            return None
        of_ledger = table.startswith(PREFIX)
        dataset = "meta" if of_ledger else f"raw_{self._platform}"
        return self._tables.rows(dataset, table.removeprefix(PREFIX), columns, where=where)
