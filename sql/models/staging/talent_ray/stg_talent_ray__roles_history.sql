-- One row per version of a role, with the bounds of the change it shows.
with

versions as (

    {{ bounded_history(source('talent_ray', 'roles'), created_at='created_at') }}

)

select
    'talent_ray' as platform,
    account,
    {{ entity_id('talent_ray', 'account', ['id']) }} as role_id,
    {{ as_text('id') }} as source_id,
    {{ as_text('name') }} as role_name,
    {{ optional_entity_id('talent_ray', 'account', ['organization_id']) }} as organization_id,
    {{ as_text('status') }} as role_status,
    {{ as_text('priority') }} as priority,
    {{ as_bool('is_public') }} as is_public,
    {{ as_text('department') }} as department,
    {{ as_text('location') }} as location,
    {{ as_text('work_type') }} as work_type,
    {{ as_int('salary_min') }} as salary_min,
    {{ as_int('salary_max') }} as salary_max,
    {{ as_text('salary_currency') }} as salary_currency,
    {{ as_text('salary_period') }} as salary_period,
    {{ as_int('target_hire_count') }} as target_hire_count,
    {{ as_text('role_level') }} as role_level,
    {{ api_instant('created_at') }} as created_at,
    {{ api_instant('updated_at') }} as updated_at,
    version_number,
    is_current,
    _visible as is_visible,
    observed_at,
    next_observed_at,
    version_not_before,
    observed_at as version_not_after,
    cast({{ count_future_timestamps(['created_at', 'updated_at']) }} as bigint) as count_future_timestamps

from versions
