"""A warehouse of any size without a platform: raw tables as the loader leaves them, filled by SQL.

Every application has four steps; one in twenty is open. The same number always gives the same warehouse.
"""

from __future__ import annotations

import threading
from pathlib import Path

import duckdb

from pipelines.duckdb_file import DuckDBFile
from pipelines.load import load_rows, write_ledger

APPLICATIONS_OF_A_ROLE = 200
FIRST_REFRESH, SECOND_REFRESH = "2026-06-01 05:00:00+00", "2026-06-02 05:00:00+00"

# What became of application i: it got as far as step `depth`, and there it was hired, rejected, withdrawn or is open.
APPLICATIONS = """
create temp table story as
select
    i,
    format('cand_{{:08d}}', i) as candidate_id,
    format('role_{{:06d}}', i % {roles}) as role_id,
    timestamptz '2024-06-01 08:00:00+00' + to_seconds(i * 62_208_000 // {applications}) as applied_at,
    case
        when i % 100 < 5 then 'open'
        when i % 100 < 10 then 'hired'
        when i % 100 < 20 then 'withdrawn'
        else 'rejected'
    end as outcome,
    case when i % 100 between 5 and 9 then 3 else hash(i) % 4 end as depth
from range({applications}) as numbers (i)
"""

ROWS = {
    "roles": """
        select
            format('role_{{:06d}}', r) as id, 'Role ' || r as name, 'org_' || r % 4 as organization_id,
            case when r % 3 = 0 then 'open' else 'filled' end as status, 2 as target_hire_count,
            timestamptz '2024-05-01 08:00:00+00' as created_at, created_at as updated_at,
            json_array('default', format('role_{{:06d}}', r)) as _key
        from range({roles}) as numbers (r)
    """,
    "role_steps": """
        select
            format('rs_{{:06d}}_{{}}', r, k) as id, format('role_{{:06d}}', r) as role_id,
            ['CV Screening', 'AI Assessment', 'HR interview', 'Offer'][k + 1] as name, k as "order",
            ['cv_screening', 'ai_assessment', 'interview', 'offer'][k + 1] as step_type,
            'manual' as validation_type, true as is_required, false as allow_skip,
            timestamptz '2024-05-01 08:00:00+00' as created_at, created_at as updated_at,
            json_array('default', format('rs_{{:06d}}_{{}}', r, k)) as _key
        from range({roles}) as numbers (r), range(4) as steps (k)
    """,
    "candidates": """
        select
            candidate_id as id, 'Active' as status, applied_at as created_at, applied_at as updated_at,
            json_array('default', candidate_id) as _key
        from story
    """,
    "candidate_roles": """
        select
            candidate_id, role_id, 'Role ' || i % {roles} as role_name, 'org_' || i % {roles} % 4 as organization_id,
            case outcome when 'open' then 'In Pipeline' else outcome end as status,
            i % 101 as overall_fit_score, outcome = 'hired' as approved,
            json_array('default', candidate_id, role_id) as _key
        from story
    """,
    "candidate_steps": """
        select
            candidate_id, format('ps_{{:08d}}_{{}}', i, k) as id, role_id,
            format('rs_{{:06d}}_{{}}', i % {roles}, k) as role_step_id,
            ['CV Screening', 'AI Assessment', 'HR interview', 'Offer'][k + 1] as name, k as "order",
            ['cv_screening', 'ai_assessment', 'interview', 'offer'][k + 1] as step_type,
            case
                when k > depth then 'locked'
                when k < depth or outcome = 'hired' then 'validated'
                when outcome = 'rejected' then 'rejected'
                else 'active'
            end as status,
            case when k <= depth then applied_at + to_hours(120 * k + 6) end as started_at,
            case when status in ('validated', 'rejected') then started_at + to_hours(48 + i % 96) end as completed_at,
            case when status = 'validated' then completed_at + to_hours(20) end as validated_at,
            case when status = 'rejected' then completed_at + to_hours(30) end as rejected_at,
            case when k = 3 and outcome = 'hired' then 'accepted' end as offer_response,
            i % 101 as validation_score, applied_at as created_at, coalesce(completed_at, applied_at) as updated_at,
            json_array('default', candidate_id, format('ps_{{:08d}}_{{}}', i, k)) as _key
        from story, range(4) as steps (k)
    """,
}

