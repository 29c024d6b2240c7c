-- One row per role that the key sees today.
with

versions as (

    select * from {{ ref('stg_talent_ray__roles_history') }}

)

select
    platform,
    account,
    role_id,
    source_id,
    role_name,
    organization_id,
    role_status,
    priority,
    is_public,
    department,
    location,
    work_type,
    salary_min,
    salary_max,
    salary_currency,
    salary_period,
    target_hire_count,
    role_level,
    created_at,
    updated_at,
    observed_at

from versions
where
    is_current
    and is_visible
