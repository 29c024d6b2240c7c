"""One refresh's hold on a PostgreSQL warehouse: an advisory lock that dies with its connection."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from typing import TYPE_CHECKING, Any, Final

import psycopg2

from connector.errors import CannotWrite, Locked
from connector.platforms import PLATFORMS
from pipelines.postgres import swap
from pipelines.postgres.answer import answer
from pipelines.postgres.copying import copying_postgres
from pipelines.postgres.known import KnownInPostgres
from pipelines.postgres.stored import StoredInPostgres
from pipelines.postgres.writing_anew import write_anew
from pipelines.warehouse import WithCatalog

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    import pyarrow as pa

    from connector.reading.known import Known
    from pipelines.postgres.connecting import Address

LOCK: Final = (0x68697265, 1)
"""The advisory lock of all refreshes of a database; the first number is `hire`."""
LOOK_AGAIN_SECONDS: Final = 0.2
LOADING, BUILDING = "hiring-elt load", "hiring-elt models"
"""How the connections of dlt and dbt call themselves; only the holder of the lock has any."""
PASSWORD: Final = "DBT_ENV_SECRET_HIRING_ELT_PASSWORD"  # noqa: S105 - the name of a variable
LONGEST_NAME: Final = 63
PATIENCE_SECONDS: Final = 30
DBT_SETTINGS: Final = ("sslmode", "sslcert", "sslkey", "sslrootcert")
RIGHTS_TRIED: Final = (
    f"create table {swap.NEXT}marts.rights as select 1 as tried",
    f"insert into {swap.NEXT}marts.rights values (2)",
    f"update {swap.NEXT}marts.rights set tried = 3",
    f"delete from {swap.NEXT}marts.rights",
    f"create view {swap.NEXT}marts.rights_view as select * from {swap.NEXT}marts.rights",
    f"drop table {swap.NEXT}marts.rights cascade",
)
# Whose the tables are decides: they are compared, written over and, with a new version of the program, altered.
NOT_OURS: Final = """
    select schemaname || '.' || tablename from pg_tables
    where schemaname = any(%s) and not pg_has_role(tableowner, 'usage')
        and (schemaname like 'raw%%' or schemaname = 'meta' or not has_schema_privilege(schemaname, 'create'))
    order by 1
"""


class PostgresSession(WithCatalog):
    """The holder of the lock: reads, has others load and build beside, and publishes, on one connection."""

    def __init__(self, address: Address, connection: Any, work: Path) -> None:
        self.work = work
        self.address = address
        self._connection = connection
        self.leaves_no_bytes = False
        self._process: int = connection.info.backend_pid
        self._lock = threading.Lock()

    def known(self, platform: str, account: str) -> Known:
        """What is published, and so known, of one account."""
        with self.address.readable_errors():
            return KnownInPostgres(self._connection, self._lock, platform, account)

    def last_boundary(self, platform: str) -> datetime | None:
        """The newest instant at which a version of the platform's rows began or ended."""
        with self._cursor() as cursor:
            return swap.newest_boundary(cursor, f"raw_{platform}")

    def schema(self, name: str) -> str:
        """Raw tables are merged where they are; everything else is made beside what people read."""
        return name if name.startswith("raw_") else f"{swap.NEXT}{name}"

    def destination(self) -> Any:
        """The dlt destination, for the raw tables and the next ledger."""
        self._still_locked()
        found = self._connection.info
        query = {name: value for name, value in found.dsn_parameters.items() if name.startswith("ssl")}
        where = {"host": found.host}
        if found.host.startswith("/"):  # a socket's folder is no host of a URL
            query["host"], where = found.host, {}
        return copying_postgres(
            credentials={
                "database": found.dbname,
                "username": found.user,
                "password": found.password or "",
                "port": found.port,
                "query": {key: str(value) for key, value in query.items()},
                **where,
            }
        )

    def dbt_output(self) -> Mapping[str, Any]:
        """The dbt output; the password is handed over in the environment of this process, not in a file."""
        self._still_locked()
        return dbt_output(self._connection, f"{swap.NEXT}staging")

    def query(self, sql: str) -> pa.Table:
        """The answer to a query on what this session sees."""
        with self.address.readable_errors(), self._lock:
            return answer(self._connection, sql)

    def try_rights(self) -> None:
        """Make, fill, change and drop a table of our own; then ask for the rights on the tables that are there."""
        with self.address.readable_errors(), self._lock, self._transaction() as cursor:
            for statement in RIGHTS_TRIED:
                cursor.execute(statement)
        with self._cursor() as cursor:
            cursor.execute(NOT_OURS, [[*swap.PUBLISHED, *(f"raw_{name}" for name in PLATFORMS)]])
            foreign = [name for (name,) in cursor.fetchall()]
        if foreign:
            raise CannotWrite(
                f"The role {self._connection.info.user} may not write {', '.join(foreign[:3])}.",
                "Run as the role that made them, or grant that role to this one.",
            )

    def publish(self) -> None:
        """Write the next state over the published one, in one transaction of the connection that holds the lock."""
        self._still_locked()
        with self.address.readable_errors(), self._lock:
            with self._transaction() as cursor:
                changed = swap.publish(cursor)
            with self._connection.cursor() as cursor:
                for table in changed if not self.leaves_no_bytes else ():
                    cursor.execute(f"analyze {table}")
                if self.leaves_no_bytes:
                    write_anew(cursor)

    @contextlib.contextmanager
    def stored(self, *, published: bool = False) -> Iterator[StoredInPostgres]:
        """The stored rows and a ledger, inside one transaction, for the care for personal data."""
        with self.address.readable_errors(), self._lock, self._transaction():
            yield StoredInPostgres(self._connection, "meta" if published else self.schema("meta"))

    def begin(self) -> None:
        """Take back what a broken run left behind, and make room for the next state."""
        with self._cursor() as cursor:
            _end_statements_of_the_dead(cursor)
        with self.address.readable_errors(), self._lock, self._transaction() as cursor:
            swap.undo_unpublished(cursor)
            swap.begin_next(cursor)

    def renew(self) -> None:
        """Make the next state anew from the published one, in which something was changed."""
        with self.address.readable_errors(), self._lock, self._transaction() as cursor:
            swap.begin_next(cursor)

    def end(self) -> None:
        """Take back what was not published; where the server cannot be reached, the next run does."""
        with contextlib.suppress(psycopg2.Error), self._lock, self._transaction() as cursor:
            swap.undo_unpublished(cursor)
            swap.drop_next(cursor)

    @contextlib.contextmanager
    def _cursor(self) -> Iterator[Any]:
        with self.address.readable_errors(), self._lock, self._connection.cursor() as cursor:
            yield cursor

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[Any]:
        self._connection.autocommit = False
        try:
            with self._connection, self._connection.cursor() as cursor:
                yield cursor
        finally:
            if not self._connection.closed:
                self._connection.autocommit = True

    def _still_locked(self) -> None:
        """Raise CannotWrite when the lock is gone, as it is when the connection broke or a pooler swapped it."""
        with self._cursor() as cursor:
            cursor.execute(
                "select count(*) from pg_locks where locktype = 'advisory' and granted and pid = pg_backend_pid()"
                " and pg_backend_pid() = %s and classid = %s and objid = %s",
                [self._process, *LOCK],
            )
            if not cursor.fetchone()[0]:
                raise CannotWrite(
                    f"The lock on {self.address.place} was lost.",
                    "Connect to the server itself or to a pooler in session mode, and run again.",
                )


