"""Makes the file anew, for what DuckDB deletes or updates stays in its bytes until the file itself is another."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Final

import duckdb

from connector.errors import CannotWrite
from pipelines.personal.stored import stored_tables, stored_views
from pipelines.publish import readable_errors
from pipelines.transform import project_folder

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.personal.stored import Rows

COUNTED: Final = ("duckdb_tables", "duckdb_views", "duckdb_types", "duckdb_schemas", "duckdb_functions")
COUNTED_WHOLE: Final = ("duckdb_indexes", "duckdb_sequences")
OURS: Final = ("raw_", "meta")
MODEL_SCHEMAS: Final = ("staging", "intermediate", "marts", "reports", "answers", "seeds")


def rebuild(path: Path, work: Path) -> None:
    """Copy all that is in a private database file into a new file, put it in the place of the first, and let that go.

    Everybody's tables, views, macros and sequences come along. Raises CannotWrite when there is no room.
    """
    folder = work / "rebuilt"
    folder.mkdir(mode=0o700, exist_ok=True)
    fresh = folder / path.name  # the same name: DuckDB calls the catalog after it, and views may name the catalog
    with readable_errors(path):
        _need_space(path)
        try:
            _copy(path, fresh)
        except duckdb.IOException as error:
            raise CannotWrite(f"The warehouse could not be written anew ({str(error)[:120]}).") from None
        fresh.chmod(0o600)
        os.replace(fresh, path)  # noqa: PTH105 - as in the publish protocol
        shutil.rmtree(folder)


def _copy(old: Path, fresh: Path) -> None:
    with duckdb.connect(str(fresh)) as connection:
        ((catalog,),) = connection.execute("select current_database()").fetchall()
        beside = "old" if catalog != "old" else "older"
        connection.execute(f"attach {_literal(str(old))} as {beside} (read_only)")
        before = _contents(connection, beside)
        connection.execute(f'copy from database {beside} to "{catalog}"')
        after = _contents(connection, catalog)
        if before != after:
            raise CannotWrite("The warehouse could not be copied whole.", "Nothing was changed; report this as a bug.")
        connection.execute(f"detach {beside}")
        connection.execute("checkpoint")


def _contents(connection: duckdb.DuckDBPyConnection, catalog: str) -> dict[str, int]:
    """How much there is of everything in a database, and the rows of each table."""
    found = {}
    for kind in (*COUNTED, *COUNTED_WHOLE):
        theirs = " and not internal" if kind in COUNTED else ""
        found[kind] = _number(connection, f"select count(*) from {kind}() where database_name = ?{theirs}", catalog)
    tables = "select schema_name, table_name from duckdb_tables() where database_name = ? and not internal"
    counts = [
        f"select {_literal(f'{schema}.{table}')}, count(*) from {_identifier(catalog, schema, table)}"
        for schema, table in connection.execute(tables, [catalog]).fetchall()
    ]
    rows = connection.execute(" union all ".join(counts)).fetchall() if counts else []
    return found | {name: int(number) for name, number in rows}


def _number(connection: duckdb.DuckDBPyConnection, query: str, *values: str) -> int:
    row = connection.execute(query, list(values)).fetchone()
    return 0 if row is None else int(row[0])


def _identifier(*parts: str) -> str:
    return ".".join('"' + part.replace('"', '""') + '"' for part in parts)


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _need_space(path: Path) -> None:
    size, free = path.stat().st_size, shutil.disk_usage(path.parent).free
    if free < size:
        raise CannotWrite(
            f"{path.parent.parent} has {free:,} bytes free; writing the warehouse anew takes {size:,}.",
            f"Free {size - free:,} bytes and run it again.",
        )


def has_models(connection: Rows) -> bool:
    """Whether SQL models have been built in the warehouse."""
    return bool(_stored_models(connection))


def drop_models(connection: Rows) -> int:
    """Drop the tables and views that the SQL models make, so that the next build makes them from nothing.

    Models that only grow would keep what has gone from the raw tables. Nobody else's tables are touched.
    """
    models = _stored_models(connection)
    for schema, name, kind in models:
        connection.execute(f"drop {kind} if exists {_identifier(schema, name)}")
    return len(models)


def _stored_models(connection: Rows) -> list[tuple[str, str, str]]:
    made = {path.stem for path in (project_folder() / "models").rglob("*.sql")}
    found = [(*one, "table") for one in sorted(stored_tables(connection))]
    found += [(*one, "view") for one in sorted(stored_views(connection))]
    named_plainly = ("answers", "view")
    return [
        (schema, name, kind)
        for schema, name, kind in found
        if (name in made and schema in MODEL_SCHEMAS) or (schema, kind) == named_plainly
    ]


def foreign_tables(connection: Rows) -> list[str]:
    """The tables that neither refreshes nor models made: somebody's own."""
    ours = {(schema, name) for schema, name, _ in _stored_models(connection)}
    return [
        _identifier(schema, name)
        for schema, name in sorted(stored_tables(connection))
        if (schema, name) not in ours and not schema.startswith(OURS) and schema != "seeds"
    ]
