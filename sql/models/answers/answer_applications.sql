-- One row per application, with its role in words: what most questions begin with.
{{ config(alias='applications') }}

with

applications as (

    select * from {{ ref('fct_applications') }}

),

roles as (

    select * from {{ ref('dim_roles') }}

),

organizations as (

    select * from {{ ref('dim_organizations') }}

)

select
    applications.platform,
    applications.account,
    applications.application_id,
    applications.candidate_id,
    applications.role_id,
    applications.lead_id,
    roles.role_name,
    roles.department,
    roles.location,
    organizations.organization_name,
    applications.outcome,
    applications.is_in_pipeline,
    applications.is_closed,
    applications.current_stage,
    applications.furthest_stage,
    applications.furthest_stage_rank,
    applications.is_sourced,
    applications.applied_at,
    applications.screening_at,
    applications.assessment_at,
    applications.interview_at,
    applications.offer_at,
    applications.offer_answered_at,
    applications.hired_at,
    applications.rejected_at,
    applications.withdrawn_at,
    applications.closed_at,
    applications.offer_outcome,
    applications.reason,
    applications.days_to_interview,
    applications.days_to_offer,
    applications.days_to_hire,
    applications.days_to_close,
    applications.days_to_answer_offer,
    applications.days_in_pipeline,
    applications.days_in_current_step,
    applications.overall_fit_score,
    applications.first_overall_fit_score,
    applications.resume_fit_score,
    applications.count_visits,
    applications.count_moves_back,
    applications.count_reopened

from applications
left join roles
    on applications.role_id = roles.role_id
left join organizations
    on applications.organization_id = organizations.organization_id
