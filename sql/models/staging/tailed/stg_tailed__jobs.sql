-- One row per job that the key sees today.
with

versions as (

    select * from {{ ref('stg_tailed__jobs_history') }}

)

select
    platform,
    account,
    role_id,
    source_id,
    role_name,
    department,
    location,
    employment_type,
    role_status,
    target_hire_count,
    created_at,
    opened_at,
    closed_at,
    updated_at,
    deleted_at,
    observed_at

from versions
where
    is_current
    and is_visible
