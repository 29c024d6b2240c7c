"""A company at one address and a warehouse that knows it already: what most scenarios begin with."""

from __future__ import annotations

import hashlib
import json
import shutil
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import duckdb

import pipelines  # noqa: F401 - switches telemetry off before dlt is imported
from connector.platforms import PLATFORMS
from connector.sandbox import Company, Server, Switches, serve
from pipelines import cli
from pipelines.refresh import Options, Outcome, refresh
from pipelines.tell import Teller
from tests.truth import differences

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

END = datetime(2026, 3, 4, 9, tzinfo=UTC)
RATES = {
    "SOURCES__TALENT_RAY__REQUESTS_PER_MINUTE": "60000",
    "SOURCES__TAILED__REQUESTS_PER_MINUTE": "60000",
    "PRIVACY__PROFILE": "full",
}


def company(seed: int = 11, candidates: int = 40, days: float = 90) -> Company:
    """The same company each time it is called: a test may do with its copy what it likes."""
    return Company(seed=seed, candidates=candidates, days=days, end=END)


def later(moved: Company, **time: float) -> None:
    """Let time pass in which nothing happens by itself, so that a test knows all that changed."""
    with moved.lock:
        moved.world.now += timedelta(**time)


@contextmanager
def served() -> Iterator[Server]:
    """The company at an address that stays; the clock stands still unless a test advances it."""
    with serve(company(), requests_per_minute=None, clock="frozen") as server:
        yield server


def settings(server: Server) -> dict[str, str]:
    """The environment that points at the server; rates are no hindrance, and values are stored as they are."""
    return server.environment() | RATES


@dataclass(frozen=True)
class Told:
    """How a command ended, and what it said."""

    status: int
    out: str
    err: str

    @property
    def last_line(self) -> dict[str, Any]:
        """The JSON object that `--json` puts on the last line of standard output."""
        found: dict[str, Any] = json.loads(self.out.splitlines()[-1])
        return found


@dataclass
class Town:
    """One company, one warehouse, and the ways to look at both."""

    server: Server
    warehouse: Path
    capture: Any = None
    published: str = field(init=False, default="")

    @property
    def company(self) -> Company:
        """The company being served."""
        return self.server.company

    def switch(self, **changes: Any) -> None:
        """Change some habits of the servers."""
        self.server.switches = replace(self.server.switches, **changes)

    def run(self, **options: Any) -> Outcome:
        """Refresh; the models are left out unless asked for, because they take long."""
        wanted = Options(**{"warehouse": str(self.warehouse), "skip_build": True} | options)
        return refresh(wanted, Teller(quiet=True), threading.Event())

    def cli(self, *arguments: str) -> Told:
        """A command as the program runs it, in this process."""
        words = [*arguments, "--warehouse", str(self.warehouse)]
        if arguments[0] == "refresh":
            words.append("--skip-build")
        self.capture.readouterr()
        status = cli.guarded(lambda: cli.app(words, standalone_mode=False))
        said = self.capture.readouterr()
        return Told(status, said.out, said.err)

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """The answer to a query on the published warehouse."""
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            connection.execute("set timezone = 'UTC'")
            return connection.execute(query).fetchall()

    def digest(self) -> str:
        """A hash of the published bytes."""
        return hashlib.sha256(self.warehouse.read_bytes()).hexdigest()

    def differences(self, *platforms: str) -> dict[str, str]:
        """What differs between published rows and the truth; nothing, when all is well."""
        return differences(str(self.warehouse), self.company, platforms or tuple(PLATFORMS))

    def versions(self, *tables: str) -> dict[str, list[tuple[Any, ...]]]:
        """Every version of every row, by table; of the named ones (`leads`, `tailed.jobs`), or of all."""
        found = {}
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            for platform in PLATFORMS.values():
                for table in platform.tables:
                    if tables and not {table.name, f"{platform.name}.{table.name}"} & set(tables):
                        continue
                    query = (
                        "select _key, _row_hash, _visible, _dlt_valid_from, _dlt_valid_to"
                        f' from raw_{platform.name}."{table.name}" order by all'
                    )
                    found[f"{platform.name}.{table.name}"] = connection.execute(query).fetchall()
        return found

    def tombstones(self) -> int:
        """How many rows are marked as gone in Talent-Ray's tables."""
        return sum(
            1 for name, rows in self.versions().items() if name.startswith("talent_ray") for row in rows if not row[2]
        )

    def sweeps(self) -> dict[str, dict[str, Any]]:
        """The notes of the newest refresh, by `platform.resource`."""
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            found = connection.execute(
                "select * from meta.sweeps where refresh_id = (select max(refresh_id) from meta.refreshes)"
            ).to_arrow_table()
        return {f"{row['platform']}.{row['resource']}": row for row in found.to_pylist()}

    def asked(self, since: int = 0) -> list[str]:
        """The paths asked for, in order."""
        return [reply.path for reply in self.server.journal[since:]]

    def rests(self) -> list[str]:
        """What lies beside the warehouse, the lock file left out: it holds nothing and is never removed."""
        beside = {path.name for path in self.warehouse.parent.iterdir()}
        return sorted(beside - {self.warehouse.name, f".{self.warehouse.name}.lock"})


def copied(source: Path, folder: Path) -> Path:
    """A copy of a published warehouse in a folder of its own, under the same name."""
    folder.mkdir(mode=0o700, exist_ok=True)
    target = folder / source.name
    shutil.copyfile(source, target)
    target.chmod(0o600)
    return target


__all__ = ["END", "Company", "Switches", "Told", "Town", "company", "copied", "later", "served", "settings"]
