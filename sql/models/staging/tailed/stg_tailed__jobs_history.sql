-- One row per version of a job, with the bounds of the change it shows.
with

versions as (

    {{ bounded_history(source('tailed', 'jobs'), created_at='created_at', deleted_at='deleted_at') }}

)

select
    'tailed' as platform,
    account,
    {{ entity_id('tailed', 'account', ['id']) }} as role_id,
    {{ as_text('id') }} as source_id,
    {{ as_text('title') }} as role_name,
    {{ as_text('department') }} as department,
    {{ as_text('location') }} as location,
    {{ as_text('employment_type') }} as employment_type,
    {{ as_text('status') }} as role_status,
    {{ as_int('openings') }} as target_hire_count,
    {{ api_instant('created_at') }} as created_at,
    {{ api_instant('published_at') }} as opened_at,
    {{ api_instant('closed_at') }} as closed_at,
    {{ api_instant('updated_at') }} as updated_at,
    {{ api_instant('deleted_at') }} as deleted_at,
    version_number,
    is_current,
    _visible as is_visible,
    observed_at,
    next_observed_at,
    version_not_before,
    observed_at as version_not_after,
    cast({{ count_future_timestamps(['created_at', 'published_at', 'closed_at', 'updated_at', 'deleted_at']) }} as bigint) as count_future_timestamps

from versions