# One application in a hundred, of those that are open, is rejected: a new version of it and of its step.
CHANGES = {
    "candidate_roles": "'Rejected' as status",
    "candidate_steps": f"'rejected' as status, timestamptz '{SECOND_REFRESH}' - interval 1 hour as rejected_at",
}
MOVED = "_dlt_valid_to is null and candidate_id like '%03' and status in ('In Pipeline', 'active')"


def fill(path: Path, applications: int) -> None:
    """Make the warehouse at the path, as one refresh would have left it."""
    _make_empty(path)
    size = {"applications": applications, "roles": max(1, applications // APPLICATIONS_OF_A_ROLE)}
    with _opened(path) as connection:
        connection.execute(APPLICATIONS.format(**size))
        for table, rows in ROWS.items():
            connection.execute(
                f"insert into raw_talent_ray.{table} by name select *, 'default' as account, md5(_key) as _row_hash,"
                f" true as _visible, timestamptz '{FIRST_REFRESH}' as _observed_at, 'synthetic' as _dlt_load_id,"
                f" timestamptz '{FIRST_REFRESH}' as _dlt_valid_from from ({rows.format(**size)})"
            )
        _note(connection, "first", FIRST_REFRESH)


def change_one_in_a_hundred(path: Path) -> None:
    """What a second refresh would load when one application in a hundred has moved on."""
    with _opened(path) as connection:
        for table, values in CHANGES.items():
            name = f"raw_talent_ray.{table}"
            connection.execute(
                f"create or replace temp table moved as select * replace ({values}, md5(_row_hash) as _row_hash,"
                f" timestamptz '{SECOND_REFRESH}' as _observed_at, timestamptz '{FIRST_REFRESH}' as _not_before,"
                f" timestamptz '{SECOND_REFRESH}' as _dlt_valid_from) from {name} where {MOVED}"
            )
            connection.execute(f"update {name} set _dlt_valid_to = timestamptz '{SECOND_REFRESH}' where {MOVED}")
            connection.execute(f"insert into {name} from moved")
        _note(connection, "second", SECOND_REFRESH)


def _make_empty(path: Path) -> None:
    """All tables of the loader, without a row."""
    with DuckDBFile(path).session(wait_seconds=0, stop=threading.Event()) as session:
        load_rows(session, "synthetic", [])
        write_ledger(session, "synthetic", [], policy="minimal")
        session.publish()


def _opened(path: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(str(path))
    connection.execute("set timezone = 'UTC'; set memory_limit = '2GB'; set preserve_insertion_order = false")
    return connection


def _note(connection: duckdb.DuckDBPyConnection, refresh_id: str, started: str) -> None:
    """The ledger's rows of one refresh."""
    ended = f"timestamptz '{started}' + interval 1 hour"
    connection.execute(
        "insert into meta.refreshes by name select ? as refresh_id, 'talent_ray' as platform, 'default' as account,"
        f" timestamptz '{started}' as started_at, {ended} as finished_at, 'ok' as status, 0 as exit_status,"
        f" timestamptz '{started}' as data_as_of, 'synthetic' as _dlt_load_id",
        [refresh_id],
    )
    connection.execute(
        "insert into meta.sweeps by name select ? as refresh_id, 'talent_ray' as platform, 'default' as account,"
        f" resource, timestamptz '{started}' as started_at, {ended} as ended_at, 'proven' as verdict,"
        " 'synthetic' as _dlt_load_id"
        " from unnest(['roles', 'role_steps', 'candidates', 'candidate_steps']) as resources (resource)",
        [refresh_id],
    )
    connection.execute("checkpoint")
