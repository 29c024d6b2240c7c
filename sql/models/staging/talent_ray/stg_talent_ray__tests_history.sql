-- One row per version of a test, with the bounds of the change it shows.
with

versions as (

    {{ bounded_history(source('talent_ray', 'tests'), created_at='created_at') }}

)

select
    'talent_ray' as platform,
    account,
    {{ entity_id('talent_ray', 'account', ['id']) }} as test_id,
    {{ as_text('id') }} as source_id,
    {{ as_text('name') }} as test_name,
    {{ as_text('type') }} as test_type,
    {{ as_text('description') }} as description,
    {{ as_int('duration') }} as duration_minutes,
    {{ as_text('target_persona') }} as target_persona,
    {{ as_text('analysis_category') }} as category,
    {{ as_text('language') }} as language,
    {{ as_bool('is_public') }} as is_global,
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
