-- One row per role, with its organization in words.
{{ config(alias='roles') }}

with

roles as (

    select * from {{ ref('dim_roles') }}

),

organizations as (

    select * from {{ ref('dim_organizations') }}

)

select
    roles.platform,
    roles.account,
    roles.role_id,
    roles.role_name,
    roles.role_state,
    roles.department,
    roles.location,
    organizations.organization_name,
    roles.priority,
    roles.work_type,
    roles.role_level,
    roles.is_public,
    roles.target_hire_count,
    roles.salary_min,
    roles.salary_max,
    roles.salary_currency,
    roles.salary_period,
    roles.opened_at,
    roles.closed_at,
    roles.days_on_hold,
    roles.is_visible,
    roles.count_applications,
    roles.count_in_pipeline,
    roles.count_hires

from roles
left join organizations
    on roles.organization_id = organizations.organization_id
