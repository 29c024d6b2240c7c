-- One row per test that the key sees today.
with

versions as (

    select * from {{ ref('stg_talent_ray__tests_history') }}

)

select
    platform,
    account,
    test_id,
    source_id,
    test_name,
    test_type,
    description,
    duration_minutes,
    target_persona,
    category,
    language,
    is_global,
    created_at,
    updated_at,
    observed_at

from versions
where
    is_current
    and is_visible
