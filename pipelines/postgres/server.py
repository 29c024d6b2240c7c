"""A PostgreSQL database as the warehouse."""

from __future__ import annotations

import os
import threading
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, Final

import psycopg2

from connector.errors import UsageError
from connector.reading.known import NothingKnown
from pipelines.postgres.answer import answer
from pipelines.postgres.connecting import Address
from pipelines.postgres.known import KnownInPostgres
from pipelines.postgres.session import LOADING, PASSWORD, PostgresSession, dbt_output, environment, locked, own_name
from pipelines.postgres.stored import StoredInPostgres
from pipelines.warehouse_format import refuse_newer
from pipelines.work_folder import work_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from connector.reading.known import Known

READ_ONLY: Final = "-c default_transaction_read_only=on"
PUBLISHED: Final = "select to_regclass('meta.refreshes') is not null as published"


class PostgresServer:
    """A database of a PostgreSQL server; people read it whenever they like."""

    def __init__(self, url: str) -> None:
        self.address = Address.read(url)

    @property
    def place(self) -> str:
        """User, host and database."""
        return self.address.place

    @contextmanager
    def session(self, *, wait_seconds: float, stop: threading.Event) -> Iterator[PostgresSession]:
        """Lock the database for one refresh; what it does not publish is taken back."""
        with closing(self.address.connect(own_name())) as connection:
            variables = {PASSWORD: connection.info.password or "", "PGTZ": "UTC", "PGAPPNAME": LOADING}
            with (
                locked(self.address, connection, wait_seconds=wait_seconds, stop=stop),
                work_folder() as work,
                environment(**variables),
            ):
                session = PostgresSession(self.address, connection, work)
                refuse_newer(session.query, self.place)
                session.begin()
                try:
                    yield session
                finally:
                    session.end()

    @contextmanager
    def stored(self) -> Iterator[StoredInPostgres]:
        """What is published, for the privacy commands that only look."""
        with closing(self.address.connect("hiring-elt")) as connection:
            connection.set_session(readonly=True, autocommit=True)
            with self.address.readable_errors():
                yield StoredInPostgres(connection, "meta")

    @contextmanager
    def reading(self, platform: str, account: str) -> Iterator[Known]:
        """What is published of one account; nothing before the first refresh."""
        with closing(self.address.connect("hiring-elt")) as connection:
            connection.set_session(readonly=True, autocommit=True)
            if not answer(connection, PUBLISHED)["published"][0].as_py():
                yield NothingKnown()
                return
            yield KnownInPostgres(connection, threading.Lock(), platform, account)

    def last_failure(self) -> None:
        """A server keeps no note of a refresh that published nothing; its scheduler does."""
        return

    def query(self, sql: str) -> pa.Table:
        """The answer to a query on what is published; the server refuses whatever would write."""
        with closing(self.address.connect("hiring-elt")) as connection:
            connection.set_session(readonly=True, autocommit=True)
            if not answer(connection, PUBLISHED)["published"][0].as_py():
                raise UsageError(
                    f"There is no warehouse at {self.place} yet.",
                    "Run `hiring-elt refresh` or `hiring-elt demo` first.",
                )
            try:
                return answer(connection, sql)
            except psycopg2.Error as error:
                raise self._refused(error) from None

    @contextmanager
    def dbt_reading(self) -> Iterator[dict[str, Any]]:
        """A dbt output whose connections the server lets only read."""
        with closing(self.address.connect("hiring-elt")) as connection:
            options = " ".join(filter(None, (os.environ.get("PGOPTIONS"), READ_ONLY)))
            variables = {PASSWORD: connection.info.password or "", "PGTZ": "UTC", "PGOPTIONS": options}
            with environment(**variables):
                yield dbt_output(connection, "staging") | {"application_name": "hiring-elt docs"}

    def _refused(self, error: psycopg2.Error) -> Exception:
        if isinstance(error, psycopg2.OperationalError | psycopg2.InterfaceError):
            return self.address.told(error)
        said = error.diag.message_primary or type(error).__name__
        if isinstance(error, psycopg2.errors.UndefinedTable):
            return UsageError(f"{self.place}: {said}.", "Correct the name, or run `hiring-elt build` first.")
        return UsageError(f"The query was refused: {said}.", "Nothing was changed.")
