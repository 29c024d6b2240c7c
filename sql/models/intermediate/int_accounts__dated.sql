-- One row per platform and account: when it was first read, and the instant that every age is measured to.
with

refreshes as (

    select * from {{ source('meta', 'refreshes') }}

),

readings as (

    select * from {{ ref('stg_talent_ray__accounts') }}

    union all

    select * from {{ ref('stg_tailed__accounts') }}

),

good_refreshes as (

    select
        platform,
        account,
        min(started_at) as first_refresh_at,
        max(finished_at) as last_finished_at

    from refreshes
    where
        status in ('ok', 'partial')
        and finished_at is not null
        {%- if var('as_of') %}
        and finished_at <= {{ as_instant("'" ~ var('as_of') ~ "'") }}
        {%- endif %}
    group by platform, account

),

accounts as (

    select
        platform,
        account

    from readings

    union

    select
        platform,
        account

    from good_refreshes

),

dated as (

    select
        accounts.platform,
        accounts.account,
        -- Rows that somebody loaded with a pipeline of their own have no refresh: their latest reply stands in for it.
        {{ whole_second('coalesce(good_refreshes.first_refresh_at, readings.first_observed_at)') }} as first_refresh_at,
        {%- if var('as_of') %}
        {{ whole_second(as_instant("'" ~ var('as_of') ~ "'")) }} as as_of_at
        {%- else %}
        {{ whole_second('coalesce(good_refreshes.last_finished_at, readings.last_observed_at)') }} as as_of_at
        {%- endif %}

    from accounts
    left join good_refreshes
        on
            accounts.platform = good_refreshes.platform
            and accounts.account = good_refreshes.account
    left join readings
        on
            accounts.platform = readings.platform
            and accounts.account = readings.account

)

select
    platform,
    account,
    first_refresh_at,
    as_of_at,
    {{ local_date('first_refresh_at') }} as first_refresh_date,
    {{ local_date('as_of_at') }} as as_of_date

from dated
