-- The applied rows add up to the applications, each in exactly one of open, unknown, vanished and closed.
with

funnel as (

    select
        platform,
        account,
        sum(count_applications) as count_applications,
        sum(n_open + n_unknown + n_vanished + n_closed) as count_parts

    from {{ ref('rpt_hiring_funnel') }}
    where stage = 'applied'
    group by platform, account

),

applications as (

    select
        platform,
        account,
        count(*) as count_applications

    from {{ ref('fct_applications') }}
    group by platform, account

)

select
    applications.platform,
    applications.account

from applications
left join funnel
    on
        applications.platform = funnel.platform
        and applications.account = funnel.account
where
    coalesce(funnel.count_applications, 0) <> applications.count_applications
    or coalesce(funnel.count_parts, 0) <> applications.count_applications
