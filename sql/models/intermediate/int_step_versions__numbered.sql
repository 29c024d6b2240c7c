-- One row per version of a Talent-Ray candidate step, with the number of the visit it belongs to (0: not entered yet).
{{ config(materialized='table') }}
with

steps as (

    select * from {{ ref('stg_talent_ray__candidate_steps_history') }}

),

role_steps as (

    select * from {{ ref('int_role_steps__unioned') }}

),

status_map as (

    select * from {{ ref('status_map') }}

),

entered_versions as (

    select
        *,
        case
            when step_status in ('active', 'completed', 'validated', 'rejected') or started_at is not null then 1
            else 0
        end as entered,
        lag(step_status) over (partition by candidate_step_id order by version_number) as previous_status

    from steps

),

opening_versions as (

    select
        *,
        coalesce(max(entered) over (
            partition by candidate_step_id
            order by version_number
            rows between unbounded preceding and 1 preceding
        ), 0) as entered_before

    from entered_versions

),

numbered_versions as (

    select
        *,
        sum(
            case
                when entered = 1 and entered_before = 0 then 1
                when
                    entered_before = 1
                    and step_status = 'active'
                    and previous_status in ('validated', 'rejected', 'skipped', 'locked')
                    then 1
                else 0
            end
        ) over (
            partition by candidate_step_id
            order by version_number
            rows between unbounded preceding and current row
        ) as visit_in_record

    from opening_versions

)

select
    numbered_versions.platform,
    numbered_versions.account,
    numbered_versions.candidate_step_id,
    numbered_versions.application_id,
    numbered_versions.role_step_id,
    role_steps.step_order,
    role_steps.stage,
    role_steps.step_type,
    {{ as_int('numbered_versions.visit_in_record') }} as visit_in_record,
    numbered_versions.step_status,
    numbered_versions.started_at,
    numbered_versions.completed_at,
    numbered_versions.validated_at,
    numbered_versions.rejected_at,
    numbered_versions.validation_score,
    numbered_versions.rejection_reason,
    numbered_versions.offer_response,
    status_map.outcome as offer_answer,
    numbered_versions.version_number,
    numbered_versions.is_current,
    numbered_versions.is_visible,
    numbered_versions.observed_at,
    numbered_versions.next_observed_at,
    numbered_versions.version_not_before,
    min(numbered_versions.observed_at) over versions_of_visit as visit_observed_at,
    min(numbered_versions.observed_at) over versions_of_status as status_observed_at

from numbered_versions
left join role_steps
    on numbered_versions.role_step_id = role_steps.role_step_id
left join status_map
    on
        status_map.platform = 'talent_ray'
        and status_map.field = 'offer_response'
        and lower(trim(numbered_versions.offer_response)) = lower(trim(status_map.value))
window
    versions_of_visit as (partition by numbered_versions.candidate_step_id, numbered_versions.visit_in_record),
    versions_of_status as (
        partition by
            numbered_versions.candidate_step_id,
            numbered_versions.visit_in_record,
            numbered_versions.step_status,
            numbered_versions.offer_response
    )
