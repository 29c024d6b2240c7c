"""Stored rows as the care for personal data asks of them: a DuckDB connection, or what a server's session gives.

The SQL of this folder is what both understand, with `?` for each value and `column = any(?)` for a list of them; what
differs between the two is in this module, in `blanking` and in `rebuild`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import duckdb

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pyarrow as pa

    from connector.contract import Table

    Change: TypeAlias = Callable[[pa.Table], pa.Table]


class ServerRows(Protocol):
    """The rows of a server, inside one transaction."""

    ledger: str
    """The schema that `meta.` in a statement stands for: a session writes its ledger beside the published one."""

    def execute(self, query: str, parameters: Any = None, /) -> Any:
        """Run one statement; what it hands back has `fetchall`, `fetchone` and `to_arrow_table`."""
        ...

    def rewritten(
        self,
        platform: str,
        table: Table,
        columns: Sequence[str],
        change: Change,
        *,
        where: str,
        values: Sequence[Any],
    ) -> int:
        """See `blanking.rewritten`."""
        ...


Rows: TypeAlias = duckdb.DuckDBPyConnection | ServerRows


def stored_tables(stored: Rows) -> set[tuple[str, str]]:
    """Schema and name of each table that there is, the ledger's under its plain name."""
    return {(schema, name) for schema, name, kind in _relations(stored) if kind == "BASE TABLE"}


def stored_views(stored: Rows) -> set[tuple[str, str]]:
    """Schema and name of each view."""
    return {(schema, name) for schema, name, kind in _relations(stored) if kind == "VIEW"}


def stored_columns(stored: Rows, schema: str, table: str) -> list[str]:
    """The columns of a table, in order; none when there is no such table."""
    place = ledger_of(stored) if schema == "meta" else schema
    query = "select column_name from information_schema.columns where table_schema = ? and table_name = ?"
    found = stored.execute(f"{query} order by ordinal_position", [place, table]).fetchall()
    return [name for (name,) in found]


def ledger_of(stored: Rows) -> str:
    """The schema of the ledger."""
    return "meta" if isinstance(stored, duckdb.DuckDBPyConnection) else stored.ledger


def _relations(stored: Rows) -> list[tuple[str, str, str]]:
    query = (
        "select table_schema, table_name, table_type from information_schema.tables"
        " where table_schema not in ('information_schema', 'pg_catalog')"
    )
    found = stored.execute(query).fetchall()
    ledger = ledger_of(stored)
    beside = [(schema, name, kind) for schema, name, kind in found if schema != "meta" or ledger == "meta"]
    return [("meta" if schema == ledger else schema, name, kind) for schema, name, kind in beside]
