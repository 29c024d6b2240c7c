-- One row per account and resource: how old the last complete reading is, and how wide the bounds are that it gives.
with

accounts as (

    select * from {{ ref('int_accounts__dated') }}

),

sweeps as (

    select * from {{ source('meta', 'sweeps') }}

),

records as (

    select * from {{ ref('int_records__counted') }}

),

child_reads as (

    select * from {{ source('meta', 'child_reads') }}

),

candidates as (

    select * from {{ ref('dim_candidates') }}

),

roles as (

    select * from {{ ref('dim_roles') }}

),

-- A sweep of one refresh: what was read, whether it was complete, and the complete one before it.
known_sweeps as (

    select
        sweeps.platform,
        sweeps.account,
        sweeps.resource,
        sweeps.refresh_id,
        sweeps.started_at,
        sweeps.ended_at,
        sweeps.verdict,
        sweeps.count_declared,
        sweeps.count_distinct,
        accounts.as_of_at,
        sweeps.verdict in ('proven', 'count_complete') as is_complete,
        row_number() over (
            partition by sweeps.platform, sweeps.account, sweeps.resource
            order by sweeps.ended_at desc, sweeps.refresh_id desc
        ) as recency

    from sweeps
    inner join accounts
        on
            sweeps.platform = accounts.platform
            and sweeps.account = accounts.account
    where
        sweeps.ended_at is not null
        {%- if var('as_of') %}
        and sweeps.ended_at <= accounts.as_of_at
        {%- endif %}

),

complete_sweeps as (

    select
        platform,
        account,
        resource,
        ended_at,
        as_of_at,
        lag(started_at) over (partition by platform, account, resource order by ended_at, refresh_id)
            as previous_started_at,
        lag(ended_at) over (partition by platform, account, resource order by ended_at, refresh_id)
            as previous_ended_at

    from known_sweeps
    where is_complete

),

last_sweeps as (

    select
        platform,
        account,
        resource,
        ended_at,
        verdict,
        count_declared,
        count_distinct

    from known_sweeps
    where recency = 1

),

refreshes_30d as (

    select
        platform,
        account,
        resource,
        count(distinct refresh_id) as count_refreshes_30d

    from known_sweeps
    where
        verdict in ('proven', 'count_complete', 'unproven')
        and {{ days_between('ended_at', 'as_of_at') }} <= 30
    group by platform, account, resource

),

-- A change that a sweep shows lies between the start of the complete one before it and its own end.
gaps_30d as (

    select
        platform,
        account,
        resource,
        max({{ days_between('previous_ended_at', 'ended_at') }}) * 24 as longest_closed_gap_hours,
        {{ percentile(0.5, days_between('previous_started_at', 'ended_at') ~ ' * 24') }} as median_bound_hours_30d

    from complete_sweeps
    where {{ days_between('ended_at', 'as_of_at') }} <= 30
    group by platform, account, resource

),

last_complete as (

    select
        platform,
        account,
        resource,
        max(ended_at) as last_complete_at

    from complete_sweeps
    group by platform, account, resource

),

-- Only parents that can still be read: one that has vanished is never asked for again.
parents as (

    select
        platform,
        account,
        'candidate_steps' as resource,
        source_id as parent_id

    from candidates
    where
        is_visible
        and platform = 'talent_ray'

    union all

    select
        platform,
        account,
        'role_steps' as resource,
        source_id as parent_id

    from roles
    where
        is_visible
        and platform = 'talent_ray'

),

stale_parents as (

    select
        parents.platform,
        parents.account,
        parents.resource,
        count(
            case
                when child_reads.last_read_at is null then 1
                when {{ days_between('child_reads.last_read_at', 'accounts.as_of_at') }} > 2 then 1
            end
        ) as count_stale_parents

    from parents
    left join child_reads
        on
            parents.platform = child_reads.platform
            and parents.account = child_reads.account
            and parents.resource = child_reads.resource
            and parents.parent_id = child_reads.parent_id
    left join accounts
        on
            parents.platform = accounts.platform
            and parents.account = accounts.account
    group by parents.platform, parents.account, parents.resource

)

select
    last_sweeps.platform,
    last_sweeps.account,
    last_sweeps.resource,
    last_sweeps.ended_at as last_refresh_at,
    last_complete.last_complete_at,
    last_sweeps.verdict as last_verdict,
    {{ age_in_days('last_complete.last_complete_at', 'accounts.as_of_at') }} * 24 as hours_behind,
    {{ as_int('last_sweeps.count_declared') }} as count_declared,
    {{ as_int('last_sweeps.count_distinct') }} as count_distinct,
    records.count_visible,
    coalesce(refreshes_30d.count_refreshes_30d, 0) as count_refreshes_30d,
    -- The time since the last complete reading is a gap too: it only has not ended yet.
    greatest(
        gaps_30d.longest_closed_gap_hours,
        {{ age_in_days('last_complete.last_complete_at', 'accounts.as_of_at') }} * 24
    ) as longest_gap_hours_30d,
    gaps_30d.median_bound_hours_30d,
    stale_parents.count_stale_parents

from last_sweeps
left join accounts
    on
        last_sweeps.platform = accounts.platform
        and last_sweeps.account = accounts.account
left join last_complete
    on
        last_sweeps.platform = last_complete.platform
        and last_sweeps.account = last_complete.account
        and last_sweeps.resource = last_complete.resource
left join refreshes_30d
    on
        last_sweeps.platform = refreshes_30d.platform
        and last_sweeps.account = refreshes_30d.account
        and last_sweeps.resource = refreshes_30d.resource
left join gaps_30d
    on
        last_sweeps.platform = gaps_30d.platform
        and last_sweeps.account = gaps_30d.account
        and last_sweeps.resource = gaps_30d.resource
left join stale_parents
    on
        last_sweeps.platform = stale_parents.platform
        and last_sweeps.account = stale_parents.account
        and last_sweeps.resource = stale_parents.resource
left join records
    on
        last_sweeps.platform = records.platform
        and last_sweeps.account = records.account
        and last_sweeps.resource = records.table_name
