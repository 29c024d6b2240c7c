-- The counts on candidates and roles are those of the applications, lead credits are hires, and days have no gap.
with

candidates as (

    select sum(count_applications) as count_rows from {{ ref('dim_candidates') }}

),

roles as (

    select
        sum(count_applications) as count_rows,
        sum(count_in_pipeline) as count_in_pipeline,
        sum(count_hires) as count_hires

    from {{ ref('dim_roles') }}

),

applications as (

    select
        count(*) as count_rows,
        count(case when is_in_pipeline then 1 end) as count_in_pipeline,
        count(case when outcome = 'hired' then 1 end) as count_hires

    from {{ ref('fct_applications') }}

),

leads as (

    select
        count(case when is_hired then 1 end) as count_hires,
        sum(count_applications) as count_applications

    from {{ ref('fct_leads') }}

),

sourced as (

    select count(*) as count_rows from {{ ref('fct_applications') }}
    where is_sourced

),

days as (

    select
        count(*) as count_days,
        {{ dbt.datediff('min(date_day)', 'max(date_day)', 'day') }} + 1 as count_expected

    from {{ ref('dim_dates') }}

)

select applications.count_rows
from applications
cross join candidates
cross join roles
cross join leads
cross join sourced
cross join days
where
    applications.count_rows <> coalesce(candidates.count_rows, 0)
    or applications.count_rows <> coalesce(roles.count_rows, 0)
    or applications.count_in_pipeline <> coalesce(roles.count_in_pipeline, 0)
    or applications.count_hires <> coalesce(roles.count_hires, 0)
    or applications.count_hires < leads.count_hires
    or sourced.count_rows <> coalesce(leads.count_applications, 0)
    or (days.count_days > 0 and days.count_days <> days.count_expected)
