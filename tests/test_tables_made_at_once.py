"""Tables that a DuckDB session makes itself are those that dlt makes, to the order and the type of their columns."""

import threading

from pipelines.duckdb_file import DuckDBFile
from pipelines.load import Direct, load_rows, write_ledger

FORM = """
    select table_schema, table_name, ordinal_position, column_name, data_type, is_nullable
    from information_schema.columns
    where table_schema in ('raw_talent_ray', 'raw_tailed', 'meta') and table_name not like '%dlt%'
    order by all
"""


class WithoutShortcuts:
    """The same session for a loader that knows dlt's way only."""

    def __init__(self, session):
        self._session = session

    def __getattr__(self, name):
        if name in ("shape", "merge"):
            raise AttributeError(name)
        return getattr(self._session, name)


def form(path, seen_as):
    path.parent.mkdir()
    with DuckDBFile(path).session(wait_seconds=0, stop=threading.Event()) as session:
        load_rows(seen_as(session), "first", [])
        write_ledger(seen_as(session), "first", [], policy="minimal")
        return session.query(FORM).to_pylist()


def test_tables_made_at_once_are_those_that_dlt_makes(tmp_path):
    by_dlt = form(tmp_path / "dlt" / "hiring.duckdb", WithoutShortcuts)
    at_once = form(tmp_path / "at_once" / "hiring.duckdb", lambda session: session)

    assert not isinstance(WithoutShortcuts(None), Direct)
    assert len(by_dlt) > 400
    assert at_once == by_dlt
