-- All hires are in the all-time row, dated or not; the months add up to its dated ones.
with

hires as (

    select
        platform,
        account,
        count(case when outcome = 'hired' then 1 end) as count_hires

    from {{ ref('fct_applications') }}
    group by platform, account

),

told as (

    select
        platform,
        account,
        sum(case when hired_month is null then n_days_to_hire + n_undated else 0 end) as count_hires,
        sum(case when hired_month is null then n_days_to_hire else -n_days_to_hire end) as count_between_months

    from {{ ref('rpt_time_to_hire') }}
    where level = 'account'
    group by platform, account

)

select
    hires.platform,
    hires.account

from hires
left join told
    on
        hires.platform = told.platform
        and hires.account = told.account
where
    coalesce(told.count_hires, 0) <> hires.count_hires
    or coalesce(told.count_between_months, 0) <> 0
