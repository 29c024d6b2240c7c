-- One row per candidate that the key sees today.
with

versions as (

    select * from {{ ref('stg_talent_ray__candidates_history') }}

)

select
    platform,
    account,
    candidate_id,
    source_id,
    full_name,
    email,
    phone,
    candidate_status,
    created_at,
    updated_at,
    observed_at

from versions
where
    is_current
    and is_visible
