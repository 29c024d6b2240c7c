-- One row per CV-screening batch that the key sees today.
with

versions as (

    select * from {{ ref('stg_talent_ray__cv_screening_batches_history') }}

)

select
    platform,
    account,
    batch_id,
    source_id,
    batch_status,
    total_candidates,
    completed_candidates,
    processing_candidates,
    observed_at

from versions
where
    is_current
    and is_visible
