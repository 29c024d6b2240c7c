-- One row per month of closing (null: undated), role, last stage, outcome and reason: how many ended there, for that.
with

applications as (

    select * from {{ ref('fct_applications') }}

),

roles as (

    select * from {{ ref('dim_roles') }}

),

endings as (

    select
        platform,
        account,
        role_id,
        last_stage,
        outcome,
        coalesce(reason, 'not given') as reason,
        case when {{ is_datable('closed') }} then {{ local_period('month', 'closed_at') }} end as closed_month

    from applications
    where outcome in ('rejected', 'withdrawn')

),

reason_counts as (

    select
        platform,
        account,
        closed_month,
        role_id,
        last_stage,
        outcome,
        reason,
        count(*) as count_applications

    from endings
    group by platform, account, closed_month, role_id, last_stage, outcome, reason

),

shares as (

    select
        *,
        {{ as_double(
            'sum(count_applications) over (partition by platform, account, closed_month, role_id, outcome)'
        ) }} as count_of_outcome

    from reason_counts

)

select
    shares.platform,
    shares.account,
    shares.closed_month,
    shares.role_id,
    shares.last_stage,
    shares.outcome,
    shares.reason,
    roles.role_name,
    roles.department,
    roles.organization_id,
    shares.count_applications,
    case
        when shares.count_of_outcome >= {{ var('min_n') }} then shares.count_applications / shares.count_of_outcome
    end as share

from shares
left join roles
    on shares.role_id = roles.role_id
