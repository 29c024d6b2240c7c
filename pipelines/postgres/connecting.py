"""Connections to a PostgreSQL server, and its errors in words that hold neither password nor row."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import psycopg2
from psycopg2 import errors, extensions

from connector.errors import CannotWrite, HiringEltError, Locked, UsageError
from connector.http.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator

CONNECT_SECONDS: Final = 10
KEEPALIVE_SECONDS: Final = 30
SECRET_PARTS: Final = ("password", "sslpassword")
UNKNOWN: Final = ("authentication failed", "no password supplied", "does not exist", "could not translate host name")
"""What a server or resolver says when the address is wrong, not the moment."""


@dataclass(frozen=True)
class Address:
    """Where a database is and who asks; the whole address is a secret, for it may hold a password."""

    url: Secret
    place: str

    @classmethod
    def read(cls, url: str) -> Address:
        """Take an address apart; raises UsageError, which does not repeat it."""
        secret = Secret(url)
        try:
            parts = extensions.parse_dsn(url)
        except psycopg2.ProgrammingError:
            raise UsageError(
                "The address of the PostgreSQL warehouse cannot be read.",
                "Write it as postgresql://user:password@host:5432/database.",
                setting="WAREHOUSE",
            ) from None
        for name in SECRET_PARTS:
            if parts.get(name):
                Secret(parts[name])  # known from now on, and so masked in every text
        user = f"{parts['user']}@" if "user" in parts else ""
        port = f":{parts['port']}" if "port" in parts else ""
        return cls(secret, f"postgresql://{user}{parts.get('host', '')}{port}/{parts.get('dbname', '')}")

    def connect(self, purpose: str) -> Any:
        """A connection in UTC that commits each statement, unless told to begin a transaction."""
        url = self.url.reveal()
        given = extensions.parse_dsn(url)
        settings = {
            "connect_timeout": CONNECT_SECONDS,
            "keepalives_idle": KEEPALIVE_SECONDS,
            "application_name": purpose,
            "client_encoding": "utf8",
        }
        try:
            connection = psycopg2.connect(url, **{name: of for name, of in settings.items() if name not in given})
        except psycopg2.OperationalError as error:
            raise self._refused(str(error)) from None
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("set time zone 'UTC'")
        return connection

    def _refused(self, text: str) -> HiringEltError:
        said = " ".join(text.split())[:200]
        if any(sign in said for sign in UNKNOWN):
            return UsageError(
                f"{self.place} cannot be opened: {said}", "Correct the address of the warehouse.", setting="WAREHOUSE"
            )
        return CannotWrite(f"{self.place} does not answer: {said}", "Nothing was changed. Run again later.")

    @contextlib.contextmanager
    def readable_errors(self) -> Iterator[None]:
        """Turn what the server refuses into our errors; details, which quote rows, are left out."""
        try:
            yield
        except psycopg2.Error as error:
            raise self.told(error) from None

    def told(self, error: psycopg2.Error) -> HiringEltError:
        """One error of the server in our words."""
        said = (error.diag.message_primary or str(error).strip().split("\n")[0] or type(error).__name__)[:200]
        if isinstance(error, errors.InsufficientPrivilege):
            return CannotWrite(f"{self.place}: {said}.", "Grant the rights that the README lists, and run again.")
        if isinstance(error, errors.LockNotAvailable):
            return Locked(f"Somebody holds a table of {self.place} that must be replaced: {said}.")
        if isinstance(error, errors.ReadOnlySqlTransaction):
            return CannotWrite(f"{self.place}: {said}.", "Give the address of the primary server.")
        if isinstance(error, psycopg2.OperationalError | psycopg2.InterfaceError):
            return CannotWrite(f"{self.place}: {said}.", "What readers see is as it was. Run again.")
        return HiringEltError(f"{self.place}: {said}.")
