-- One row per role step (a step of a role's template) that the key sees today.
with

versions as (

    select * from {{ ref('stg_talent_ray__role_steps_history') }}

)

select
    platform,
    account,
    role_step_id,
    role_id,
    step_name,
    description,
    step_order,
    step_type,
    validation_type,
    passing_score,
    is_required,
    is_skippable,
    created_at,
    updated_at,
    observed_at

from versions
where
    is_current
    and is_visible
