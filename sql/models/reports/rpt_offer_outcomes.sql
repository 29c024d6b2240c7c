-- One row per month in which offers were extended (null: undated) and role: what became of those offers.
with

applications as (

    select * from {{ ref('fct_applications') }}

),

roles as (

    select * from {{ ref('dim_roles') }}

),

offers as (

    select
        platform,
        account,
        role_id,
        offer_outcome,
        days_to_answer_offer,
        case when {{ is_datable('offer') }} then {{ local_period('month', 'offer_at') }} end as extended_month

    from applications
    where offer_outcome is not null

),

month_counts as (

    select
        platform,
        account,
        extended_month,
        role_id,
        count(*) as count_extended,
        count(case when offer_outcome = 'accepted' then 1 end) as count_accepted,
        count(case when offer_outcome = 'declined' then 1 end) as count_declined,
        count(case when offer_outcome = 'rescinded' then 1 end) as count_rescinded,
        count(case when offer_outcome = 'pending' then 1 end) as n_pending,
        count(case when offer_outcome = 'unknown' then 1 end) as n_unknown,
        count(case when offer_outcome in ('accepted', 'declined') then 1 end) as count_answered,
        count(case when offer_outcome in ('accepted', 'declined', 'rescinded') then 1 end) as count_decided,
        {{ spread('days_to_answer', 'days_to_answer_offer') }}

    from offers
    group by platform, account, extended_month, role_id

)

select
    month_counts.platform,
    month_counts.account,
    month_counts.extended_month,
    month_counts.role_id,
    roles.role_name,
    roles.department,
    roles.organization_id,
    month_counts.count_extended,
    month_counts.count_accepted,
    month_counts.count_declined,
    month_counts.count_rescinded,
    month_counts.n_pending,
    month_counts.n_unknown,
    {{ bounded_rate('acceptance', 'month_counts.count_accepted', 'month_counts.count_decided') }},
    {{ bounded_rate('decline', 'month_counts.count_declined', 'month_counts.count_answered') }},
    month_counts.n_days_to_answer,
    month_counts.median_days_to_answer,
    month_counts.p75_days_to_answer,
    month_counts.p90_days_to_answer

from month_counts
left join roles
    on month_counts.role_id = roles.role_id
