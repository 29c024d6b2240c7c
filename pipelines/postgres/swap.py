"""What readers see changes in one transaction, and what a broken run left behind is undone.

Models and ledger are made in schemas of their own (`hiring_elt_next_...`) that nobody reads. Publishing writes what
differs into the tables that people read: rows, not names, are exchanged, so a reader's snapshot stays whole whatever
its isolation level, no reader waits or is waited for, and grants and views on the tables stay.

The raw tables are merged in place before that. The instant up to which they are published is stored in the same
transaction; whatever is newer when a run begins is of a run that did not get that far, and is taken back.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from psycopg2 import errors, sql

from connector.platforms import PLATFORMS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NEXT: Final = "hiring_elt_next_"
PUBLISHED: Final = ("meta", "seeds", "staging", "intermediate", "marts", "reports", "answers")
"""The schemas that are made beside and written over."""
BOUNDARIES: Final = sql.SQL("meta.published_boundaries")
LOCK_SECONDS: Final = 30


def begin_next(cursor: Any) -> None:
    """Make the schemas of the next state anew; the ledger starts as a copy of the published one."""
    drop_next(cursor)
    for name in PUBLISHED:
        cursor.execute(sql.SQL("create schema {}").format(_next(name)))
    for table in tables_of(cursor, "meta"):
        if table == "published_boundaries":
            continue
        copy, original = sql.Identifier(f"{NEXT}meta", table), sql.Identifier("meta", table)
        # Not logged: it is made anew if the server dies, and lives for one run.
        cursor.execute(sql.SQL("create unlogged table {} (like {} including all)").format(copy, original))
        cursor.execute(sql.SQL("insert into {} select * from {}").format(copy, original))


def drop_next(cursor: Any) -> None:
    """Remove the schemas of the next state."""
    for name in (*PUBLISHED, "meta_staging"):
        cursor.execute(sql.SQL("drop schema if exists {} cascade").format(_next(name)))


def publish(cursor: Any) -> list[str]:
    """Write the next state over the published one, inside the caller's transaction; says which tables changed."""
    cursor.execute(f"set local lock_timeout = '{LOCK_SECONDS}s'")
    cursor.execute("set local client_min_messages = warning")
    changed = []
    for schema in PUBLISHED:
        cursor.execute(sql.SQL("create schema if not exists {}").format(sql.Identifier(schema)))
        changed += [
            f'"{schema}"."{table}"' for table in tables_of(cursor, NEXT + schema) if _replace(cursor, schema, table)
        ]
    _replace_views(cursor)
    _note_boundaries(cursor)
    drop_next(cursor)
    return changed


def undo_unpublished(cursor: Any) -> int:
    """Take back the raw rows that no finished run published; says how many versions that were."""
    if "published_boundaries" not in tables_of(cursor, "meta"):
        return 0
    undone = 0
    for schema, boundary in answer_rows(cursor, f"select raw_schema, boundary from {BOUNDARIES.string}"):
        for table in _versioned(cursor, schema):
            name = sql.Identifier(schema, table)
            cursor.execute(sql.SQL("delete from {} where _dlt_valid_from > %s").format(name), [boundary])
            undone += cursor.rowcount
            cursor.execute(
                sql.SQL("update {} set _dlt_valid_to = null where _dlt_valid_to > %s").format(name), [boundary]
            )
            undone += cursor.rowcount
    return undone


def newest_boundary(cursor: Any, schema: str) -> datetime | None:
    """The newest instant at which a version of the schema's rows began or ended."""
    newest = []
    for table in _versioned(cursor, schema):
        name = sql.Identifier(schema, table)
        cursor.execute(sql.SQL("select greatest(max(_dlt_valid_from), max(_dlt_valid_to)) from {}").format(name))
        newest.append(cursor.fetchone()[0])
    found = max((instant for instant in newest if instant is not None), default=None)
    return None if found is None else found.astimezone(UTC)


def _note_boundaries(cursor: Any) -> None:
    cursor.execute(
        sql.SQL(
            "create table if not exists {} (raw_schema text primary key, boundary timestamp with time zone not null)"
        ).format(BOUNDARIES)
    )
    for platform in PLATFORMS:
        boundary = newest_boundary(cursor, f"raw_{platform}")
        # Without any row, everything that comes is newer than the beginning of time.
        cursor.execute(
            sql.SQL(
                "insert into {} values (%s, %s) on conflict (raw_schema) do update set boundary = excluded.boundary"
            ).format(BOUNDARIES),
            [f"raw_{platform}", boundary or datetime(1, 1, 2, tzinfo=UTC)],
        )


def _replace(cursor: Any, schema: str, table: str) -> bool:
    """Make the published table equal to the next one by writing the rows that differ; says whether any did."""
    source, target = sql.Identifier(NEXT + schema, table), sql.Identifier(schema, table)
    wanted, present = columns_of(cursor, NEXT + schema, table), columns_of(cursor, schema, table)
    if present and present != wanted:
        _reshape(cursor, target, wanted, present)
        present = columns_of(cursor, schema, table)
    if set(present.items()) != set(wanted.items()):
        _drop(cursor, target)
        cursor.execute(sql.SQL("create table {} (like {} including all)").format(target, source))
    names = sql.SQL(", ").join(sql.Identifier(name) for name in wanted)
    values = {"source": source, "target": target, "names": names, "same": _same(wanted)}
    cursor.execute(
        sql.SQL("delete from {target} as old where not exists (select from {source} as new where {same})").format(
            **values
        )
    )
    written = cursor.rowcount
    cursor.execute(
        sql.SQL(
            "insert into {target} ({names}) select {names} from {source} as new"
            " where not exists (select from {target} as old where {same})"
        ).format(**values)
    )
    written += cursor.rowcount
    if _count(cursor, source) != _count(cursor, target):
        # Rows that are equal in all values cannot be told apart: write the table as a whole.
        cursor.execute(sql.SQL("delete from {}").format(target))
        cursor.execute(sql.SQL("insert into {target} ({names}) select {names} from {source}").format(**values))
        written += cursor.rowcount
    _copy_comment(cursor, source, target)
    return bool(written)


