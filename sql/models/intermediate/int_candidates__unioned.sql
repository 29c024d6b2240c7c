-- One row per version of a candidate, both platforms in one shape.
with

talent_ray_candidates as (

    select * from {{ ref('stg_talent_ray__candidates_history') }}

),

tailed_candidates as (

    select * from {{ ref('stg_tailed__candidates_history') }}

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
    version_number,
    is_current,
    is_visible,
    observed_at,
    version_not_before,
    version_not_after

from talent_ray_candidates

union all

select
    platform,
    account,
    candidate_id,
    source_id,
    full_name,
    email,
    phone,
    -- Tailed gives candidates no status.
    {{ as_text('null') }} as candidate_status,
    created_at,
    updated_at,
    version_number,
    is_current,
    is_visible,
    observed_at,
    version_not_before,
    version_not_after

from tailed_candidates
