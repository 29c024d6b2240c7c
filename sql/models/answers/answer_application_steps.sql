-- One row per stay of an application in a step, with step and role in words: the path of an application, in order.
{{ config(alias='application_steps') }}

with

visits as (

    select * from {{ ref('fct_application_steps') }}

),

role_steps as (

    select * from {{ ref('dim_role_steps') }}

),

roles as (

    select * from {{ ref('dim_roles') }}

)

select
    visits.platform,
    visits.account,
    visits.visit_id,
    visits.application_id,
    visits.role_id,
    visits.role_step_id,
    roles.role_name,
    roles.department,
    role_steps.step_name,
    role_steps.step_type,
    visits.stage,
    visits.stage_rank,
    visits.position,
    visits.entered_at,
    visits.left_at,
    visits.exit_type,
    visits.days_in_step,
    visits.days_so_far,
    visits.completed_at,
    visits.decided_at,
    visits.decision,
    visits.days_to_decide,
    visits.reason,
    visits.is_current,
    visits.is_skipped,
    visits.is_after_close,
    visits.is_entry_datable,
    visits.is_exit_datable

from visits
left join role_steps
    on visits.role_step_id = role_steps.role_step_id
left join roles
    on visits.role_id = roles.role_id
