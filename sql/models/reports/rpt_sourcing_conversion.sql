-- One row per month in which leads were created, and primary role (null: no role): what became of those leads.
with

leads as (

    select * from {{ ref('fct_leads') }}

),

roles as (

    select * from {{ ref('dim_roles') }}

),

accounts as (

    select * from {{ ref('int_accounts__dated') }}

),

cohort_leads as (

    select
        *,
        {{ local_period('month', 'created_at') }} as cohort_month

    from leads

),

cohorts as (

    select
        platform,
        account,
        cohort_month,
        primary_role_id,
        count(*) as count_leads,
        count(screened_at) as count_screened,
        count(assigned_at) as count_assigned,
        count(converted_at) as count_converted,
        count(case when has_applied then 1 end) as count_applied,
        count(case when has_interviewed then 1 end) as count_interviewed,
        count(case when is_hired then 1 end) as count_hired,
        {{ spread('days_to_convert', 'days_to_convert') }}

    from cohort_leads
    group by platform, account, cohort_month, primary_role_id

)

select
    cohorts.platform,
    cohorts.account,
    cohorts.cohort_month,
    cohorts.primary_role_id,
    roles.role_name,
    roles.department,
    roles.organization_id,
    cohorts.count_leads,
    cohorts.count_screened,
    cohorts.count_assigned,
    cohorts.count_converted,
    cohorts.count_applied,
    cohorts.count_interviewed,
    cohorts.count_hired,
    {{ bounded_rate('convert', 'cohorts.count_converted', 'cohorts.count_leads') }},
    {{ bounded_rate('apply', 'cohorts.count_applied', 'cohorts.count_leads') }},
    {{ bounded_rate('hire', 'cohorts.count_hired', 'cohorts.count_leads') }},
    cohorts.n_days_to_convert,
    cohorts.median_days_to_convert,
    cohorts.p75_days_to_convert,
    cohorts.p90_days_to_convert,
    {{ as_double(age_in_days(local_midnight(dbt.dateadd('month', 1, 'cohorts.cohort_month')), 'accounts.as_of_at')) }}
        as days_observed

from cohorts
left join roles
    on cohorts.primary_role_id = roles.role_id
left join accounts
    on
        cohorts.platform = accounts.platform
        and cohorts.account = accounts.account
