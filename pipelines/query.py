"""One question in SQL, asked of a warehouse that cannot be changed by it."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, get_args

import duckdb

from connector.errors import UsageError
from pipelines.duckdb_file import DuckDBFile
from pipelines.opening import opened_for_reading
from pipelines.report.words import plain

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pyarrow as pa

    from pipelines.warehouse import Warehouse

Format: TypeAlias = Literal["table", "csv", "json"]

ROWS_ON_A_TERMINAL: Final = 1_000
_WIDEST: Final = 60
_READS: Final = frozenset({duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN})
# A spreadsheet takes a cell that starts so for a formula; the wide forms are those of CJK keyboards.
_STARTS_FORMULA: Final = tuple("=+-@\t\r\n＝＋－＠")  # noqa: RUF001
_CLOSED: Final = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",
}


def run_query(warehouse: Warehouse, sql: str, format: Format = "table") -> str:  # noqa: A002 - the option's name
    """The answer to one query as text: a table for people, CSV safe to open in a spreadsheet, or a JSON array.

    Only a single reading statement is taken; it sees no file but the warehouse, changes nothing and blocks nobody.
    """
    if format not in get_args(Format):
        raise UsageError(f"There is no format {format}.", f"Take one of {', '.join(get_args(Format))}.")
    found = answer(warehouse, sql)
    rows = list(zip(*(column.to_pylist() for column in found.columns), strict=True))
    if format == "json":
        return _as_json(found.column_names, rows)
    return _as_csv(found.column_names, rows) if format == "csv" else as_table(found.column_names, rows)


def answer(warehouse: Warehouse, sql: str) -> pa.Table:
    """The answer to a single reading statement, which sees no file but the warehouse."""
    if not isinstance(warehouse, DuckDBFile):
        return warehouse.query(sql)
    if not warehouse.path.exists():
        return warehouse.query("select 1")  # says that there is none, and what to do
    try:
        return _closed_answer(warehouse.path, sql)
    except duckdb.Error as error:
        said = plain(str(error).partition("\n\nLINE")[0].replace("\n", " ").strip())  # the rest draws an arrow
        next_step = "Nothing was changed."
        if isinstance(error, duckdb.CatalogException):
            next_step = 'Look what there is: hiring-elt query "show tables from answers" (or from reports, marts).'
        raise UsageError(f"The query was refused: {said}", next_step) from error


def _closed_answer(path: Path, sql: str) -> pa.Table:
    """Ask on a connection that reads this one file, and whose settings the query cannot change."""
    statements = duckdb.extract_statements(sql)
    if len(statements) != 1 or statements[0].type not in _READS:
        raise UsageError(
            "Give one statement that reads.", "`hiring-elt query` takes select, describe, show and explain."
        )
    with opened_for_reading(path, _CLOSED) as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute("set lock_configuration = true")
        return connection.execute(statements[0]).to_arrow_table()


def _as_json(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    # A name that comes twice keeps its values under a name of their own.
    told = [name if name not in names[:at] else f"{name}_{at + 1}" for at, name in enumerate(names)]
    found = [dict(zip(told, (_bare(value) for value in row), strict=True)) for row in rows]
    return json.dumps(found, ensure_ascii=False, default=str) + "\n"


def _as_csv(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([_safe(name) for name in names])
    writer.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue()


def _cell(value: Any) -> Any:
    """A cell of a CSV file: numbers as they are, everything else as text that no spreadsheet calculates."""
    value = _bare(value)
    if isinstance(value, bool):
        return str(value).lower()
    if value is None or isinstance(value, int | float):
        return value
    return _safe(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str))


def _safe(text: str) -> str:
    text = text.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")  # a bare return would end the row unquoted
    return f"'{text}" if text.startswith(_STARTS_FORMULA) or text.strip().startswith(_STARTS_FORMULA) else text


def _bare(value: Any) -> Any:
    """A value as CSV and JSON know it."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if value is None or isinstance(value, bool | int | float | str | list | dict):
        return value
    return str(value)


def as_table(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Columns side by side; control and direction signs of texts are left out, long ones are cut."""
    shown = [[_short(value) for value in row] for row in rows[:ROWS_ON_A_TERMINAL]]
    heads = [_short(name) for name in names]
    widths = [max(len(head), *(len(row[at]) for row in shown), 1) for at, head in enumerate(heads)]
    right = [any(isinstance(row[at], int | float | Decimal) for row in rows) for at in range(len(heads))]

    def line(cells: Sequence[str]) -> str:
        placed = (
            cell.rjust(width) if is_right else cell.ljust(width)
            for cell, width, is_right in zip(cells, widths, right, strict=True)
        )
        return "  ".join(placed).rstrip()

    more = (
        f"({len(shown):,} of {len(rows):,} rows; all with --format csv)"
        if len(shown) < len(rows)
        else f"({len(rows):,} rows)"
    )
    return "\n".join([line(heads), line(["-" * width for width in widths]), *map(line, shown), more]) + "\n"


def _short(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6g}"
    text = plain(f"{value:%Y-%m-%d %H:%M:%S}" if isinstance(value, datetime) else value)
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 1]}…"
