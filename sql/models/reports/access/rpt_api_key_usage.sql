-- One row per API key and day on which it was used; a key that was never used has one row without a day.
with

keys as (

    select * from {{ ref('stg_talent_ray__api_keys_history') }}

),

calls as (

    select * from {{ ref('stg_talent_ray__api_key_usage') }}

),

current_keys as (

    select * from keys
    where is_current

),

daily_calls as (

    select
        platform,
        account,
        api_key_id,
        {{ local_date('called_at') }} as usage_date,
        count(*) as count_calls,
        count(case when upper(method) in ('GET', 'HEAD') then 1 end) as count_reads,
        count(case when upper(method) not in ('GET', 'HEAD') then 1 end) as count_writes,
        count(case when path like '/api/admin/%' then 1 end) as count_admin_calls,
        min(called_at) as first_call_at,
        max(called_at) as last_call_at

    from calls
    group by platform, account, api_key_id, {{ local_date('called_at') }}

),

key_ids as (

    select
        platform,
        account,
        api_key_id

    from current_keys

    union

    select
        platform,
        account,
        api_key_id

    from daily_calls

)

select
    key_ids.platform,
    key_ids.account,
    key_ids.api_key_id,
    daily_calls.usage_date,
    current_keys.key_start,
    current_keys.owner_platform_role,
    current_keys.is_enabled,
    coalesce(current_keys.is_visible, false) as is_listed,
    current_keys.created_at as key_created_at,
    current_keys.expires_at as key_expires_at,
    {{ as_int('coalesce(daily_calls.count_calls, 0)') }} as count_calls,
    {{ as_int('coalesce(daily_calls.count_reads, 0)') }} as count_reads,
    {{ as_int('coalesce(daily_calls.count_writes, 0)') }} as count_writes,
    {{ as_int('coalesce(daily_calls.count_admin_calls, 0)') }} as count_admin_calls,
    daily_calls.first_call_at,
    daily_calls.last_call_at

from key_ids
left join current_keys
    on key_ids.api_key_id = current_keys.api_key_id
left join daily_calls
    on key_ids.api_key_id = daily_calls.api_key_id
