-- One row per lead that the key sees today.
with

versions as (

    select * from {{ ref('stg_talent_ray__leads_history') }}

)

select
    platform,
    account,
    lead_id,
    source_id,
    full_name,
    email,
    contact_email,
    phone,
    lead_status,
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
