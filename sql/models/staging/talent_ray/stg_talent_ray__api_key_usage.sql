-- One row per call made with an API key that the key sees today.
with

versions as (

    select * from {{ ref('stg_talent_ray__api_key_usage_history') }}

)

select
    platform,
    account,
    api_call_id,
    api_key_id,
    called_at,
    method,
    path,
    ip,
    user_agent,
    auth_endpoint,
    observed_at

from versions
where
    is_current
    and is_visible
