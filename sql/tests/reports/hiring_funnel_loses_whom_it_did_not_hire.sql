-- Every closed application was either hired or lost at exactly one stage.
select
    platform,
    account,
    cohort_month,
    role_id

from {{ ref('rpt_hiring_funnel') }}
group by platform, account, cohort_month, role_id
having
    sum(count_lost) + max(case when stage = 'hired' then count_reached_closed end) <> max(n_closed)
    or count(case when count_lost <> count_reached_closed - count_passed_closed then 1 end) > 0
