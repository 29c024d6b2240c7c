-- One row per application and stretch of time in one state: an outcome, or `vanished` while it is open and not visible.
{{ config(materialized='table') }}
with

assignments as (

    select * from {{ ref('stg_talent_ray__candidate_roles_history') }}

),

tailed_versions as (

    select * from {{ ref('stg_tailed__applications_history') }}

),

step_versions as (

    select * from {{ ref('int_step_versions__numbered') }}

),

candidates as (

    select * from {{ ref('int_candidates__unioned') }}

),

applications as (

    select * from {{ ref('int_applications__unioned') }}

),

status_map as (

    select
        platform,
        field,
        lower(trim(value)) as value,
        stage,
        outcome

    from {{ ref('status_map') }}

),

-- The versions of the record that carries the status, in one shape. The end of the last one is a far day, not null:
-- an `or` in a join condition makes DuckDB compare every row with every other.
record_versions as (

    select
        assignments.application_id,
        nullif(trim(assignments.application_status), '') is null as is_without_status,
        status_map.outcome as status_outcome,
        {{ as_text('null') }} as stage_outcome,
        false as has_mapped_stage,
        {{ as_instant('null') }} as hired_at,
        {{ as_instant('null') }} as rejected_at,
        {{ as_instant('null') }} as withdrawn_at,
        assignments.is_visible,
        assignments.observed_at,
        coalesce(assignments.next_observed_at, {{ as_instant("'9999-12-31'") }}) as current_until,
        assignments.version_not_before

    from assignments
    left join status_map
        on
            status_map.platform = 'talent_ray'
            and status_map.field = 'application_status'
            and lower(trim(assignments.application_status)) = status_map.value

    union all

    select
        tailed_versions.application_id,
        nullif(trim(tailed_versions.application_status), '') is null as is_without_status,
        by_status.outcome as status_outcome,
        by_stage.outcome as stage_outcome,
        by_stage.stage is not null as has_mapped_stage,
        tailed_versions.hired_at,
        tailed_versions.rejected_at,
        tailed_versions.withdrawn_at,
        tailed_versions.is_visible,
        tailed_versions.observed_at,
        coalesce(tailed_versions.next_observed_at, {{ as_instant("'9999-12-31'") }}) as current_until,
        tailed_versions.version_not_before

    from tailed_versions
    left join status_map as by_status
        on
            by_status.platform = 'tailed'
            and by_status.field = 'status'
            and lower(trim(tailed_versions.application_status)) = by_status.value
    left join status_map as by_stage
        on
            by_stage.platform = 'tailed'
            and by_stage.field = 'stage'
            and tailed_versions.stage_text = by_stage.value

),

candidate_changes as (

    select
        *,
        lag(is_visible) over (partition by candidate_id order by version_number) as was_visible

    from candidates

),

-- The times during which a candidate was not visible: few, so that the other candidates cost nothing below.
candidate_switches as (

    select
        candidate_id,
        is_visible,
        observed_at,
        version_not_before,
        lead(observed_at) over (partition by candidate_id order by version_number) as next_observed_at

    from candidate_changes
    where is_visible <> coalesce(was_visible, true)

),

application_switches as (

    select
        applications.application_id,
        candidate_switches.is_visible,
        candidate_switches.observed_at,
        coalesce(candidate_switches.next_observed_at, {{ as_instant("'9999-12-31'") }}) as current_until,
        candidate_switches.version_not_before,
        applications.first_observed_at

    from candidate_switches
    -- The last switch before an application was first seen still holds then.
    inner join applications
        on
            candidate_switches.candidate_id = applications.candidate_id
            and coalesce(candidate_switches.next_observed_at, {{ as_instant("'9999-12-31'") }})
            > applications.first_observed_at

),

instants as (

    select
        application_id,
        observed_at

    from record_versions

    union

    select
        application_id,
        observed_at

    from step_versions

    union

    select
        application_id,
        observed_at

    from application_switches
    where observed_at >= first_observed_at

),

-- A restarted record may still show the instants of the visit before: those are not of the visit that goes on.
own_instants as (

    select
        *
        {%- for name in ['started_at', 'completed_at', 'validated_at', 'rejected_at'] %},
        case when left_before_at is null or {{ name }} > left_before_at then {{ name }} end as own_{{ name }}
        {%- endfor %}

    from step_versions

),

-- What each version of a step says, before it is known which versions stand side by side.
step_facts as (

    select
        application_id,
        observed_at,
        coalesce(next_observed_at, {{ as_instant("'9999-12-31'") }}) as current_until,
        version_not_before,
        is_visible,
        case
            when visit_in_record > 0
                then
                    coalesce(
                        own_started_at,
                        {{ earliest_of(['visit_observed_at', 'own_completed_at', 'own_validated_at', 'own_rejected_at']) }}
                    )
        end as entered_at,
        case when step_status = 'rejected' then coalesce(rejected_at, status_observed_at) end as failed_at,
        case when step_status = 'rejected' then rejected_at end as rejected_at,
        case when offer_answer = 'declined' then coalesce(completed_at, response_observed_at) end as declined_at,
        case when offer_answer = 'declined' then completed_at end as withdrawn_at,
        case when stage = 'offer' then 1 else 0 end as offer_step,
        case
            when stage = 'offer' and (step_status in ('validated', 'skipped') or offer_answer = 'accepted') then 1
            else 0
        end as offer_step_done,
        case when stage = 'offer' and (step_status = 'validated' or offer_answer = 'accepted') then 1 else 0 end
            as offer_step_won,
        case when stage = 'offer' then coalesce(validated_at, completed_at) end as hired_at

    from own_instants

),

