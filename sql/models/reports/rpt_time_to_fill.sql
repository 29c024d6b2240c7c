-- One row per level (account, organization, role), its id and month of filling (null: all time): days from opened to filled.
with

roles as (

    select * from {{ ref('dim_roles') }}

),

applications as (

    select * from {{ ref('fct_applications') }}

),

levels as (

    select 'account' as level
    union all
    select 'organization' as level
    union all
    select 'role' as level

),

hires as (

    select
        platform,
        account,
        role_id,
        hired_at,
        {{ is_datable('hired') }} as is_hire_datable,
        row_number() over (partition by role_id order by hired_at, application_id) as hire_number

    from applications
    where outcome = 'hired'

),

role_hires as (

    select
        roles.role_id,
        max(
            case when hires.hire_number = greatest(1, coalesce(roles.target_hire_count, 1)) then hires.hired_at end
        ) as filled_at,
        count(
            case
                when hires.hire_number = greatest(1, coalesce(roles.target_hire_count, 1)) and hires.is_hire_datable then 1
            end
        ) > 0 as is_fill_datable,
        max(case when hires.hire_number = 1 and hires.is_hire_datable then hires.hired_at end) as first_hired_at

    from roles
    left join hires
        on roles.role_id = hires.role_id
    group by roles.role_id

),

filled_roles as (

    select
        roles.platform,
        roles.account,
        roles.organization_id,
        roles.role_id,
        roles.days_on_hold,
        roles.is_visible and roles.role_state = 'open' and role_hires.filled_at is null as is_unfilled,
        role_hires.filled_at is not null as is_filled,
        case when role_hires.is_fill_datable then {{ local_period('month', 'role_hires.filled_at') }} end as filled_month,
        -- Hired before it opened is an error of the source, not a duration.
        case
            when
                role_hires.is_fill_datable
                and {{ is_datable('roles.opened') }}
                and role_hires.filled_at >= roles.opened_at
                then {{ days_between('roles.opened_at', 'role_hires.filled_at') }}
        end as days_to_fill,
        case
            when
                role_hires.is_fill_datable
                and {{ is_datable('roles.opened') }}
                and role_hires.first_hired_at >= roles.opened_at
                then {{ days_between('roles.opened_at', 'role_hires.first_hired_at') }}
        end as days_to_first_hire

    from roles
    left join role_hires
        on roles.role_id = role_hires.role_id

),

-- One row per role, and one per hire: both are told by month, each by its own.
dated_rows as (

    select
        platform,
        account,
        organization_id,
        role_id,
        filled_month as told_month,
        is_filled,
        is_unfilled,
        0 as count_hires,
        days_to_fill,
        days_to_first_hire,
        case when days_to_fill is not null then days_on_hold end as days_on_hold

    from filled_roles

    union all

    select
        hires.platform,
        hires.account,
        roles.organization_id,
        hires.role_id,
        case when hires.is_hire_datable then {{ local_period('month', 'hires.hired_at') }} end as told_month,
        false as is_filled,
        false as is_unfilled,
        1 as count_hires,
        null as days_to_fill,
        null as days_to_first_hire,
        null as days_on_hold

    from hires
    left join roles
        on hires.role_id = roles.role_id

),

level_rows as (

    select
        dated_rows.*,
        levels.level,
        case levels.level
            when 'account' then dated_rows.account
            when 'organization' then dated_rows.organization_id
            else dated_rows.role_id
        end as level_id

    from dated_rows
    cross join levels

),

months as (

    select
        platform,
        account,
        told_month as filled_month,
        level,
        level_id,
        {{ spread('days_to_fill', 'days_to_fill') }},
        {{ guarded_percentile(0.5, 'days_to_first_hire') }} as median_days_to_first_hire,
        {{ guarded_percentile(0.5, 'days_on_hold') }} as median_days_on_hold,
        count(case when is_filled then 1 end) as count_roles_filled,
        {{ as_int('sum(count_hires)') }} as count_hires,
        {{ as_int('null') }} as n_unfilled,
        {{ as_int('null') }} as n_undated

    from level_rows
    where told_month is not null
    group by platform, account, told_month, level, level_id

),

all_time as (

    select
        platform,
        account,
        cast(null as date) as filled_month,
        level,
        level_id,
        {{ spread('days_to_fill', 'days_to_fill') }},
        {{ guarded_percentile(0.5, 'days_to_first_hire') }} as median_days_to_first_hire,
        {{ guarded_percentile(0.5, 'days_on_hold') }} as median_days_on_hold,
        count(case when is_filled then 1 end) as count_roles_filled,
        {{ as_int('sum(count_hires)') }} as count_hires,
        count(case when is_unfilled then 1 end) as n_unfilled,
        count(case when is_filled and days_to_fill is null then 1 end) as n_undated

    from level_rows
    group by platform, account, level, level_id

),

rows_of_both as (

    select * from months
    union all
    select * from all_time

)

select
    platform,
    account,
    filled_month,
    level,
    level_id,
    n_days_to_fill,
    median_days_to_fill,
    p75_days_to_fill,
    p90_days_to_fill,
    median_days_to_first_hire,
    median_days_on_hold,
    count_roles_filled,
    count_hires,
    n_unfilled,
    n_undated

from rows_of_both
