-- The bands of a kind of score add up to the closed applications that ever had one.
with

scored as (

    select
        applications.platform,
        applications.account,
        count(applications.first_overall_fit_score) as count_overall_fit,
        count(resume_scores.first_score) as count_resume_fit

    from {{ ref('fct_applications') }} as applications
    left join {{ ref('fct_first_scores') }} as resume_scores
        on
            applications.application_id = resume_scores.application_id
            and resume_scores.score_kind = 'resume_fit'
    where applications.is_closed
    group by applications.platform, applications.account

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
