"""Events for OpenLineage: START when a refresh begins, COMPLETE or FAIL when it ends, appended to a file.

Nothing is sent anywhere: a catalog takes the file in, or a line of `curl` sends it. Shapes: openlineage.io/spec 2-0-2.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from connector.errors import HiringEltError
from connector.http.secret import mask
from connector.stored_rows import arrow_schema
from pipelines.settings import load
from pipelines.warehouse import open_warehouse

if TYPE_CHECKING:
    from connector.contract import Table
    from pipelines.monitoring.run import Run
    from pipelines.settings import AccountSettings

SPEC: Final = "https://openlineage.io/spec"
NAMESPACE: Final = "hiring-elt"


def started(run: Run) -> dict[str, Any]:
    """The event of a refresh that begins; raises nothing, wrong settings are told by the run itself."""
    return _event("START", run, run.started_at)


def ended(run: Run) -> dict[str, Any]:
    """The event of a refresh that ended: COMPLETE when something was published, else FAIL."""
    event = _event("FAIL" if run.outcome is None else "COMPLETE", run, run.ended_at or datetime.now(UTC))
    if run.outcome is None:
        words = str(run.error) if isinstance(run.error, HiringEltError) else type(run.error).__name__
        facet = {"message": mask(words), "programmingLanguage": "PYTHON"}
        event["run"]["facets"]["errorMessage"] = _facet("facets/1-0-1/ErrorMessageRunFacet", facet)
    return event


def append(file: Path, event: dict[str, Any]) -> None:
    """Add the event as one line; raises OSError."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as writing:
        writing.write(json.dumps(event, ensure_ascii=False) + "\n")


def _event(kind: str, run: Run, at: datetime) -> dict[str, Any]:
    inputs, outputs = _datasets(run)
    engine = {"name": "hiring-elt", "version": metadata.version("hiring-elt")}
    facets = {"processing_engine": _facet("facets/1-1-1/ProcessingEngineRunFacet", engine)}
    if run.outcome is not None:
        told = {"refreshId": run.outcome.refresh_id, "outcome": run.outcome.word, "exitStatus": run.exit_status}
        facets["hiringElt_refresh"] = _facet("2-0-2/OpenLineage", told, "RunFacet")
    job = {"processingType": "BATCH", "integration": "HIRING_ELT", "jobType": "JOB"}
    return {
        "eventType": kind,
        "eventTime": at.isoformat().replace("+00:00", "Z"),
        "run": {"runId": run.run_id, "facets": facets},
        "job": {
            "namespace": NAMESPACE,
            "name": "refresh",
            "facets": {"jobType": _facet("facets/2-0-3/JobTypeJobFacet", job)},
        },
        "inputs": inputs,
        "outputs": outputs,
        "producer": _producer(),
        "schemaURL": f"{SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent",
    }


def _producer() -> str:
    return f"urn:hiring-elt:{metadata.version('hiring-elt')}"


def _facet(schema: str, content: dict[str, Any], name: str = "") -> dict[str, Any]:
    name = name or schema.rsplit("/", 1)[-1]
    return {"_producer": _producer(), "_schemaURL": f"{SPEC}/{schema}.json#/$defs/{name}"} | content


def _datasets(run: Run) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The lists that are read, and the raw tables that they fill; none when the settings do not say."""
    asked = run.options
    try:
        settings = load(
            warehouse=asked.warehouse, platforms=asked.platforms, accounts=asked.accounts, select=asked.select
        )
        place = open_warehouse(settings.warehouse).place
    except HiringEltError:
        return [], []
    inputs = [
        {"namespace": account.base_url, "name": stream.path}
        for account in settings.accounts
        for stream in account.platform.streams
        if stream.name in account.streams
    ]
    tables = {
        f"raw_{account.platform.name}.{table.name}": table
        for account in settings.accounts
        for table in account.platform.tables
        if _is_read(table, account)
    }
    return inputs, [_output(_address(place), name, table, run) for name, table in tables.items()]


def _is_read(table: Table, account: AccountSettings) -> bool:
    return table.stream.name in account.streams


def _address(place: str) -> str:
    return place if "://" in place else f"duckdb://{Path(place).expanduser().resolve()}"


def _output(namespace: str, name: str, table: Table, run: Run) -> dict[str, Any]:
    fields = [{"name": field.name, "type": str(field.type)} for field in arrow_schema(table)]
    output = {
        "namespace": namespace,
        "name": name,
        "facets": {"schema": _facet("facets/1-1-1/SchemaDatasetFacet", {"fields": fields})},
    }
    if run.outcome is not None:
        rows = sum(
            harvest.rows_of(table.name)
            for harvest in run.outcome.harvests
            if name.startswith(f"raw_{harvest.platform}.")
        )
        statistics = _facet("facets/1-0-2/OutputStatisticsOutputDatasetFacet", {"rowCount": rows})
        output["outputFacets"] = {"outputStatistics": statistics}
    return output
