-- One row per version of a candidate, with the bounds of the change it shows.
with

versions as (

    {{ bounded_history(source('tailed', 'candidates'), created_at='created_at', deleted_at='deleted_at') }}

)

select
    'tailed' as platform,
    account,
    {{ entity_id('tailed', 'account', ['id']) }} as candidate_id,
    {{ as_text('id') }} as source_id,
    {{ as_text('full_name') }} as full_name,
    {{ as_text('email') }} as email,
    {{ as_text('phone') }} as phone,
    {{ as_text('source') }} as candidate_source,
    {{ as_text('university') }} as university,
    {{ as_text('tags') }} as tags,
    {{ api_instant('created_at') }} as created_at,
    {{ api_instant('updated_at') }} as updated_at,
    {{ api_instant('deleted_at') }} as deleted_at,
    version_number,
    is_current,
    _visible as is_visible,
    observed_at,
    next_observed_at,
    version_not_before,
    observed_at as version_not_after,
    cast({{ count_future_timestamps(['created_at', 'updated_at', 'deleted_at']) }} as bigint) as count_future_timestamps

from versions
