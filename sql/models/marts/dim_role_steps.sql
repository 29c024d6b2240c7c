-- One row per role and step of its pipeline (Tailed: stage text), with the stage it means.
with

role_steps as (

    select * from {{ ref('int_role_steps__unioned') }}

)

select
    role_step_id,
    platform,
    account,
    role_id,
    step_name,
    step_type,
    step_order,
    stage,
    stage_rank,
    stage_basis,
    validation_type,
    passing_score,
    is_required,
    is_skippable,
    is_visible,
    is_stub

from role_steps
