-- The bands of a kind of score add up to the closed applications that have one.
with

scored as (

    select
        platform,
        account,
        count(first_overall_fit_score) as count_overall_fit,
        count(resume_fit_score) as count_resume_fit

    from {{ ref('fct_applications') }}
    where is_closed
    group by platform, account

),

told as (

    select
        platform,
        account,
        sum(case when score_kind = 'overall_fit' then n_closed else 0 end) as count_overall_fit,
        sum(case when score_kind = 'resume_fit' then n_closed else 0 end) as count_resume_fit

    from {{ ref('rpt_score_calibration') }}
    group by platform, account

)

select
    scored.platform,
    scored.account

from scored
left join told
    on
        scored.platform = told.platform
        and scored.account = told.account
where
    scored.count_overall_fit <> coalesce(told.count_overall_fit, 0)
    or scored.count_resume_fit <> coalesce(told.count_resume_fit, 0)
