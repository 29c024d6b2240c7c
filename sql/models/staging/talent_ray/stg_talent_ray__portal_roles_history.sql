-- One row per version of a portal and role (a public posting), with the bounds of the change it shows.
with

versions as (

    {{ bounded_history(source('talent_ray', 'portal_roles'), created_at='created_at') }}

)

select
    'talent_ray' as platform,
    account,
    {{ as_text('slug') }} as portal_slug,
    {{ entity_id('talent_ray', 'account', ['id']) }} as role_id,
    {{ as_text('name') }} as role_name,
    {{ as_text('organization_name') }} as organization_name,
    {{ as_text('description') }} as description,
    {{ as_text('department') }} as department,
    {{ as_text('location') }} as location,
    {{ as_text('work_type') }} as work_type,
    {{ as_text('collar_type') }} as collar_type,
    {{ as_int('salary_min') }} as salary_min,
    {{ as_int('salary_max') }} as salary_max,
    {{ as_text('salary_currency') }} as salary_currency,
    {{ as_text('salary_period') }} as salary_period,
    {{ api_instant('created_at') }} as created_at,
    version_number,
    is_current,
    _visible as is_visible,
    observed_at,
    next_observed_at,
    version_not_before,
    observed_at as version_not_after,
    cast({{ count_future_timestamps(['created_at']) }} as bigint) as count_future_timestamps

from versions
