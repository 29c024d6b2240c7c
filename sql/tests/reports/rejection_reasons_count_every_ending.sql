-- The reasons add up to the rejected and withdrawn applications.
with

endings as (

    select
        platform,
        account,
        outcome,
        count(*) as count_applications

    from {{ ref('fct_applications') }}
    where outcome in ('rejected', 'withdrawn')
    group by platform, account, outcome

),

told as (

    select
        platform,
        account,
        outcome,
        sum(count_applications) as count_applications

    from {{ ref('rpt_rejection_reasons') }}
    group by platform, account, outcome

)

select
    endings.platform,
    endings.account,
    endings.outcome

from endings
left join told
    on
        endings.platform = told.platform
        and endings.account = told.account
        and endings.outcome = told.outcome
where endings.count_applications <> coalesce(told.count_applications, 0)
