-- One row per API key that the key sees today.
with

versions as (

    select * from {{ ref('stg_talent_ray__api_keys_history') }}

)

select
    platform,
    account,
    api_key_id,
    source_id,
    key_name,
    key_prefix,
    key_start,
    is_enabled,
    created_at,
    updated_at,
    last_request_at,
    expires_at,
    request_count,
    owner_id,
    owner_email,
    owner_name,
    owner_platform_role,
    owner_org_role,
    owner_organization_id,
    observed_at

from versions
where
    is_current
    and is_visible
