-- One row per application that the key sees today.
with

versions as (

    select * from {{ ref('stg_tailed__applications_history') }}

)

select
    platform,
    account,
    application_id,
    source_id,
    candidate_id,
    role_id,
    role_step_id,
    stage_text,
    application_status,
    application_source,
    applied_at,
    stage_entered_at,
    hired_at,
    rejected_at,
    withdrawn_at,
    rejection_reason,
    created_at,
    updated_at,
    deleted_at,
    observed_at

from versions
where
    is_current
    and is_visible
