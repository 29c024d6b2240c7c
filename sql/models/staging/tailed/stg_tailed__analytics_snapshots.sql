-- One row per snapshot (its metrics side by side, as the API sends them) that the key sees today.
with

versions as (

    select * from {{ ref('stg_tailed__analytics_snapshots_history') }}

)

select
    platform,
    account,
    snapshot_id,
    source_id,
    snapshot_date,
    role_id,
    applications_total,
    active_candidates,
    hires,
    average_time_to_hire_days,
    generated_at,
    observed_at

from versions
where
    is_current
    and is_visible