-- The steps of an application as they stood at each instant.
steps_at_instants as (

    select
        instants.application_id,
        instants.observed_at,
        count(*) as count_steps,
        max(case when step_facts.is_visible then 1 else 0 end) as visible_step,
        max(step_facts.entered_at) as last_entered_at,
        max(step_facts.failed_at) as failed_at,
        max(step_facts.rejected_at) as rejected_at,
        max(step_facts.declined_at) as declined_at,
        max(step_facts.withdrawn_at) as withdrawn_at,
        sum(step_facts.offer_step) as count_offer_steps,
        sum(step_facts.offer_step_done) as count_offer_steps_done,
        sum(step_facts.offer_step_won) as count_offer_steps_won,
        max(step_facts.hired_at) as hired_at,
        count(case when step_facts.observed_at = instants.observed_at then 1 end) as count_new,
        count(
            case
                when step_facts.observed_at = instants.observed_at and step_facts.version_not_before is null then 1
            end
        ) as count_new_without_bound,
        min(case when step_facts.observed_at = instants.observed_at then step_facts.version_not_before end)
            as new_not_before

    from instants
    inner join step_facts
        on
            instants.application_id = step_facts.application_id
            and instants.observed_at >= step_facts.observed_at
            and instants.observed_at < step_facts.current_until
    group by instants.application_id, instants.observed_at

),

states_at_instants as (

    select
        applications.platform,
        instants.application_id,
        instants.observed_at,
        case when record_versions.status_outcome in ('hired', 'rejected', 'withdrawn') then record_versions.status_outcome end
            as closed_by_status,
        case when record_versions.stage_outcome in ('hired', 'rejected', 'withdrawn') then record_versions.stage_outcome end
            as closed_by_stage,
        case
            when
                steps_at_instants.declined_at is not null
                and coalesce(steps_at_instants.last_entered_at <= steps_at_instants.declined_at, true)
                then 'withdrawn'
        end as closed_by_answer,
        case
            when
                steps_at_instants.failed_at is not null
                and coalesce(steps_at_instants.last_entered_at <= steps_at_instants.failed_at, true)
                then 'rejected'
        end as closed_by_step,
        case
            when
                steps_at_instants.count_offer_steps_won > 0
                and steps_at_instants.count_offer_steps_done = steps_at_instants.count_offer_steps
                then 'hired'
        end as closed_by_offer,
        case
            when record_versions.status_outcome = 'open' then 'open'
            when
                coalesce(record_versions.is_without_status, true)
                and (steps_at_instants.count_steps > 0 or record_versions.has_mapped_stage)
                then 'open'
            else 'unknown'
        end as otherwise,
        case
            when not coalesce(application_switches.is_visible, true) then false
            when record_versions.application_id is not null then record_versions.is_visible
            when applications.is_assignment_known then true
            else coalesce(steps_at_instants.visible_step, 1) = 1
        end as is_visible,
        coalesce(record_versions.hired_at, steps_at_instants.hired_at) as hired_at,
        coalesce(record_versions.rejected_at, steps_at_instants.rejected_at) as rejected_at,
        coalesce(record_versions.withdrawn_at, steps_at_instants.withdrawn_at) as withdrawn_at,
        record_versions.observed_at = instants.observed_at as is_record_new,
        record_versions.observed_at = instants.observed_at and not record_versions.is_visible as is_record_newly_gone,
        record_versions.version_not_before as record_not_before,
        application_switches.observed_at = instants.observed_at as is_switch_new,
        application_switches.version_not_before as switch_not_before,
        coalesce(steps_at_instants.count_new, 0) > 0 as is_step_new,
        case when steps_at_instants.count_new_without_bound = 0 then steps_at_instants.new_not_before end
            as step_not_before

    from instants
    left join record_versions
        on
            instants.application_id = record_versions.application_id
            and instants.observed_at >= record_versions.observed_at
            and instants.observed_at < record_versions.current_until
    left join steps_at_instants
        on
            instants.application_id = steps_at_instants.application_id
            and instants.observed_at = steps_at_instants.observed_at
    left join application_switches
        on
            instants.application_id = application_switches.application_id
            and instants.observed_at >= application_switches.observed_at
            and instants.observed_at < application_switches.current_until
    left join applications
        on instants.application_id = applications.application_id

),

