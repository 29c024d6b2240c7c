-- One row per week, organization and stage: what stood there, came and went; little_days by Little's law.
with

days as (

    select * from {{ ref('fct_pipeline_daily') }}

),

roles as (

    select * from {{ ref('dim_roles') }}

),

accounts as (

    select * from {{ ref('int_accounts__dated') }}

),

first_days as (

    select
        platform,
        account,
        min(date_day) as first_day

    from days
    group by platform, account

),

organization_days as (

    select
        days.*,
        roles.organization_id,
        cast({{ dbt.date_trunc('week', 'days.date_day') }} as date) as week_start

    from days
    left join roles
        on days.role_id = roles.role_id

),

-- The days of a week that the daily facts cover: from the account's first entry to its as-of date.
covered_days as (

    select
        organization_days.*,
        greatest(organization_days.week_start, first_days.first_day) as first_covered_day,
        least(
            cast({{ dbt.dateadd('day', 6, 'organization_days.week_start') }} as date),
            {{ local_date('accounts.as_of_at') }}
        ) as last_covered_day

    from organization_days
    left join first_days
        on
            organization_days.platform = first_days.platform
            and organization_days.account = first_days.account
    left join accounts
        on
            organization_days.platform = accounts.platform
            and organization_days.account = accounts.account

),

weeks as (

    select
        platform,
        account,
        week_start,
        organization_id,
        stage,
        {{ dbt.datediff('min(first_covered_day)', 'min(last_covered_day)', 'day') }} + 1 as count_days,
        -- A day without a row had nothing in it and nothing coming.
        {{ as_int('sum(case when date_day = week_start then count_opening else 0 end)') }} as count_opening,
        {% for flow in [
            'entered', 'left_forward', 'left_back', 'rejected', 'withdrawn', 'hired', 'vanished', 'undated_in', 'undated_out'
        ] -%}
        {{ as_int('sum(count_' ~ flow ~ ')') }} as count_{{ flow }},
        {% endfor -%}
        {{ as_int('sum(case when date_day = last_covered_day then count_closing else 0 end)') }} as count_closing,
        {{ as_double('sum(count_closing)') }} as sum_of_closings,
        {{ as_double(
            'sum(count_left_forward + count_left_back + count_rejected + count_withdrawn + count_hired + count_vanished)'
        ) }} as count_exits

    from covered_days
    group by platform, account, week_start, organization_id, stage

)

select
    platform,
    account,
    week_start,
    organization_id,
    stage,
    count_opening,
    count_entered,
    count_left_forward,
    count_left_back,
    count_rejected,
    count_withdrawn,
    count_hired,
    count_vanished,
    count_undated_in,
    count_undated_out,
    count_closing,
    sum_of_closings / count_days as mean_stock,
    -- Stock over exits per day: both are over the same days, which cancel.
    sum_of_closings / nullif(count_exits, 0) as little_days,
    count_days < 7 as is_partial_week

from weeks
