-- The all-time account row has all hires, and every filled role is dated or undated.
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
        count_hires,
        count_roles_filled,
        n_days_to_fill,
        n_undated

    from {{ ref('rpt_time_to_fill') }}
    where
        level = 'account'
        and filled_month is null

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
    hires.count_hires <> coalesce(told.count_hires, 0)
    or told.count_roles_filled <> told.n_days_to_fill + told.n_undated
