"""Erases one person to the byte; without `yes` it only says what would go."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from connector.errors import UsageError
from pipelines.personal.forget import counted
from pipelines.personal.person import Person, by_email, by_id
from pipelines.personal.places import count_kept, out_of_reach, reading, taken_care, warehouse_of
from pipelines.personal.rebuild import foreign_tables
from pipelines.refresh import build_models

if TYPE_CHECKING:
    import threading

    from connector.privacy import Policy
    from pipelines.personal.stored import Rows
    from pipelines.settings import Settings
    from pipelines.tell import Tell


@dataclass(frozen=True)
class Whom:
    """Whom a command is about: an id, or an e-mail address."""

    record_id: str | None = None
    email: str | None = field(default=None, repr=False)
    stream: str | None = None

    def found(self, connection: Rows, policy: Policy) -> Person:
        """The person; raises UsageError when the warehouse knows nobody of that description."""
        if (self.record_id is None) == (self.email is None):
            raise UsageError("Say whom: with --id or with --email.", "Give one of the two.", setting="--id")
        if self.record_id is not None:
            person = by_id(connection, self.record_id, stream=self.stream)
        else:
            person = by_email(connection, self.email or "", policy)
        if not person:
            raise UsageError(
                "The warehouse has no record of that person.",
                "Nothing was changed. Check the id on the platform; who was erased before is not found again.",
                setting="--id" if self.record_id is not None else "--email",
            )
        return person


@dataclass(frozen=True)
class Erasing:
    """What an erasure removed, or would remove: rows by table, kept warehouses, and what it cannot reach."""

    done: bool
    rows: dict[str, int]
    records: dict[str, int]
    kept_warehouses: int
    tables_of_others: dict[str, int]
    out_of_reach: tuple[str, ...]
    models_built: bool = False

    def as_json(self) -> dict[str, Any]:
        """The last line of standard output under `--json`."""
        return {
            "outcome": "erased" if self.done else "dry_run",
            "exit_status": 0,
            "records": self.records,
            "rows": self.rows,
            "kept_warehouses": self.kept_warehouses,
            "tables_of_others": self.tables_of_others,
            "out_of_reach": list(self.out_of_reach),
        }


def plan_erasure(settings: Settings, whom: Whom) -> Erasing:
    """What an erasure would remove; changes nothing."""
    warehouse = warehouse_of(settings)
    with reading(warehouse) as connection:
        person = whom.found(connection, settings.policy)
        rows, others = counted(connection, person), mentioned_elsewhere(connection, person)
    return Erasing(
        done=False,
        rows=rows,
        records=_records(person),
        kept_warehouses=count_kept(warehouse),
        out_of_reach=out_of_reach(warehouse),
        tables_of_others=others,
    )


def erase(settings: Settings, whom: Whom, tell: Tell, stop: threading.Event, *, wait_seconds: float = 0.0) -> Erasing:
    """Remove a person from the warehouse, in rows and bytes, and see to it that no refresh brings the person back."""
    warehouse = warehouse_of(settings)
    with warehouse.session(wait_seconds=wait_seconds, stop=stop) as session:
        care = taken_care(session)
        with care.opened() as connection:
            person = whom.found(connection, settings.policy)
            others = mentioned_elsewhere(connection, person)
        care.known_erasures()
        tell.step("removing the rows")
        rows = care.erase(person, datetime.now(UTC))
        if care.must_build:
            tell.step("building the models anew")
            build_models(session, settings)
        tell.step("writing the file anew")
        went = care.finish()
        session.publish()
    return Erasing(
        done=True,
        rows=rows,
        records=_records(person),
        kept_warehouses=went,
        tables_of_others=others,
        models_built=care.must_build,
        out_of_reach=out_of_reach(warehouse),
    )


def _records(person: Person) -> dict[str, int]:
    return {f"{platform}.{stream}": len(ids) for (platform, stream), ids in sorted(person.ids.items())}


def mentioned_elsewhere(connection: Rows, person: Person) -> dict[str, int]:
    """Rows of other people's tables in the file that name one of the person's ids: those are theirs to mend."""
    ids = sorted({one for _, _, one in person.records()})
    found = {}
    for table in foreign_tables(connection):
        named = " or ".join(["strpos(entry::text, ?) > 0"] * len(ids))
        row = connection.execute(f"select count(*) from {table} as entry where {named}", ids).fetchone()
        found[table] = 0 if row is None else int(row[0])
    return {table: number for table, number in found.items() if number}


__all__ = ["Erasing", "Whom", "erase", "plan_erasure"]
