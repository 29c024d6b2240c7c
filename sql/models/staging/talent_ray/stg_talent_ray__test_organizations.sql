-- One row per test and organization that the key sees today.
with

versions as (

    select * from {{ ref('stg_talent_ray__test_organizations_history') }}

)

select
    platform,
    account,
    test_id,
    organization_id,
    observed_at

from versions
where
    is_current
    and is_visible