outcomes_at_instants as (

    select
        *,
        coalesce(closed_by_status, closed_by_stage, closed_by_answer, closed_by_step, closed_by_offer, otherwise)
            as outcome,
        closed_by_status is not null or closed_by_stage is not null as is_by_record,
        (
            closed_by_status <> closed_by_stage
            or closed_by_status <> closed_by_answer
            or closed_by_status <> closed_by_step
            or closed_by_status <> closed_by_offer
            or closed_by_answer <> closed_by_step
            or closed_by_answer <> closed_by_offer
            or closed_by_step <> closed_by_offer
        ) as has_conflict

    from states_at_instants

),

dated_outcomes as (

    select
        *,
        case
            when outcome in ('open', 'unknown') and not is_visible then 'vanished'
            else outcome
        end as state,
        case outcome
            -- A platform that gives the instant itself has no offer steps to agree with.
            when 'hired' then case when closed_by_offer is not null or platform = 'tailed' then hired_at end
            when 'rejected' then rejected_at
            when 'withdrawn' then withdrawn_at
        end as exact_at

    from outcomes_at_instants

),

-- The version that brought the state: the record's when it decided, else the steps', else whichever is new.
compared_states as (

    select
        *,
        lag(state) over instants_of_application as previous_state,
        lead(state) over instants_of_application as next_state,
        case
            -- Candidate and assignment gone at once: both bounds hold, so the narrower one does.
            when state = 'vanished' and is_switch_new and is_record_newly_gone
                then {{ latest_of(['switch_not_before', 'record_not_before']) }}
            when state = 'vanished' and is_switch_new then switch_not_before
            when (is_by_record or state = 'vanished') and is_record_new then record_not_before
            when not is_by_record and is_step_new then step_not_before
            when is_record_new then record_not_before
            when is_switch_new then switch_not_before
            when is_step_new then step_not_before
        end as state_not_before

    from dated_outcomes
    window instants_of_application as (partition by application_id order by observed_at)

),

numbered_states as (

    select
        *,
        previous_state is null or previous_state <> state as is_first_of_run,
        next_state is null or next_state <> state as is_last_of_run,
        sum(case when previous_state is null or previous_state <> state then 1 else 0 end) over (
            partition by application_id
            order by observed_at
            rows between unbounded preceding and current row
        ) as run_number

    from compared_states

),

runs as (

    select
        application_id,
        run_number,
        min(state) as state,
        max(case when is_last_of_run then outcome end) as outcome,
        max(case when is_last_of_run and is_visible then 1 when is_last_of_run then 0 end) as visible,
        max(case when is_last_of_run and has_conflict then 1 else 0 end) as conflicting,
        min(observed_at) as observed_at,
        max(case when is_first_of_run then state_not_before end) as state_not_before,
        max(case when is_last_of_run then exact_at end) as exact_at,
        max(case when next_state is null then 1 else 0 end) as latest

    from numbered_states
    group by application_id, run_number

),

-- Lists are read one after the other. What was shown again may have been closed out of sight: the list that shows it is
-- read first, the one that tells the close, from before that reply, a moment later. In between nothing was open.
neighbouring_runs as (

    select
        *,
        lag(state) over (partition by application_id order by run_number) as state_before,
        lead(state) over (partition by application_id order by run_number) as state_after,
        lead(exact_at) over (partition by application_id order by run_number) as exact_at_after

    from runs

),

true_runs as (

    select * from neighbouring_runs
    where
        state not in ('open', 'unknown')
        or coalesce(state_before, 'none') <> 'vanished'
        or coalesce(state_after, 'none') not in ('hired', 'rejected', 'withdrawn')
        or exact_at_after is null
        or exact_at_after > observed_at

),

-- A period of an application begins when it is made or reopened, and ends when it leaves the pipeline.
pipeline_runs as (

    select
        *,
        state in ('open', 'unknown') as is_in_pipeline,
        lag(state) over (partition by application_id order by run_number) as previous_state

    from true_runs

),

periods as (

    select
        *,
        is_in_pipeline and previous_state not in ('open', 'unknown') as is_reopening,
        1 + sum(case when is_in_pipeline and previous_state not in ('open', 'unknown') then 1 else 0 end) over (
            partition by application_id
            order by run_number
            rows between unbounded preceding and current row
        ) as period_number

    from pipeline_runs

)

select
    applications.platform,
    applications.account,
    periods.application_id,
    {{ as_int('periods.run_number') }} as run_number,
    {{ as_int('periods.period_number') }} as period_number,
    periods.state,
    periods.outcome,
    periods.is_in_pipeline,
    coalesce(periods.is_reopening, false) as is_reopening,
    periods.latest = 1 as is_latest,
    periods.visible = 1 as is_visible,
    periods.conflicting = 1 as has_conflict,
    periods.observed_at,
    periods.exact_at is not null as is_exact,
    coalesce(periods.exact_at, periods.observed_at) as state_at,
    coalesce(
        periods.exact_at,
        {{ not_after(latest_of(['periods.state_not_before', 'applications.events_not_before']), 'periods.observed_at') }}
    ) as state_not_before,
    coalesce(periods.exact_at, periods.observed_at) as state_not_after

from periods
left join applications
    on periods.application_id = applications.application_id
