-- One row per candidate and role (an assignment) that the key sees today.
with

versions as (

    select * from {{ ref('stg_talent_ray__candidate_roles_history') }}

)

select
    platform,
    account,
    application_id,
    candidate_id,
    role_id,
    organization_id,
    role_name,
    application_status,
    overall_fit_score,
    is_approved,
    observed_at

from versions
where
    is_current
    and is_visible
