"""What a refresh does about personal data that is stored already: a step before it reads, three after.

    care = Care(session)
    policy = care.begin(settings.policy)     # before reading: another key, a narrower profile, the erased
    care.forget(harvests)                    # before loading: the erased come again with every list
    care.expire(harvests)                    # after loading: retention
    care.finish(keep=...)                    # before publishing: no byte stays behind

When `must_build` says so, the models are built even where the caller wanted to skip them: they were made of rows that
have changed under them, and are gone by then.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from pipelines.personal import audit, erasures
from pipelines.personal.forget import counted, erased_among, forget_stored
from pipelines.personal.incoming import forget_harvested
from pipelines.personal.narrowing import apply_policy_change
from pipelines.personal.person import Person
from pipelines.personal.rebuild import drop_models, has_models, rebuild
from pipelines.personal.retention import Retention, apply_retention, retention_settings
from pipelines.rollback import forget_kept, keep_published

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    import duckdb

    from connector.privacy import Policy
    from connector.reading.harvest import Harvest
    from pipelines.personal.stored import Rows
    from pipelines.publish import WorkingCopy


class FileSession(Protocol):
    """The session of a warehouse that is one file: a private copy, and the one connection to it."""

    copy: WorkingCopy
    work: Path

    def opened(self) -> duckdb.DuckDBPyConnection:
        """The connection to the copy."""
        ...

    def close(self) -> None:
        """Let go of the copy; the next use of the session opens it again."""
        ...


class Care:
    """The care that one session takes."""

    def __init__(self, session: FileSession, retention: Retention | None = None) -> None:
        self.session = session
        self._set_out(retention or retention_settings())

    def _set_out(self, retention: Retention) -> None:
        self.retention = retention
        self.known: set[erasures.Erasure] = set()
        self.changed = False
        self.must_build = False
        self._keeps_nothing_old = False

    @contextmanager
    def opened(self) -> Iterator[Rows]:
        """The working copy, for as long as this lasts; it is private, so half of the work is seen by nobody."""
        yield self.session.opened()

    def begin(self, policy: Policy) -> Policy:
        """Bring stored rows to the policy and to all erasures; hands back the policy that knows the erased.

        Raises UsageError for another pseudonym key than the stored tokens were made with.
        """
        with self.opened() as connection:
            self.look_back(connection)
            erasures.ensure_table(connection)
            audit.ensure_table(connection)
            in_table, in_file = erasures.in_table(connection), self.remembered_beside()
            self.known = in_table | in_file
            if in_file - in_table:
                erasures.add_to_table(connection, in_file - in_table)
                back = erased_among(connection, erasures.erased_of(in_file))
                self._note(connection, "refresh: erased again", forget_stored(connection, back))
            self._note(connection, "refresh: narrower profile", apply_policy_change(connection, policy))
            if self.changed:
                self._keeps_nothing_old = True
        if in_table - in_file:
            self.remember_beside()
        return replace(policy, erased=erasures.erased_of(self.known))

    def forget(self, harvests: Sequence[Harvest]) -> None:
        """Take the erased out of what was read; and out of what is stored, records that now turn out to be theirs."""
        erased = erasures.erased_of(self.known)
        if not erased:
            return
        people = Person()
        for harvest in harvests:
            people = people.joined(forget_harvested(harvest, erased))
        if people:
            with self.opened() as connection:
                if counted(connection, people):
                    self._keeps_nothing_old = True
                    self._note(connection, "refresh: erased again", forget_stored(connection, people))

    def expire(self, harvests: Sequence[Harvest] = (), now: datetime | None = None) -> dict[str, int]:
        """Blank what has outlived its record long enough."""
        with self.opened() as connection:
            blanked = apply_retention(connection, self.retention, harvests, now)
            self._note(connection, "refresh: retention", blanked)
        return blanked

    def erase(self, person: Person, at: datetime) -> dict[str, int]:
        """Remove a person for good; the file beside the warehouse knows it before the warehouse is published."""
        with self.opened() as connection:
            new = erasures.entries_of(person, self.known, at)
            erasures.add_to_table(connection, new)
            self.known |= new
            gone = forget_stored(connection, person)
            self._note(connection, "privacy erase", gone or {"rows": 0})
        self._keeps_nothing_old = True
        self.remember_beside()
        return gone

    def remembered_beside(self) -> set[erasures.Erasure]:
        """Who is erased according to the file beside the warehouse."""
        return erasures.in_file(self.session.copy.live)

    def remember_beside(self) -> None:
        """Let the file beside the warehouse know all who are erased."""
        erasures.write_file(self.session.copy.live, self.known)

    def look_back(self, connection: Rows) -> None:
        """What an earlier run left undone; a private copy that was not published leaves nothing."""

    def known_erasures(self) -> set[erasures.Erasure]:
        """Who is erased, by the table and by what lies beside; makes the table where it is missing."""
        with self.opened() as connection:
            erasures.ensure_table(connection)
            self.known = erasures.in_table(connection) | self.remembered_beside()
        return self.known

    def _note(self, connection: Rows, command: str, counts: Mapping[str, Any]) -> None:
        """A line in the audit, if anything was done; then the models, made of the old rows, go."""
        if not counts:
            return
        audit.note(connection, command, counts)
        self.changed = True
        if has_models(connection):
            self.must_build = True
            drop_models(connection)

    def finish(self, *, keep: int = 0) -> int:
        """Make the file anew if anything was taken out of it; says how many kept warehouses went with it.

        They go before the publication: if that fails, the next run has less to go back to, and nobody is in a kept file
        who is erased from the published one.
        """
        self.session.close()
        live = self.session.copy.live
        if self.changed:
            rebuild(self.session.copy.path, self.session.work)
        if self._keeps_nothing_old:
            return forget_kept(live)
        keep_published(live, keep)
        return 0
