-- One row per portal and role (a public posting) that the key sees today.
with

versions as (

    select * from {{ ref('stg_talent_ray__portal_roles_history') }}

)

select
    platform,
    account,
    portal_slug,
    role_id,
    role_name,
    organization_name,
    description,
    department,
    location,
    work_type,
    collar_type,
    salary_min,
    salary_max,
    salary_currency,
    salary_period,
    created_at,
    observed_at

from versions
where
    is_current
    and is_visible