def _drop(cursor: Any, table: sql.Identifier) -> None:
    """Drop a table that is to be made anew. Views of ours that stand upon it go, and come back with the others."""
    drop = sql.SQL("drop table if exists {}").format(table)
    cursor.execute("savepoint before_drop")
    try:
        cursor.execute(drop)
    except errors.DependentObjectsStillExist:
        cursor.execute("rollback to savepoint before_drop")
        for schema, view in reversed(_views(cursor, "")):
            cursor.execute(sql.SQL("drop view {}").format(sql.Identifier(schema, view)))
        cursor.execute(drop)


def _replace_views(cursor: Any) -> None:
    """Give people the views of the next state, where their text is another; in the order in which they were made."""
    wanted, present = _views(cursor, NEXT), _views(cursor, "")
    for (schema, view), text in wanted.items():
        if present.get((schema, view)) == text:
            continue
        name = sql.Identifier(schema, view)
        create = sql.SQL("create or replace view {} as {}").format(name, sql.SQL(text))
        cursor.execute("savepoint before_view")
        try:
            cursor.execute(create)
        except errors.InvalidTableDefinition:
            # Its columns are others now. Views upon it are ours as well, and made anew after it.
            cursor.execute("rollback to savepoint before_view")
            cursor.execute(sql.SQL("drop view {} cascade").format(name))
            cursor.execute(create)
            present = {}


def _views(cursor: Any, prefix: str) -> dict[tuple[str, str], str]:
    """The views of our schemas, with their text as it reads once it is published."""
    cursor.execute(
        "select nspname, relname, pg_get_viewdef(pg_class.oid) from pg_class"
        " join pg_namespace on relnamespace = pg_namespace.oid"
        " where relkind = 'v' and nspname = any(%s) order by pg_class.oid",
        [[prefix + schema for schema in PUBLISHED]],
    )
    return {(schema.removeprefix(prefix), view): text.replace(NEXT, "") for schema, view, text in cursor.fetchall()}


def _same(columns: Mapping[str, str]) -> sql.Composable:
    """Whether an old and a new row have the same values; by name, for the columns may stand in another order."""
    rows = {name: sql.SQL(", ").join(sql.Identifier(name, column) for column in columns) for name in ("old", "new")}
    return sql.SQL("md5(row({old})::text) = md5(row({new})::text)").format(**rows)


def _reshape(cursor: Any, target: sql.Identifier, wanted: Mapping[str, str], present: Mapping[str, str]) -> None:
    """Add the columns of a newer version of the program, where that is all that differs."""
    if any(wanted.get(name) != kind for name, kind in present.items()):
        return
    for name, kind in wanted.items():
        if name not in present:
            cursor.execute(
                sql.SQL("alter table {} add column {} {}").format(target, sql.Identifier(name), sql.SQL(kind))
            )


def _copy_comment(cursor: Any, source: sql.Identifier, target: sql.Identifier) -> None:
    texts = []
    for table in (source, target):
        cursor.execute("select obj_description(%s::regclass, 'pg_class')", [table.as_string(cursor)])
        texts.append(cursor.fetchone()[0])
    if texts[0] is not None and texts[0] != texts[1]:
        cursor.execute(sql.SQL("comment on table {} is %s").format(target), [texts[0]])


def _count(cursor: Any, table: sql.Identifier) -> int:
    cursor.execute(sql.SQL("select count(*) from {}").format(table))
    return int(cursor.fetchone()[0])


def tables_of(cursor: Any, schema: str) -> list[str]:
    """The tables of a schema, without its views."""
    cursor.execute(
        "select relname from pg_class where relnamespace = to_regnamespace(%s) and relkind = 'r' order by relname",
        [f'"{schema}"'],
    )
    return [name for (name,) in cursor.fetchall()]


def columns_of(cursor: Any, schema: str, table: str) -> dict[str, str]:
    """The columns of a table with their types; empty when there is no such table."""
    cursor.execute(
        "select attname, format_type(atttypid, atttypmod) from pg_attribute"
        " where attrelid = to_regclass(%s) and attnum > 0 and not attisdropped order by attnum",
        [f'"{schema}"."{table}"'],
    )
    return dict(cursor.fetchall())


def _versioned(cursor: Any, schema: str) -> list[str]:
    cursor.execute(
        "select table_name from information_schema.columns"
        " where table_schema = %s and column_name = '_dlt_valid_from' order by table_name",
        [schema],
    )
    return [name for (name,) in cursor.fetchall()]


def answer_rows(cursor: Any, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """All rows of a small answer."""
    cursor.execute(query, list(values) or None)
    found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def _next(schema: str) -> sql.Identifier:
    return sql.Identifier(NEXT + schema)


__all__ = ["NEXT", "PUBLISHED", "begin_next", "publish", "undo_unpublished"]
