-- One row per batch and lead (a member) that the key sees today.
with

versions as (

    select * from {{ ref('stg_talent_ray__cv_screening_batch_members_history') }}

)

select
    platform,
    account,
    batch_id,
    lead_id,
    full_name,
    email,
    contact_email,
    phone,
    member_status,
    skills,
    summary,
    candidate_id,
    created_at,
    updated_at,
    observed_at

from versions
where
    is_current
    and is_visible
