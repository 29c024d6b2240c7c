"""The last look before readers see a refresh: rows that contradict each other are never published."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from connector.errors import ChecksFailed
from connector.platforms import PLATFORMS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from connector.contract import Platform, Table
    from connector.reading.harvest import Harvest
    from pipelines.warehouse import Session

MODELS: Final = ("fct_applications", "fct_application_steps", "rpt_hiring_funnel", "rpt_freshness")


def verify(session: Session, harvests: Sequence[Harvest], *, models_built: bool) -> None:
    """Raise ChecksFailed with all faults found; reads only."""
    faults: list[str] = []
    for name in {harvest.platform for harvest in harvests}:
        began = min((one.started_at for one in harvests if one.platform == name and one.started_at), default=None)
        faults += _faults_of(session, PLATFORMS[name], began)
    faults += _lost_identifiers(harvests)
    if models_built:
        faults += _missing_models(session)
    if faults:
        raise ChecksFailed(
            f"The new warehouse contradicts itself: {'; '.join(faults[:5])}.",
            "The published warehouse is as it was before. Run it again; if it says the same, report it with this line.",
        )


def _faults_of(session: Session, platform: Platform, began: datetime | None) -> Iterator[str]:
    schema = f"raw_{platform.name}"
    present = session.columns(schema)
    for table in platform.tables:
        missing = [column.name for column in table.columns if (table.name, column.name) not in present]
        if missing:
            yield f"{schema}.{table.name} lacks {', '.join(missing[:3])}"
            continue
        yield from _contradictions(session, schema, table)
        if began is not None:
            yield from _lost(session, schema, table, began)


def _contradictions(session: Session, schema: str, table: Table) -> Iterator[str]:
    name = session.table(schema, table.name)
    counted = session.query(
        "select count(*) - count(distinct _key) as doubled,"
        " coalesce(sum(case when _key is null or _row_hash is null then 1 else 0 end), 0) as keyless"
        f" from {name} where _dlt_valid_to is null"
    ).to_pylist()[0]
    if counted["doubled"]:
        yield f"{counted['doubled']} keys of {schema}.{table.name} have two open versions"
    if counted["keyless"]:
        yield f"{counted['keyless']} rows of {schema}.{table.name} have no key or hash"
    backwards = session.query(f"select count(*) as n from {name} where _dlt_valid_to <= _dlt_valid_from").to_pylist()[0]
    if backwards["n"]:
        yield f"{backwards['n']} versions of {schema}.{table.name} end before they begin"
    if table.parent is not None:
        yield from _orphans(session, schema, table, table.parent)


def _lost(session: Session, schema: str, table: Table, began: datetime) -> Iterator[str]:
    """Keys of which this load closed the open version without a new one: gone rows have an open version too."""
    found = session.query(
        f"select count(*) as n from (select _key from {session.table(schema, table.name)} group by _key"
        f" having count(*) = count(_dlt_valid_to) and max(_dlt_valid_to) >= {session.instant(began)}) as lost"
    ).to_pylist()[0]
    if found["n"]:
        yield f"{found['n']} keys of {schema}.{table.name} lost their open version in the load"


def _orphans(session: Session, schema: str, table: Table, parent: Table) -> Iterator[str]:
    """Visible children of a record that is not visible."""
    on = " and ".join(
        f'child."{own}" = record."{name}"' for own, name in zip(table.parent_columns, parent.key, strict=True)
    )
    found = session.query(
        f"select count(*) as n from {session.table(schema, table.name)} as child"
        f" join {session.table(schema, parent.name)} as record on {on} and child.account = record.account"
        " where child._dlt_valid_to is null and child._visible"
        " and record._dlt_valid_to is null and not record._visible"
    ).to_pylist()[0]
    if found["n"]:
        yield f"{found['n']} visible rows of {schema}.{table.name} belong to records that are gone"


def _lost_identifiers(harvests: Sequence[Harvest]) -> Iterator[str]:
    for harvest in harvests:
        key_fields = {
            (table.name, name)
            for table in PLATFORMS[harvest.platform].tables
            if table.child is None
            for name in table.key
        }
        for entry in harvest.drift:
            if entry.kind == "field_gone" and (entry.resource, entry.field) in key_fields:
                yield f"{entry.resource} came without {entry.field}"
        for name, note in harvest.sweeps.items():
            keyless = sum(entry.table == name and not entry.row_key for entry in harvest.quarantined)
            if keyless and not note.count_distinct and keyless > 1:
                yield f"none of the {keyless} records of {name} can be told from others"


def _missing_models(session: Session) -> Iterator[str]:
    present = {table for schema in ("marts", "reports") for table, _ in session.columns(session.schema(schema))}
    yield from (f"the model {name} was not built" for name in MODELS if name not in present)
