"""The raw and meta tables of a warehouse, written from what was observed, and dbt run on them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pandas as pd

from oracle.observed import PLATFORM_SCHEMA
from tests.sql.raw_world import SCHEMAS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from oracle.observed import Observed, Version

PROJECT = Path(__file__).resolve().parents[2] / "sql"


def write(seen: Observed, path: Path) -> Path:
    """Make a warehouse as the loader would have left it."""
    with duckdb.connect(str(path)) as database:
        database.execute("set TimeZone = 'UTC'")
        for schema, tables in SCHEMAS.items():
            database.execute(f"create schema if not exists {schema}")
            for table, columns in tables.items():
                declared = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
                database.execute(f'create table if not exists {schema}."{table}" ({declared})')
        add(seen, database)
    return path


def add(seen: Observed, database: duckdb.DuckDBPyConnection) -> None:
    """Put the versions and the ledger of one account into tables that are there."""
    for (platform, table), records in seen.versions.items():
        rows = [row for key, versions in records.items() for row in _rows(seen.account, table, key, versions)]
        _insert(database, PLATFORM_SCHEMA[platform], table, rows)
    refresh_ids = {run.refresh: f"refresh-{run.refresh:05}" for run in seen.refreshes}
    refreshes = [
        {
            "refresh_id": refresh_ids[run.refresh],
            "platform": run.platform,
            "account": seen.account,
            "started_at": run.started_at,
            "finished_at": run.finished_at,
            "status": run.status,
            "data_as_of": run.started_at,
        }
        for run in seen.refreshes
    ]
    sweeps = [
        {
            "refresh_id": refresh_ids[sweep.refresh],
            "platform": sweep.platform,
            "account": seen.account,
            "resource": sweep.resource,
            "started_at": sweep.started_at,
            "ended_at": sweep.ended_at,
            "verdict": sweep.verdict,
            "count_declared": sweep.declared,
            "count_distinct": sweep.count,
        }
        for sweep in seen.sweeps
    ]
    reads = [
        {"platform": platform, "account": seen.account, "resource": name, "parent_id": unit, "last_read_at": at}
        for (platform, name, unit), at in seen.child_reads.items()
        if name in ("candidate_steps", "role_steps")
    ]
    _insert(database, "meta", "refreshes", refreshes)
    _insert(database, "meta", "sweeps", sweeps)
    _insert(database, "meta", "child_reads", reads)


def _rows(account: str, table: str, key: tuple[str, ...], versions: list[Version]) -> list[dict[str, Any]]:
    text = json.dumps([account, *key])
    return [
        {
            **version.values,
            "_key": text,
            "account": account,
            # As the loader's, it tells key, values and visibility: equal when a row comes back as it went.
            "_row_hash": f"{table} {text} {version.visible} {version.values}",
            "_visible": version.visible,
            "_observed_at": version.observed_at,
            "_not_before": version.not_before,
            "_dlt_load_id": "1",
            "_dlt_valid_from": version.observed_at,
            "_dlt_valid_to": versions[number].observed_at if number < len(versions) else None,
        }
        for number, version in enumerate(versions, start=1)
    ]


def _insert(database: duckdb.DuckDBPyConnection, schema: str, table: str, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    columns = SCHEMAS[schema][table]
    texts = [[None if row.get(name) is None else str(row[name]) for name in columns] for row in rows]
    batch = pd.DataFrame(texts, columns=list(columns)).astype("string")
    database.register("batch", batch)
    casts = ", ".join(f'cast("{name}" as {kind})' for name, kind in columns.items())
    database.execute(f'insert into {schema}."{table}" select {casts} from batch')
    database.unregister("batch")


def build(
    warehouse: Path,
    *,
    select: Sequence[str] = (),
    project: Path = PROJECT,
    variables: dict[str, Any] | None = None,
    full_refresh: bool = False,
) -> None:
    """Run the models on a warehouse, in a process of its own; raises with what dbt says."""
    scratch = warehouse.parent / f"{warehouse.stem}-dbt"
    command = [str(Path(sys.executable).with_name("dbt")), "--quiet", "--no-use-colors"]
    places = ["--project-dir", str(project), "--profiles-dir", str(project)]
    places += ["--target-path", str(scratch), "--log-path", str(scratch)]
    chosen = ["--select", *select] if select else []
    extra = ["--vars", json.dumps(variables)] if variables else []
    extra += ["--full-refresh"] if full_refresh else []
    environment = os.environ | {"HIRING_ELT_WAREHOUSE": str(warehouse), "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
    kinds = ["--resource-type", "model", "--resource-type", "seed"]
    done = subprocess.run(
        [*command, "build", *kinds, *places, *chosen, *extra],
        env=environment,
        capture_output=True,
        text=True,
        timeout=1800,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"dbt build failed:\n{done.stdout[-4000:]}{done.stderr[-2000:]}")
