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

{% set is_entered -%}
step_status in ('active', 'completed', 'validated', 'rejected') or started_at is not null
{%- endset -%}
compared_versions as (

    select
        *,
        {{ is_entered }} as is_entered,
        coalesce(
            max(case when {{ is_entered }} then 1 else 0 end) over (
                partition by candidate_step_id
                order by version_number
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) = 1 as was_entered,
        max({{ latest_of(['validated_at', 'rejected_at']) }}) over (
            partition by candidate_step_id
            order by version_number
            rows between unbounded preceding and 1 preceding
        ) as decided_before_at,
        lag(step_status) over (partition by candidate_step_id order by version_number) as previous_status,
        lag(offer_response) over (partition by candidate_step_id order by version_number) as previous_response

    from steps

),

opening_versions as (

    select
        *,
        case
            when is_entered and not was_entered then 1
            when
                was_entered
                and step_status = 'active'
                and previous_status in ('validated', 'rejected', 'skipped', 'locked')
                then 1
            else 0
        end as opens_visit,
        case when version_number = 1 or step_status is distinct from previous_status then 1 else 0 end
            as changes_status,
        case when version_number = 1 or offer_response is distinct from previous_response then 1 else 0 end
            as changes_response

    from compared_versions

),

-- Observation only goes forward, so the latest opening so far is the one of the visit a version belongs to.
numbered_versions as (

    select
        *,
        sum(opens_visit) over versions_so_far as visit_in_record,
        max(case when opens_visit = 1 then observed_at end) over versions_so_far as visit_observed_at,
        -- What a restarted record still shows from before this does not belong to its new visit.
        max(case when opens_visit = 1 and was_entered then decided_before_at end) over versions_so_far as left_before_at,
        max(case when changes_status = 1 then observed_at end) over versions_so_far as status_observed_at,
        max(case when changes_response = 1 then observed_at end) over versions_so_far as response_observed_at

    from opening_versions
    window
        versions_so_far as (
            partition by candidate_step_id
            order by version_number
            rows between unbounded preceding and current row
        )

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
    numbered_versions.visit_observed_at,
    numbered_versions.left_before_at,
    numbered_versions.status_observed_at,
    numbered_versions.response_observed_at

from numbered_versions
left join role_steps
    on numbered_versions.role_step_id = role_steps.role_step_id
left join status_map
    on
        status_map.platform = 'talent_ray'
        and status_map.field = 'offer_response'
        and lower(trim(numbered_versions.offer_response)) = lower(trim(status_map.value))
