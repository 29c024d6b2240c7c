-- One row per batch, lead and role that the key sees today.
with

versions as (

    select * from {{ ref('stg_talent_ray__cv_screening_batch_member_roles_history') }}

)

select
    platform,
    account,
    batch_id,
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
