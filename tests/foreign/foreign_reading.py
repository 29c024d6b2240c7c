"""What the connector reads from a foreign server, without a warehouse: cheap enough for every manner there is."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from unittest import mock

import pipelines  # noqa: F401 - switches telemetry off before dlt is imported
from connector.reading.account import Wishes, read_account
from connector.reading.known import NothingKnown
from pipelines import settings
from pipelines.accounts import Gates, access_to
from pipelines.tell import Teller

if TYPE_CHECKING:
    from connector.reading.harvest import Harvest, SweepNote
    from tests.foreign.foreign_records import Rows
    from tests.foreign.foreign_server import Foreign


@dataclass
class Read:
    """What a first reading of all accounts brought."""

    harvests: list[Harvest] = field(default_factory=list)

    @property
    def notes(self) -> dict[str, SweepNote]:
        """What is noted of each stream."""
        return {f"{one.platform}.{name}": note for one in self.harvests for name, note in one.sweeps.items()}

    @property
    def tables(self) -> dict[str, Rows]:
        """The rows to be sent, by raw table, nulls left out."""
        found: dict[str, Rows] = {}
        for harvest in self.harvests:
            for name, parts in harvest.tables.items():
                for part in parts:
                    columns = [one for one in part.column_names if not one.startswith("_") and one != "account"]
                    rows = found.setdefault(f"raw_{harvest.platform}.{name}", [])
                    rows += [
                        tuple(sorted((column, value) for column, value in row.items() if value is not None))
                        for row in part.select(columns).to_pylist()
                    ]
        return {name: sorted(rows, key=repr) for name, rows in found.items()}

    @property
    def exit_status(self) -> int:
        """How a refresh would end."""
        return max(one.exit_status for one in self.harvests)

    @property
    def requests(self) -> int:
        """What was counted."""
        return sum(one.requests for one in self.harvests)


def read(server: Foreign, **further: str) -> Read:
    """A first reading of both platforms, or of those with a key; raises what it ends with."""
    found = Read()
    with mock.patch.dict(os.environ, server.settings() | further):
        described = settings.load()
        for account in described.accounts:
            stop, tell = threading.Event(), Teller(quiet=True)
            with access_to(account, NothingKnown(), described.policy, Gates(), tell, stop) as access:
                found.harvests.append(read_account(access, account.streams, Wishes()))
    return found


def unlike(server: Foreign, tables: dict[str, Rows], *platforms: str) -> dict[str, str]:
    """The tables that do not hold what the server holds; nothing, when all is well."""
    found = {}
    for table, wanted in server.records.tables(server.manners.time).items():
        rows = tables.get(table, [])
        if rows != wanted and (not platforms or table.split(".")[0] in platforms):
            missing, extra = [one for one in wanted if one not in rows], [one for one in rows if one not in wanted]
            found[table] = f"{len(rows)} of {len(wanted)}; missing {missing[:1]}; extra {extra[:1]}"
    return found
