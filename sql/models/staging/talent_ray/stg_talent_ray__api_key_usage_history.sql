-- One row per version of a call made with an API key, with the bounds of the change it shows.
with

versions as (

    {{ bounded_history(source('talent_ray', 'api_key_usage')) }}

)

select
    'talent_ray' as platform,
    account,
    {{ entity_id('talent_ray', 'account', ['id']) }} as api_call_id,
    {{ entity_id('talent_ray', 'account', ['api_key_id']) }} as api_key_id,
    {{ api_instant(adapter.quote('timestamp')) }} as called_at,
    {{ as_text('method') }} as method,
    {{ as_text('path') }} as path,
    {{ as_text('ip') }} as ip,
    {{ as_text('user_agent') }} as user_agent,
    {{ as_text('auth_endpoint') }} as auth_endpoint,
    version_number,
    is_current,
    _visible as is_visible,
    observed_at,
    next_observed_at,
    version_not_before,
    observed_at as version_not_after,
    cast({{ count_future_timestamps([adapter.quote('timestamp')]) }} as bigint) as count_future_timestamps

from versions
