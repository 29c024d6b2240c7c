-- One row per application and kind of score: the first one seen, before it could know the outcome.
with

assignments as (

    select * from {{ ref('stg_talent_ray__candidate_roles_history') }}

),

lead_roles as (

    select * from {{ ref('stg_talent_ray__lead_roles_history') }}

),

linked_leads as (

    select * from {{ ref('int_leads__linked') }}

),

scores as (

    select
        platform,
        account,
        application_id,
        'overall_fit' as score_kind,
        overall_fit_score as score,
        version_number,
        observed_at

    from assignments
    where overall_fit_score is not null

    union all

    select
        linked_leads.platform,
        linked_leads.account,
        linked_leads.application_id,
        'resume_fit' as score_kind,
        lead_roles.resume_fit_score as score,
        lead_roles.version_number,
        lead_roles.observed_at

    from linked_leads
    inner join lead_roles
        on
            linked_leads.lead_id = lead_roles.lead_id
            and linked_leads.role_id = lead_roles.role_id
    where lead_roles.resume_fit_score is not null

),

ranked_scores as (

    select
        *,
        row_number() over (partition by application_id, score_kind order by version_number) as score_number

    from scores

)

select
    platform,
    account,
    application_id,
    score_kind,
    score as first_score,
    observed_at as first_observed_at,
    -- There was a version without it, so it was seen to appear.
    version_number > 1 as is_observed_first

from ranked_scores
where score_number = 1
