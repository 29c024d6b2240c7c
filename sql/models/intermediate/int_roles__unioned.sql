-- One row per version of a role (Tailed: a job), both platforms in one shape, its state in our words.
with

talent_ray_roles as (

    select * from {{ ref('stg_talent_ray__roles_history') }}

),

tailed_jobs as (

    select * from {{ ref('stg_tailed__jobs_history') }}

),

status_map as (

    select * from {{ ref('status_map') }}

),

roles as (

    select
        platform,
        account,
        role_id,
        source_id,
        role_name,
        organization_id,
        role_status,
        'role_status' as status_field,
        priority,
        department,
        location,
        work_type,
        role_level,
        is_public,
        target_hire_count,
        salary_min,
        salary_max,
        salary_currency,
        salary_period,
        created_at,
        {{ as_instant('null') }} as opened_at,
        {{ as_instant('null') }} as closed_at,
        version_number,
        is_current,
        is_visible,
        observed_at,
        next_observed_at,
        version_not_before,
        version_not_after

    from talent_ray_roles

    union all

    select
        platform,
        account,
        role_id,
        source_id,
        role_name,
        -- A Tailed key stands for one organization, so the account is its id.
        {{ entity_id('tailed', 'account', ['account']) }} as organization_id,
        role_status,
        'job_status' as status_field,
        {{ as_text('null') }} as priority,
        department,
        location,
        employment_type as work_type,
        {{ as_text('null') }} as role_level,
        {{ as_bool('null') }} as is_public,
        target_hire_count,
        {{ as_int('null') }} as salary_min,
        {{ as_int('null') }} as salary_max,
        {{ as_text('null') }} as salary_currency,
        {{ as_text('null') }} as salary_period,
        created_at,
        opened_at,
        closed_at,
        version_number,
        is_current,
        is_visible,
        observed_at,
        next_observed_at,
        version_not_before,
        version_not_after

    from tailed_jobs

)

select
    roles.platform,
    roles.account,
    roles.role_id,
    roles.source_id,
    roles.role_name,
    roles.organization_id,
    roles.role_status,
    coalesce(status_map.outcome, 'unknown') as role_state,
    roles.priority,
    roles.department,
    roles.location,
    roles.work_type,
    roles.role_level,
    roles.is_public,
    roles.target_hire_count,
    roles.salary_min,
    roles.salary_max,
    roles.salary_currency,
    roles.salary_period,
    roles.created_at,
    roles.opened_at,
    roles.closed_at,
    roles.version_number,
    roles.is_current,
    roles.is_visible,
    roles.observed_at,
    roles.next_observed_at,
    roles.version_not_before,
    roles.version_not_after

from roles
left join status_map
    on
        roles.platform = status_map.platform
        and roles.status_field = status_map.field
        and lower(trim(roles.role_status)) = lower(trim(status_map.value))
