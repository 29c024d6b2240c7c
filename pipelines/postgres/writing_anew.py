"""Writes tables anew after something was taken out of them: PostgreSQL keeps deleted rows in its pages until then."""

from __future__ import annotations

from typing import Any, Final

from psycopg2 import errors, sql

from connector.errors import Locked
from pipelines.postgres.swap import PUBLISHED, tables_of

LOCK_SECONDS: Final = 60


def write_anew(cursor: Any) -> None:
    """Write each table of ours anew; readers wait for the one that is being written, and it for them.

    Raises Locked when somebody holds a table for too long. What was deleted is gone from all answers by then; the next
    run comes back to the bytes.
    """
    cursor.execute(f"set lock_timeout = '{LOCK_SECONDS}s'")
    try:
        for table in _ours(cursor):
            cursor.execute(sql.SQL("vacuum (full, analyze) {}").format(table))
        # Samples of values are kept for the planner. Without the right to it this is a warning of the server.
        cursor.execute("vacuum full pg_catalog.pg_statistic")
        cursor.execute("drop table if exists meta.rewrite_owed")
    except errors.LockNotAvailable:
        raise Locked(
            "Somebody holds a table that must be written anew.",
            "All rows are gone as asked, and it is published; their bytes are still in the server's files."
            " Run `hiring-elt refresh` once nobody reads for a minute.",
        ) from None
    finally:
        cursor.execute("reset lock_timeout")


def _ours(cursor: Any) -> list[sql.Identifier]:
    cursor.execute("select nspname from pg_namespace where nspname like 'raw\\_%' order by 1")
    schemas = [name for (name,) in cursor.fetchall()]
    return [sql.Identifier(schema, table) for schema in (*schemas, *PUBLISHED) for table in tables_of(cursor, schema)]
