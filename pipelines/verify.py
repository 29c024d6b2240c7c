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

FAULTS: Final = {
    "doubled": "keys of {} have two open versions",
    "keyless": "rows of {} have no key or hash",
    "backwards": "versions of {} end before they begin",
    "lost": "keys of {} lost their open version in the load",
}
KEYLESS: Final = "_dlt_valid_to is null and (_key is null or _row_hash is null)"
BACKWARDS: Final = "_dlt_valid_to <= _dlt_valid_from"
MODELS: Final = ("fct_applications", "fct_application_steps", "rpt_hiring_funnel", "rpt_freshness")


def verify(session: Session, harvests: Sequence[Harvest], *, models_built: bool) -> None:
    """Raise ChecksFailed with all faults found; reads only, and all tables: somebody else may have written in them."""
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
        yield from _contradictions(session, schema, table, began)
        if table.parent is not None:
            yield from _orphans(session, schema, table, table.parent)


def _contradictions(session: Session, schema: str, table: Table, began: datetime | None) -> Iterator[str]:
    """What cannot be; among it keys that lost their open version in this load, since gone rows too have one.

    Counting tells soon that nothing is amiss; only where it does not are the versions of each key looked at.
    """
    name = session.table(schema, table.name)
    ended = "1 = 0" if began is None else f"_dlt_valid_to >= {session.instant(began)}"
    seen = session.query(
        "select count(case when _dlt_valid_to is null then 1 end) as open_versions,"
        f" count(distinct case when _dlt_valid_to is null then {session.shortened('_key')} end) as open_keys,"
        f" count(case when {KEYLESS} or {BACKWARDS} then 1 end) as odd,"
        f" count(case when {ended} then 1 end) as ended from {name}"
    ).to_pylist()[0]
    if seen["open_versions"] == seen["open_keys"] and not seen["odd"]:
        if not seen["ended"]:
            return
        ended_now = f" where _key in (select _key from {name} where {ended})"
    else:
        ended_now = ""
    lost = "0" if began is None else f"case when open_versions = 0 and last_end >= {session.instant(began)} then 1 end"
    found = session.query(
        "select count(case when open_versions > 1 then 1 end) as doubled, sum(keyless) as keyless,"
        f" sum(backwards) as backwards, sum({lost}) as lost from ("
        "select _key, count(*) - count(_dlt_valid_to) as open_versions, max(_dlt_valid_to) as last_end,"
        f" count(case when {KEYLESS} then 1 end) as keyless, count(case when {BACKWARDS} then 1 end) as backwards"
        f" from {name}{ended_now} group by _key) as by_key"
    ).to_pylist()[0]
    for fault, words in FAULTS.items():
        if found[fault]:
            yield f"{found[fault]} {words.format(f'{schema}.{table.name}')}"


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
