-- One row per lead and organization that the key sees today.
with

versions as (

    select * from {{ ref('stg_talent_ray__lead_organizations_history') }}

)

select
    platform,
    account,
    lead_id,
    organization_id,
    link_status,
    observed_at

from versions
where
    is_current
    and is_visible
