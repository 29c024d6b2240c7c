-- One row per snapshot and stage that the key sees today.
with

versions as (

    select * from {{ ref('stg_tailed__analytics_snapshot_stages_history') }}

)

select
    platform,
    account,
    snapshot_id,
    stage_text,
    count_applications,
    observed_at

from versions
where
    is_current
    and is_visible