def dbt_output(connection: Any, schema: str) -> dict[str, Any]:
    """The dbt output for a connection's database; the password stays in the environment of this process."""
    found = connection.info
    return {
        "type": "postgres",
        "host": found.host,
        "port": found.port,
        "user": found.user,
        "password": f"{{{{ env_var('{PASSWORD}', '') }}}}",
        "dbname": found.dbname,
        "schema": schema,
        "threads": 2,
        "application_name": BUILDING,
        **{name: found.dsn_parameters[name] for name in DBT_SETTINGS if found.dsn_parameters.get(name)},
    }


@contextlib.contextmanager
def locked(
    address: Address, connection: Any, *, wait_seconds: float, stop: threading.Event | None = None
) -> Iterator[None]:
    """Hold the advisory lock of the database; raises Locked, naming the holder, when it cannot be had in time."""
    give_up = time.monotonic() + wait_seconds
    with address.readable_errors(), connection.cursor() as cursor:
        while True:
            cursor.execute("select pg_try_advisory_lock(%s, %s)", LOCK)
            if cursor.fetchone()[0]:
                break
            if time.monotonic() >= give_up or (stop is not None and stop.is_set()):
                raise Locked(f"Another refresh holds the warehouse: {_holder(cursor)}.")
            time.sleep(LOOK_AGAIN_SECONDS)
    yield


def _end_statements_of_the_dead(cursor: Any) -> None:
    """End what a killed run began: its statement goes on in the server, and would commit after we have looked."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < give_up:
        cursor.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()"
            " and usename = current_user and application_name in (%s, %s)",
            [LOADING, BUILDING],
        )
        if not cursor.fetchall():
            return
        time.sleep(LOOK_AGAIN_SECONDS)
    raise CannotWrite("Statements of a broken run do not end.", "Look for them in pg_stat_activity, and run again.")


def _holder(cursor: Any) -> str:
    cursor.execute(
        "select application_name, client_addr::text, backend_start from pg_locks join pg_stat_activity using (pid)"
        " where locktype = 'advisory' and classid = %s and objid = %s and granted"
        " and pg_locks.database = (select oid from pg_database where datname = current_database())",
        LOCK,
    )
    found = cursor.fetchone()
    if found is None or not found[0]:
        return "a connection that does not say whose it is"
    name, host, since = found
    return f"{name} ({host or 'this machine'}), since {since:%Y-%m-%dT%H:%M:%S%z}"


def own_name() -> str:
    """How this process calls itself at the server, for whoever finds the lock taken."""
    return f"hiring-elt, process {os.getpid()} on {socket.gethostname()}"[:LONGEST_NAME]


@contextlib.contextmanager
def environment(**variables: str) -> Iterator[None]:
    """Within this, the process has these variables; dlt and dbt open connections of their own by them."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
