"""The same care on a server, where rows are rewritten in place and the server keeps the bytes.

Each step is one transaction. What is taken out of the raw tables is gone at once, what is taken out of models and
ledger with the publication; then each table is written anew (VACUUM FULL), so that no page holds what was deleted.
Until that is done the warehouse says so in `meta.rewrite_owed`, and the next run does it.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from pipelines.personal import audit, erasures
from pipelines.personal.care import Care
from pipelines.personal.forget import forget_stored
from pipelines.personal.rebuild import has_models
from pipelines.personal.retention import Retention, retention_settings
from pipelines.personal.stored import ServerRows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from contextlib import AbstractContextManager
    from datetime import datetime
    from pathlib import Path

    from pipelines.personal.person import Person

OWED = "meta.rewrite_owed"


class SessionRows(ServerRows, Protocol):
    """The rows of a server's session, which reach the published ledger too."""

    def published(self, query: str, parameters: Any = None, /) -> Any:
        """Run one statement in which `meta.` is the ledger that people read."""
        ...


class ServerSession(Protocol):
    """The session of a server whose rows can be cared for."""

    work: Path
    leaves_no_bytes: bool

    def stored(self, *, published: bool = False) -> AbstractContextManager[SessionRows]:
        """The rows, inside one transaction; with the published ledger, or the next one."""
        ...

    def renew(self) -> None:
        """Make the next state anew from the published one."""
        ...


class ServerCare(Care):
    """The care that a session on a server takes."""

    def __init__(self, session: ServerSession, retention: Retention | None = None) -> None:
        self.server = session
        self._set_out(retention or retention_settings())

    @contextmanager
    def opened(self) -> Iterator[SessionRows]:
        """The rows, inside one transaction."""
        with self.server.stored() as rows:
            yield rows

    def remembered_beside(self) -> set[erasures.Erasure]:
        """Nothing lies beside a server: its own table is all there is."""
        return set()

    def remember_beside(self) -> None:
        """The published ledger knows them: see `erase`."""

    def look_back(self, connection: Any) -> None:
        """Finish what a run that broke after its erasure left undone."""
        found = connection.published(
            "select count(*) from information_schema.tables where table_schema = 'meta' and table_name = 'rewrite_owed'"
        ).fetchone()
        if found[0]:
            self.changed = True
            self.must_build = has_models(connection)

    def erase(self, person: Person, at: datetime) -> dict[str, int]:
        """Remove a person for good, from the raw tables and the published ledger in one transaction."""
        with self.server.stored(published=True) as connection:
            erasures.ensure_table(connection)
            new = erasures.entries_of(person, self.known, at)
            erasures.add_to_table(connection, new)
            self.known |= new
            gone = forget_stored(connection, person)
            self._note(connection, "privacy erase", gone or {"rows": 0})
        self.server.renew()
        return gone

    def _note(self, connection: Any, command: str, counts: Mapping[str, Any]) -> None:
        """A line in the audit, if anything was done; the models are made anew beside the old ones."""
        if not counts:
            return
        audit.note(connection, command, counts)
        self.changed = True
        self.must_build = self.must_build or has_models(connection)
        connection.published(f"create table if not exists {OWED} (since timestamptz not null default now())")

    def finish(self, *, keep: int = 0) -> int:
        """Have every table written anew once it is published, if anything was taken out."""
        del keep  # a server keeps no earlier warehouse
        self.server.leaves_no_bytes = self.changed
        return 0
