"""A warehouse of raw tables made by hand: some people, several versions each, on both platforms.

Only the tables with people in them, and one without: opening a file takes the longer the more tables it has.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from connector import ledger
from connector.changes import stored_form
from connector.platforms import PLATFORMS
from connector.privacy import Policy, Profile
from connector.stored_rows import arrow_schema, key_texts
from pipelines.personal.references import belongings
from pipelines.personal.stored import stored_tables
from pipelines.settings import Settings

START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
FULL = Policy(Profile.FULL)
KEY = b"a key of thirty-two characters.."


def day(number: float) -> dt.datetime:
    return START + dt.timedelta(days=number)


class World:
    """A warehouse file, and the means to put rows into it as a refresh would."""

    policy = FULL

    def __init__(self, path: Path, policy: Policy = FULL) -> None:
        self.path = path
        self.policy = policy
        if not path.exists():
            self._create_all()

    def _create_all(self) -> None:
        with self.open() as connection:
            for platform in PLATFORMS.values():
                connection.execute(f"create schema if not exists raw_{platform.name}")
                people = [one.table for one in belongings(platform)]
                for table in [*people, *(one for one in platform.tables if one.name == "roles")]:
                    self._create(connection, f"raw_{platform.name}", table.name, arrow_schema(table), _DLT)
            connection.execute("create schema if not exists meta")
            for name in ledger.TABLES:
                if name != "erasures":
                    self._create(connection, "meta", name, ledger.schema_of(name), _LOAD_ID)

    def open(self) -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect(str(self.path))
        connection.execute("set timezone = 'UTC'")
        return connection

    @staticmethod
    def _create(connection: duckdb.DuckDBPyConnection, schema: str, name: str, columns: pa.Schema, more: str) -> None:
        connection.register("empty", columns.empty_table())
        connection.execute(f'create table {schema}."{name}" as select *, {more} from empty')
        connection.unregister("empty")

    def put(
        self, place: str, *rows: dict[str, Any], at: float = 0, visible: bool = True, account: str = "default"
    ) -> None:
        """One version for each row: `place` is platform.table, `at` a day."""
        platform, name = place.split(".")
        table = PLATFORMS[platform].table(name)
        fields = arrow_schema(table)
        declared = [column.name for column in table.columns]
        given = {column: pa.array([row.get(column) for row in rows], fields.field(column).type) for column in declared}
        given |= {
            "_key": pa.array(key_texts(account, [[row[part] for row in rows] for part in table.key])),
            "account": pa.array([account] * len(rows)),
            "_observed_at": pa.array([day(at)] * len(rows), pa.timestamp("us", "UTC")),
            "_extra": pa.array([row.get("_extra") for row in rows], pa.string()),
        }
        typed = self.policy.applied(table, pa.table(given))
        form = stored_form(table, typed, not_before=None, visible=pa.array([visible] * len(rows)))
        with self.open() as connection:
            connection.register("fresh", form)
            raw = f'raw_{platform}."{name}"'
            connection.execute(
                f"update {raw} set _dlt_valid_to = ? where _dlt_valid_to is null and _key in (select _key from fresh)",
                [day(at)],
            )
            connection.execute(f"insert into {raw} select *, 'load', ?, null from fresh", [day(at)])

    def note(self, table: str, **row: Any) -> None:
        """One row of a meta table."""
        schema = ledger.schema_of(table)
        found = {name: row.get(name) for name in schema.names}
        with self.open() as connection:
            names = ", ".join(f'"{name}"' for name in found)
            marks = ", ".join("?" * len(found))
            connection.execute(
                f"insert into meta.{table} ({names}, _dlt_load_id) values ({marks}, 'load')", list(found.values())
            )

    def ask(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.path), read_only=True) as connection:
            connection.execute("set timezone = 'UTC'")
            return connection.execute(query, list(values)).fetchall()

    def everything(self) -> str:
        """All that can be asked of all tables, as one text."""
        with duckdb.connect(str(self.path), read_only=True) as connection:
            names = sorted(stored_tables(connection))
            return "\n".join(
                str(row) for schema, name in names for row in connection.execute(f'from {schema}."{name}"').fetchall()
            )

    def bytes_hold(self, *texts: str) -> list[str]:
        """Those of the texts that stand in the bytes of any file beside the warehouse, itself included."""
        found = b"".join(path.read_bytes() for path in sorted(self.path.parent.rglob("*")) if path.is_file())
        return [text for text in texts if text.encode() in found]

    def settings(self, policy: Policy | None = None) -> Settings:
        return Settings(str(self.path), policy or self.policy, (), "UTC")


MakeWorld = Callable[..., World]

_LOAD_ID = "cast('' as text) as _dlt_load_id"
_DLT = f"{_LOAD_ID}, cast(null as timestamptz) as _dlt_valid_from, cast(null as timestamptz) as _dlt_valid_to"


def populate(world: World) -> World:
    """Put some people in; the file is held open meanwhile, for each closing is a checkpoint."""
    with world.open():
        put_people(world)
    return world


def put_people(world: World) -> None:
    """Ada applied on Talent-Ray and was sourced as a lead before; Bob is a candidate; Cem is on Tailed."""
    ada = {"id": "cand_ada", "full_name": "Ada Canary", "phone": "+905321112233", "status": "active"}
    bob = {"id": "cand_bob", "full_name": "Bob Robin", "email": "bob@example.org", "status": "active"}
    world.put("talent_ray.candidates", ada | {"email": "ada.canary@example.org"}, bob)
    world.put("talent_ray.candidates", ada | {"email": "new.canary@example.org", "status": "hired"}, at=3)
    roles = [{"candidate_id": one, "role_id": "role_1", "status": "open"} for one in ("cand_ada", "cand_bob")]
    world.put("talent_ray.candidate_roles", *roles)
    steps = [
        {
            "id": f"step_{one}",
            "candidate_id": f"cand_{one}",
            "role_id": "role_1",
            "rejection_reason": f"reason of {one}",
        }
        for one in ("ada", "bob")
    ]
    world.put("talent_ray.candidate_steps", *steps)
    lead = {"full_name": "Ada Canary", "contact_email": "Ada.Canary@Example.org", "summary": "summary of ada"}
    world.put("talent_ray.leads", lead | {"id": "lead_ada"})
    world.put("talent_ray.leads", lead | {"id": "lead_ada", "candidate_id": "cand_ada"}, at=2)
    # For a day, the lead of somebody else was linked to Ada by mistake.
    dan = {"id": "lead_dan", "full_name": "Dan Finch"}
    world.put("talent_ray.leads", dan | {"candidate_id": "cand_ada"}, at=1)
    world.put("talent_ray.leads", dan | {"candidate_id": "cand_dan"}, at=2)
    world.put("talent_ray.lead_roles", {"lead_id": "lead_ada", "role_id": "role_1"})
    world.put(
        "talent_ray.cv_screening_batch_members",
        {"batch_id": "batch_1", "lead_id": "lead_ada", "full_name": "Ada Canary"},
    )
    world.put(
        "talent_ray.api_key_usage",
        {"api_key_id": "key_1", "id": "use_1", "method": "GET", "path": "/api/v1/candidates/cand_ada/steps"},
        {"api_key_id": "key_1", "id": "use_2", "method": "GET", "path": "/api/v1/candidates/cand_bob"},
    )
    world.put("talent_ray.roles", {"id": "role_1", "name": "Engineer"})
    cem = {"id": "t_cem", "full_name": "Cem Kanarya", "email": "ada.canary@example.org", "tags": '["canary tag"]'}
    world.put("tailed.candidates", cem)
    world.put("tailed.applications", {"id": "app_1", "candidate_id": "t_cem", "job_id": "job_1"})
    whose = {"platform": "talent_ray", "account": "default"}
    for one in ("cand_ada", "cand_bob"):
        world.note("record_marks", **whose, resource="candidates", record_id=one, mark=1, mark_key_id="k")
        world.note("child_reads", **whose, resource="candidate_steps", parent_id=one, last_read_at=START)
    world.note(
        "record_marks",
        **whose,
        resource="cv_screening_batch_members",
        record_id="batch_1/lead_ada",
        mark=1,
        mark_key_id="k",
    )
    for number, one in enumerate(("ada", "bob")):
        world.note(
            "quarantine",
            **whose,
            refresh_id="r1",
            number=number,
            table_name="candidate_steps",
            row_key=f'["default","step_{one}"]',
            column_name="validation_score",
            reason="not a number",
            value=f'"canary of {one}"',
            observed_at=START,
        )
    pending = '[{"key": ["cand_ada"], "missed": "x"}, {"key": ["cand_bob"], "missed": "x"}]'
    world.note("sweeps", **whose, refresh_id="r1", resource="candidates", absences="settled", pending=pending)


def modes(folder: Path) -> Sequence[tuple[str, str]]:
    return sorted((path.name, oct(path.stat().st_mode & 0o777)) for path in folder.iterdir())
