-- The cohorts add up to the leads.
with

leads as (

    select
        platform,
        account,
        count(*) as count_leads

    from {{ ref('fct_leads') }}
    group by platform, account

),

told as (

    select
        platform,
        account,
        sum(count_leads) as count_leads

    from {{ ref('rpt_sourcing_conversion') }}
    group by platform, account

)

select
    leads.platform,
    leads.account

from leads
left join told
    on
        leads.platform = told.platform
        and leads.account = told.account
where leads.count_leads <> coalesce(told.count_leads, 0)
