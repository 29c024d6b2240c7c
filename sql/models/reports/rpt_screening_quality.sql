-- One row per screening batch and role (null: members without one): what its recommendations were worth.
with

screenings as (

    select * from {{ ref('fct_screenings') }}

),

roles as (

    select * from {{ ref('dim_roles') }}

),

-- A verdict can only be judged once the application it was about is closed.
judged as (

    select
        *,
        coalesce(is_closed, false) and is_recommended is not null as is_judged

    from screenings

),

batches as (

    select
        platform,
        account,
        batch_id,
        role_id,
        count(*) as count_members,
        count(resume_fit_score) as count_scored,
        count(is_recommended) as count_with_verdict,
        count(case when is_recommended then 1 end) as count_recommended,
        count(case when is_closed then 1 end) as count_closed,
        avg({{ as_double('resume_fit_score') }}) as mean_resume_fit_score,
        {{ percentile(0.5, 'resume_fit_score') }} as median_resume_fit_score,
        count(case when is_judged and is_recommended then 1 end) as count_judged_recommended,
        count(case when is_judged and has_interviewed then 1 end) as count_judged_interviewed,
        count(case when is_judged and is_recommended and has_interviewed then 1 end) as count_judged_right

    from judged
    group by platform, account, batch_id, role_id

)

select
    batches.platform,
    batches.account,
    batches.batch_id,
    batches.role_id,
    roles.role_name,
    roles.department,
    roles.organization_id,
    batches.count_members,
    batches.count_scored,
    batches.count_recommended,
    batches.count_closed,
    batches.mean_resume_fit_score,
    batches.median_resume_fit_score,
    {{ bounded_rate('recommend', 'batches.count_recommended', 'batches.count_with_verdict') }},
    {{ bounded_rate('precision', 'batches.count_judged_right', 'batches.count_judged_recommended') }},
    {{ bounded_rate('recall', 'batches.count_judged_right', 'batches.count_judged_interviewed') }}

from batches
left join roles
    on batches.role_id = roles.role_id
