"""What personal data there is: each column of the raw tables with its class, what is stored of it, and for how long."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from connector.contract import Privacy, key, text
from connector.platforms import PLATFORMS
from pipelines.duckdb_file import DuckDBFile
from pipelines.personal.mirror import MODELS, RAW, mirrored
from pipelines.personal.narrowing import stored_policy
from pipelines.personal.references import belongings
from pipelines.personal.retention import retention_settings
from pipelines.personal.stored import stored_columns, stored_tables
from pipelines.rollback import kept, kept_wanted
from pipelines.warehouse import open_warehouse

if TYPE_CHECKING:
    from connector.contract import Column
    from connector.privacy import Policy
    from pipelines.personal.retention import Retention
    from pipelines.personal.stored import Rows
    from pipelines.settings import Settings

PERSONAL: Final = {Privacy.DIRECT, Privacy.FREE_TEXT, Privacy.SENSITIVE}
LEDGER: Final = (
    ("record_marks", key("record_id")),
    ("child_reads", key("parent_id")),
    ("refreshes", key("principal_id")),
    ("sweeps", key("pending")),
    ("quarantine", key("row_key")),
    ("quarantine", text("value", privacy=Privacy.FREE_TEXT)),
)


@dataclass(frozen=True, slots=True)
class Held:
    """One column: its privacy class, what the profile stores of it, days kept after the record is gone, rows."""

    table: str
    column: str
    privacy: str
    stored: str
    retention: str
    rows: int
    rows_filled: int


@dataclass(frozen=True)
class Inventory:
    """All columns, and the settings that decide about them."""

    profile: str
    columns: tuple[Held, ...]
    kept_warehouses: int
    kept_wanted: int
    erasures: int

    def as_json(self) -> dict[str, Any]:
        """The last line of standard output under `--json`."""
        return asdict(self) | {"outcome": "ok", "exit_status": 0}


def inventory(settings: Settings) -> Inventory:
    """Look through the published warehouse."""
    warehouse = open_warehouse(settings.warehouse)
    retention = retention_settings()
    with mirrored(warehouse, (*RAW, *MODELS)) as connection:
        stored = stored_policy(connection)
        columns = (
            *_raw(connection, settings.policy, retention),
            *_ledger(connection),
            *_models(connection, settings.policy),
        )
        erased = _rows(connection, "meta", "erasures")
    profile = settings.policy.profile if stored is None else stored.profile
    count_kept = len(kept(warehouse.path)) if isinstance(warehouse, DuckDBFile) else 0
    return Inventory(profile.value, columns, count_kept, kept_wanted(), erased)


def _raw(connection: Rows, policy: Policy, retention: Retention) -> list[Held]:
    found = []
    present = stored_tables(connection)
    for platform in PLATFORMS.values():
        of_people = {belonging.table.name for belonging in belongings(platform)}
        for table in platform.tables:
            schema = f"raw_{platform.name}"
            if (schema, table.name) not in present:
                continue
            for column in table.columns:
                if column.privacy in PERSONAL or (column.privacy is Privacy.KEY and table.name in of_people):
                    kept_for = _kept_for(retention, column.privacy)
                    found.append(_held(connection, (schema, table.name), column, _stored(policy, column), kept_for))
    return found


def _held(connection: Rows, place: tuple[str, str], column: Column, stored: str, kept_for: str) -> Held:
    row = connection.execute(f'select count(*), count("{column.name}") from "{place[0]}"."{place[1]}"').fetchone()
    rows, filled = (0, 0) if row is None else row
    return Held(".".join(place), column.name, column.privacy.value, stored, kept_for, int(rows), int(filled))


def _stored(policy: Policy, column: Column) -> str:
    if policy.stores(column):
        return "value"
    return "token" if policy.tokenises(column) else "withheld"


def _kept_for(retention: Retention, privacy: Privacy) -> str:
    if privacy not in PERSONAL:
        return "kept"
    days = retention.of(privacy)
    return "kept" if days is None else f"{days:g} days after the record is gone"


def _ledger(connection: Rows) -> list[Held]:
    present = stored_tables(connection)
    return [
        _held(connection, ("meta", table), column, "value", "kept")
        for table, column in LEDGER
        if ("meta", table) in present
    ]


def _models(connection: Rows, policy: Policy) -> list[Held]:
    """Columns of the models that carry a personal column of the raw tables on, under its own name."""
    by_name = {
        column.name: column
        for platform in PLATFORMS.values()
        for belonging in belongings(platform)
        for column in belonging.table.columns
        if column.privacy in PERSONAL
    }
    return [
        _held(connection, (schema, table), by_name[name], _stored(policy, by_name[name]), "as in the raw tables")
        for schema, table in sorted(stored_tables(connection))
        for name in sorted(stored_columns(connection, schema, table) if schema in MODELS else ())
        if name in by_name
    ]


def _rows(connection: Rows, schema: str, table: str) -> int:
    if (schema, table) not in stored_tables(connection):
        return 0
    row = connection.execute(f'select count(*) from "{schema}"."{table}"').fetchone()
    return 0 if row is None else int(row[0])
