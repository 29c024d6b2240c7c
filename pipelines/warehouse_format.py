"""The number of the format that a warehouse has: a program does not work on what a newer one has made."""

from __future__ import annotations

from importlib import metadata
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from connector import ledger
from connector.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

FORMAT: Final = 1
"""Grows when an older program would misread or spoil what this one writes; a new column or table is no such thing."""


def stored_format(ask: Callable[[str], pa.Table], schema: str) -> tuple[int, str]:
    """The format of a warehouse and the version of the program that brought it; 0 where none is noted."""
    there = ask(
        "select count(*) as n from information_schema.tables"
        f" where table_schema = '{schema}' and table_name = 'formats'"
    ).to_pylist()
    if not there[0]["n"]:
        return 0, ""
    found = ask(f"select format, program from {schema}.formats order by format desc limit 1").to_pylist()
    return (int(found[0]["format"]), str(found[0]["program"])) if found else (0, "")


def refuse_newer(ask: Callable[[str], pa.Table], place: str) -> None:
    """Raise UsageError before anything is touched when the warehouse is of a newer format than this program knows."""
    stored, program = stored_format(ask, "meta")
    if stored > FORMAT:
        raise UsageError(
            f"{place} was written by hiring-elt {program} in format {stored};"
            f" this is {metadata.version('hiring-elt')}, which knows formats up to {FORMAT}.",
            f"Nothing was changed. Install hiring-elt {program} or newer, or go back to a warehouse from before it.",
            setting="WAREHOUSE",
        )


def noted(ask: Callable[[str], pa.Table], table: str | None) -> pa.Table:
    """The row that says of which format the warehouse is from now on; none where its table says so."""
    rows = []
    if table is None or (ask(f"select max(format) as newest from {table}")["newest"][0].as_py() or 0) < FORMAT:
        rows = [{"format": FORMAT, "program": metadata.version("hiring-elt")}]
    return pa.Table.from_pylist(rows, schema=ledger.schema_of("formats"))
