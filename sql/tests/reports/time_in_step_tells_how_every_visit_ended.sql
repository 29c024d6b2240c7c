-- Exits by kind and undated ones are together the visits that ended in the window.
with

ended as (

    select
        visits.platform,
        visits.account,
        count(*) as count_visits

    from {{ ref('fct_application_steps') }} as visits
    inner join {{ ref('int_accounts__dated') }} as accounts
        on
            visits.platform = accounts.platform
            and visits.account = accounts.account
    where
        visits.left_at is not null
        and not visits.is_skipped
        and not visits.is_after_close
        and {{ days_between('visits.left_at', 'accounts.as_of_at') }} <= {{ var('report_window_days') }}
    group by visits.platform, visits.account

),

told as (

    select
        platform,
        account,
        sum(
            count_left_forward + count_left_back + count_rejected + count_withdrawn + count_hired + count_vanished
            + count_undated
        ) as count_visits

    from {{ ref('rpt_time_in_step') }}
    group by platform, account

)

select
    ended.platform,
    ended.account

from ended
left join told
    on
        ended.platform = told.platform
        and ended.account = told.account
where ended.count_visits <> coalesce(told.count_visits, 0)
