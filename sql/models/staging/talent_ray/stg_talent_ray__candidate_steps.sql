-- One row per candidate step (progress of one candidate on one role step) that the key sees today.
with

versions as (

    select * from {{ ref('stg_talent_ray__candidate_steps_history') }}

)

select
    platform,
    account,
    candidate_step_id,
    application_id,
    candidate_id,
    role_id,
    role_step_id,
    step_name,
    step_order,
    step_type,
    step_status,
    started_at,
    completed_at,
    validated_at,
    rejected_at,
    validation_score,
    rejection_reason,
    offer_response,
    created_at,
    updated_at,
    observed_at

from versions
where
    is_current
    and is_visible
