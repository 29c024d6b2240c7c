-- One row per level (account, organization, role), its id and month of hire (null: all time): days from applied to hired.
with

applications as (

    select * from {{ ref('fct_applications') }}

),

accounts as (

    select * from {{ ref('int_accounts__dated') }}

),

levels as (

    select 'account' as level
    union all
    select 'organization' as level
    union all
    select 'role' as level

),

dated_applications as (

    select
        applications.platform,
        applications.account,
        applications.organization_id,
        applications.role_id,
        applications.outcome,
        applications.is_closed,
        applications.is_in_pipeline,
        applications.days_to_hire,
        case when applications.days_to_hire is not null then applications.days_to_hire_low end as days_to_hire_low,
        case when applications.days_to_hire is not null then applications.days_to_hire_high end as days_to_hire_high,
        {{ local_period('month', 'applications.hired_at') }} as hired_month,
        {{ is_datable('applications.applied') }}
        and (not applications.is_closed or {{ is_datable('applications.closed') }}) as is_followed,
        -- At least a second: someone hired as they applied was at risk for a moment.
        greatest(
            1.0 / 86400.0,
            {{ days_between(
                'applications.applied_at', 'coalesce(applications.closed_at, applications.vanished_at, accounts.as_of_at)'
            ) }}
        ) as days_followed,
        -- Records entered long after the fact are only there because they lasted until then.
        case
            when applications.platform in ({{ "'" ~ var('late_entry_platforms') | join("', '") ~ "'" }}) then
                greatest(0.0, {{ days_between('applications.applied_at', 'applications.first_observed_at') }})
            else 0.0
        end as days_unseen

    from applications
    left join accounts
        on
            applications.platform = accounts.platform
            and applications.account = accounts.account

),

level_applications as (

    select
        dated_applications.*,
        levels.level,
        case levels.level
            when 'account' then dated_applications.account
            when 'organization' then coalesce(dated_applications.organization_id, '(none)')
            else dated_applications.role_id
        end as level_id

    from dated_applications
    cross join levels

),

all_time as (

    select
        platform,
        account,
        cast(null as date) as hired_month,
        level,
        level_id,
        {{ spread('days_to_hire', 'days_to_hire') }},
        {{ guarded_percentile(0.5, 'days_to_hire_low') }} as median_days_to_hire_low,
        {{ guarded_percentile(0.5, 'days_to_hire_high') }} as median_days_to_hire_high,
        count(case when outcome = 'hired' and days_to_hire is null then 1 end) as n_undated,
        count(case when is_in_pipeline then 1 end) as n_in_pipeline

    from level_applications
    group by platform, account, level, level_id

),

months as (

    select
        platform,
        account,
        hired_month,
        level,
        level_id,
        {{ spread('days_to_hire', 'days_to_hire') }},
        {{ guarded_percentile(0.5, 'days_to_hire_low') }} as median_days_to_hire_low,
        {{ guarded_percentile(0.5, 'days_to_hire_high') }} as median_days_to_hire_high,
        {{ as_int('null') }} as n_undated,
        {{ as_int('null') }} as n_in_pipeline

    from level_applications
    where days_to_hire is not null
    group by platform, account, hired_month, level, level_id

),

-- The survival median: everyone is followed from when they could first be seen until they close or cannot be followed.
followed as (

    select
        platform,
        account,
        level,
        level_id,
        days_unseen,
        days_followed,
        is_closed,
        is_closed and outcome = 'hired' as is_hired

    from level_applications
    where
        is_followed
        and days_followed > days_unseen

),

survival as (

    {{ survival_median('followed', by=['platform', 'account', 'level', 'level_id']) }}

),

rows_of_both as (

    select * from all_time
    union all
    select * from months

)

select
    rows_of_both.platform,
    rows_of_both.account,
    rows_of_both.hired_month,
    rows_of_both.level,
    nullif(rows_of_both.level_id, '(none)') as level_id,
    rows_of_both.n_days_to_hire,
    rows_of_both.median_days_to_hire,
    rows_of_both.p75_days_to_hire,
    rows_of_both.p90_days_to_hire,
    rows_of_both.median_days_to_hire_low,
    rows_of_both.median_days_to_hire_high,
    rows_of_both.n_undated,
    rows_of_both.n_in_pipeline,
    survival.survival_median_days,
    case when rows_of_both.hired_month is null then coalesce(survival.n_survival, 0) end as n_survival

from rows_of_both
left join survival
    on
        rows_of_both.hired_month is null
        and rows_of_both.platform = survival.platform
        and rows_of_both.account = survival.account
        and rows_of_both.level = survival.level
        and rows_of_both.level_id = survival.level_id
