-- One row per application and visit (one stay in one step), or step passed over: when it came in, when it went out.
with

visits as (

    select * from {{ ref('int_visits__chained') }}

),

applications as (

    select * from {{ ref('int_applications__unioned') }}

),

accounts as (

    select * from {{ ref('int_accounts__dated') }}

),

rejection_reasons as (

    select * from {{ ref('rejection_reasons') }}

),

decided_visits as (

    select
        visits.*,
        applications.role_id,
        accounts.as_of_at,
        case
            -- The last one seen; a step that is locked again keeps it.
            when visits.decision_status is not null then visits.decision_status
            when visits.rejected_at >= coalesce(visits.validated_at, visits.rejected_at) then 'rejected'
            when visits.validated_at is not null then 'validated'
        end as decision,
        -- Tailed keeps the reason with the application, so it belongs to the visit that was rejected.
        nullif(trim(coalesce(visits.rejection_reason, applications.rejection_reason)), '') as reason_text,
        {{ is_datable('visits.entered') }} as is_entry_datable,
        {{ is_datable('visits.left') }} as is_exit_datable

    from visits
    left join applications
        on visits.application_id = applications.application_id
    left join accounts
        on
            visits.platform = accounts.platform
            and visits.account = accounts.account

),

explained_visits as (

    select
        decided_visits.*,
        case decided_visits.decision
            when 'validated' then decided_visits.validated_at
            when 'rejected' then decided_visits.rejected_at
        end as decided_at,
        case
            -- A visit after the close has no exit, and a null here would count as rejected.
            when
                not (
                    coalesce(decided_visits.decision, '') = 'rejected'
                    or coalesce(decided_visits.exit_type, '') = 'rejected'
                )
                then null
            when decided_visits.reason_text is null then 'not given'
            else coalesce(rejection_reasons.reason, 'other')
        end as reason

    from decided_visits
    left join rejection_reasons
        on lower(decided_visits.reason_text) = lower(trim(rejection_reasons.text))

),

measured_visits as (

    select
        *,
        case
            when is_skipped then 0.0
            when is_entry_datable and is_exit_datable then {{ days_between('entered_at', 'left_at') }}
        end as days_in_step,
        case when is_current and is_entry_datable then {{ days_between('entered_at', 'as_of_at') }} end as days_so_far,
        {{ days_between('completed_at', 'decided_at') }} as days_to_decide,
        row_number() over (
            partition by application_id
            order by
                case when is_after_close then 1 else 0 end,
                period_number,
                entered_at,
                coalesce(step_order, -1),
                role_step_id,
                visit_number
        ) as position

    from explained_visits

)

select
    application_id || ':' || coalesce(role_step_id, 'applied') || ':' || {{ as_text('visit_number') }} as visit_id,
    platform,
    account,
    application_id,
    role_id,
    role_step_id,
    stage,
    stage_rank,
    step_order,
    visit_number,
    {{ as_int('position') }} as position,
    entered_at,
    entered_not_before,
    entered_not_after,
    left_at,
    left_not_before,
    left_not_after,
    exit_type,
    {{ as_double('days_in_step') }} as days_in_step,
    {{ as_double('case when days_so_far < 0 then 0 else days_so_far end') }} as days_so_far,
    completed_at,
    decided_at,
    decision,
    -- Decided before it was completed: not a duration, and shown by rpt_data_quality.
    {{ as_double('case when days_to_decide >= 0 then days_to_decide end') }} as days_to_decide,
    validation_score,
    reason,
    is_skipped,
    is_current,
    is_after_close,
    is_stage_entry,
    is_stage_exit,
    is_entry_datable,
    is_exit_datable

from measured_visits
