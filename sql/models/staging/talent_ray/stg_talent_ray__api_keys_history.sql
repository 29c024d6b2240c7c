-- One row per version of a API key, with the bounds of the change it shows.
with

versions as (

    {{ bounded_history(source('talent_ray', 'api_keys'), created_at='created_at') }}

)

select
    'talent_ray' as platform,
    account,
    {{ entity_id('talent_ray', 'account', ['id']) }} as api_key_id,
    {{ as_text('id') }} as source_id,
    {{ as_text('name') }} as key_name,
    {{ as_text('prefix') }} as key_prefix,
    {{ as_text(adapter.quote('start')) }} as key_start,
    {{ as_bool('enabled') }} as is_enabled,
    {{ api_instant('created_at') }} as created_at,
    {{ api_instant('updated_at') }} as updated_at,
    {{ api_instant('last_request') }} as last_request_at,
    {{ whole_second('expires_at') }} as expires_at,
    {{ as_int('request_count') }} as request_count,
    {{ as_text('owner_id') }} as owner_id,
    {{ as_text('owner_email') }} as owner_email,
    {{ as_text('owner_name') }} as owner_name,
    {{ as_text('owner_platform_role') }} as owner_platform_role,
    {{ as_text('owner_org_role') }} as owner_org_role,
    {{ optional_entity_id('talent_ray', 'account', ['owner_organization_id']) }} as owner_organization_id,
    version_number,
    is_current,
    _visible as is_visible,
    observed_at,
    next_observed_at,
    version_not_before,
    observed_at as version_not_after,
    cast({{ count_future_timestamps(['created_at', 'updated_at', 'last_request']) }} as bigint) as count_future_timestamps

from versions
