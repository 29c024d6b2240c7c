-- One row per CV-screening batch, lead and role (a member without a role: one row): the score, and what became of it.
with

batches as (

    select * from {{ ref('stg_talent_ray__cv_screening_batches_history') }}
    where is_current

),

members as (

    select * from {{ ref('stg_talent_ray__cv_screening_batch_members_history') }}
    where is_current

),

member_roles as (

    select * from {{ ref('stg_talent_ray__cv_screening_batch_member_roles_history') }}

),

leads as (

    select * from {{ ref('fct_leads') }}

),

applications as (

    select * from {{ ref('fct_applications') }}

),

role_steps as (

    select * from {{ ref('dim_role_steps') }}

),

scored_versions as (

    select
        *,
        min(case when resume_fit_score is not null then version_number end) over (
            partition by batch_id, lead_id, role_id
        ) as screened_version

    from member_roles

),

member_role_summaries as (

    select
        platform,
        account,
        batch_id,
        lead_id,
        role_id,
        max(case when is_current then resume_fit_score end) as resume_fit_score,
        max(case when is_current then overall_fit_score end) as overall_fit_score,
        max(case when is_current and is_visible then 1 else 0 end) as visible,
        max(case when version_number = screened_version then observed_at end) as screened_at,
        max(case when version_number = screened_version then version_not_before end) as screened_not_before

    from scored_versions
    group by platform, account, batch_id, lead_id, role_id

),

passing_scores as (

    select
        role_id,
        min(passing_score) as passing_score

    from role_steps
    where lower(trim(step_type)) = 'cv_screening'
    group by role_id

),

joined as (

    select
        members.batch_id || ':' || members.lead_id
        || ':' || coalesce(member_role_summaries.role_id, '(none)') as screening_id,
        members.platform,
        members.account,
        members.batch_id,
        members.lead_id,
        member_role_summaries.role_id,
        coalesce(members.candidate_id, leads.candidate_id) as candidate_id,
        batches.batch_status,
        members.member_status,
        member_role_summaries.resume_fit_score,
        member_role_summaries.overall_fit_score,
        passing_scores.passing_score,
        member_role_summaries.screened_at,
        {{ not_after(
            latest_of(['member_role_summaries.screened_not_before', 'members.created_at']), 'member_role_summaries.screened_at'
        ) }} as screened_not_before,
        members.is_visible and coalesce(member_role_summaries.visible, 1) = 1 as is_visible

    from members
    left join member_role_summaries
        on
            members.batch_id = member_role_summaries.batch_id
            and members.lead_id = member_role_summaries.lead_id
    left join batches
        on members.batch_id = batches.batch_id
    left join leads
        on members.lead_id = leads.lead_id
    left join passing_scores
        on member_role_summaries.role_id = passing_scores.role_id

)

select
    joined.screening_id,
    joined.platform,
    joined.account,
    joined.batch_id,
    joined.lead_id,
    joined.role_id,
    joined.candidate_id,
    applications.application_id,
    joined.batch_status,
    joined.member_status,
    joined.resume_fit_score,
    joined.overall_fit_score,
    joined.passing_score,
    joined.resume_fit_score >= joined.passing_score as is_recommended,
    joined.screened_at,
    case when joined.screened_at is not null then joined.screened_not_before end as screened_not_before,
    joined.screened_at as screened_not_after,
    applications.furthest_stage_rank >= 4 as has_interviewed,
    applications.outcome = 'hired' as is_hired,
    applications.is_closed,
    joined.is_visible

from joined
left join applications
    on
        joined.candidate_id = applications.candidate_id
        and joined.role_id = applications.role_id
