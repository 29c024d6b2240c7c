-- One row per lead and role that the key sees today.
with

versions as (

    select * from {{ ref('stg_talent_ray__lead_roles_history') }}

)

select
    platform,
    account,
    lead_id,
    role_id,
    organization_id,
    role_name,
    link_status,
    resume_fit_score,
    overall_fit_score,
    observed_at

from versions
where
    is_current
    and is_visible
