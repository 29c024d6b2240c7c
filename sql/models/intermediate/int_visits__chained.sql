-- One row per application and visit, or step passed over: the path of an application, without gaps or overlaps.
{{ config(materialized='table') }}
with

opened_visits as (

    select * from {{ ref('int_visits__opened') }}

),

outcomes as (

    select * from {{ ref('int_application_outcomes__observed') }}

),

applications as (

    select * from {{ ref('int_applications__unioned') }}

),

role_steps as (

    select * from {{ ref('int_role_steps__unioned') }}

),

step_versions as (

    select * from {{ ref('int_step_versions__numbered') }}

),

-- The event that ends each period: the last state out of the pipeline before the application came back, or for good.
period_ends as (

    select
        *,
        row_number() over (partition by application_id, period_number order by run_number desc) as recency

    from outcomes
    where not is_in_pipeline

),

closings as (

    select
        application_id,
        period_number,
        state,
        is_exact,
        observed_at,
        state_at,
        state_not_before,
        state_not_after

    from period_ends
    where recency = 1

),

reopenings as (

    select
        application_id,
        period_number,
        state_at,
        state_not_before,
        state_not_after

    from outcomes
    where is_reopening

),

-- Closings that were taken back: only these divide the visits of an application.
reopened_closings as (

    select
        closings.application_id,
        closings.state_at

    from closings
    inner join reopenings
        on
            closings.application_id = reopenings.application_id
            and closings.period_number + 1 = reopenings.period_number

),

-- One is closed where one stands: the reply that tells a closing, undone later or not, cannot show an entry after it.
exact_closings as (

    select
        application_id,
        observed_at,
        min(state_at) as state_at

    from outcomes
    where
        is_exact
        and not is_in_pipeline
    group by application_id, observed_at

),

dated_visits as (

    select
        opened_visits.platform,
        opened_visits.account,
        opened_visits.application_id,
        opened_visits.record_id,
        opened_visits.visit_in_record,
        opened_visits.role_step_id,
        role_steps.stage,
        role_steps.stage_rank,
        role_steps.step_order,
        role_steps.step_type,
        case
            when not opened_visits.is_entry_exact and opened_visits.entered_at > exact_closings.state_at
                then exact_closings.state_at
            else opened_visits.entered_at
        end as entered_at,
        case
            when not opened_visits.is_entry_exact and opened_visits.entered_not_before > exact_closings.state_at
                then exact_closings.state_at
            else opened_visits.entered_not_before
        end as entered_not_before,
        case
            when not opened_visits.is_entry_exact and opened_visits.entered_not_after > exact_closings.state_at
                then exact_closings.state_at
            else opened_visits.entered_not_after
        end as entered_not_after,
        opened_visits.step_status,
        opened_visits.decision_status,
        opened_visits.completed_at,
        opened_visits.validated_at,
        opened_visits.rejected_at,
        opened_visits.validation_score,
        opened_visits.rejection_reason,
        opened_visits.offer_response,
        opened_visits.offer_answer,
        opened_visits.answered_not_before,
        opened_visits.answered_not_after

    from opened_visits
    left join role_steps
        on opened_visits.role_step_id = role_steps.role_step_id
    left join exact_closings
        on
            opened_visits.application_id = exact_closings.application_id
            and opened_visits.opened_observed_at = exact_closings.observed_at

),

-- Few applications were ever reopened, so the join by time is small.
periods_before as (

    select
        dated_visits.record_id,
        dated_visits.visit_in_record,
        count(*) as count_periods

    from dated_visits
    inner join reopened_closings
        on
            dated_visits.application_id = reopened_closings.application_id
            and dated_visits.entered_at > reopened_closings.state_at
    group by dated_visits.record_id, dated_visits.visit_in_record

),

placed_visits as (

    select
        dated_visits.*,
        1 + coalesce(periods_before.count_periods, 0) as period_number

    from dated_visits
    left join periods_before
        on
            dated_visits.record_id = periods_before.record_id
            and dated_visits.visit_in_record = periods_before.visit_in_record

),

closed_visits as (

    select
        placed_visits.*,
        coalesce(placed_visits.entered_at > closings.state_at, false) as is_after_close

    from placed_visits
    left join closings
        on
            placed_visits.application_id = closings.application_id
            and placed_visits.period_number = closings.period_number

),

first_entries as (

    select
        application_id,
        min(entered_at) as first_entered_at

    from closed_visits
    where
        not is_after_close
        and period_number = 1
    group by application_id

),

-- Before the first step there is the time since the application was made.
opening_visits as (

    select
        applications.platform,
        applications.account,
        applications.application_id,
        applications.applied_at,
        applications.applied_not_before,
        applications.applied_not_after

    from applications
    left join first_entries
        on applications.application_id = first_entries.application_id
    where
        first_entries.first_entered_at is null
        or first_entries.first_entered_at > applications.applied_at

),

visited_periods as (

    select distinct
        application_id,
        period_number

    from closed_visits
    where not is_after_close

),

-- Reopened, and no step was seen entered since: the last step goes on, in a visit of its own.
silent_reopenings as (

    select
        reopenings.application_id,
        reopenings.period_number,
        {{ not_after('reopenings.state_at', 'coalesce(closings.state_at, reopenings.state_at)') }} as entered_at,
        {{ not_after('reopenings.state_not_before', 'coalesce(closings.state_at, reopenings.state_not_before)') }}
            as entered_not_before,
        {{ not_after('reopenings.state_not_after', 'coalesce(closings.state_at, reopenings.state_not_after)') }}
            as entered_not_after

    from reopenings
    left join visited_periods
        on
            reopenings.application_id = visited_periods.application_id
            and reopenings.period_number = visited_periods.period_number
    left join closings
        on
            reopenings.application_id = closings.application_id
            and reopenings.period_number = closings.period_number
    where visited_periods.application_id is null

),

last_steps as (

    select
        silent_reopenings.application_id,
        silent_reopenings.period_number,
        closed_visits.platform,
        closed_visits.account,
        closed_visits.role_step_id,
        closed_visits.stage,
        closed_visits.stage_rank,
        closed_visits.step_order,
        closed_visits.step_type,
        row_number() over (
            partition by silent_reopenings.application_id, silent_reopenings.period_number
            order by
                closed_visits.period_number desc,
                closed_visits.entered_at desc,
                closed_visits.step_order desc,
                closed_visits.role_step_id desc
        ) as recency

    from silent_reopenings
    inner join closed_visits
        on
            silent_reopenings.application_id = closed_visits.application_id
            and silent_reopenings.period_number > closed_visits.period_number
            and not closed_visits.is_after_close

),

reopened_visits as (

    select
        applications.platform,
        applications.account,
        silent_reopenings.application_id,
        silent_reopenings.period_number,
        last_steps.role_step_id,
        coalesce(last_steps.stage, 'applied') as stage,
        case when last_steps.application_id is null then 1 else last_steps.stage_rank end as stage_rank,
        last_steps.step_order,
        last_steps.step_type,
        silent_reopenings.entered_at,
        silent_reopenings.entered_not_before,
        silent_reopenings.entered_not_after

    from silent_reopenings
    left join last_steps
        on
            silent_reopenings.application_id = last_steps.application_id
            and silent_reopenings.period_number = last_steps.period_number
            and last_steps.recency = 1
    left join applications
        on silent_reopenings.application_id = applications.application_id

),

all_visits as (

    select
        platform,
        account,
        application_id,
        record_id,
        visit_in_record,
        period_number,
        role_step_id,
        stage,
        stage_rank,
        step_order,
        step_type,
        entered_at,
        entered_not_before,
        entered_not_after,
        is_after_close,
        step_status,
        decision_status,
        completed_at,
        validated_at,
        rejected_at,
        validation_score,
        rejection_reason,
        offer_response,
        offer_answer,
        answered_not_before,
        answered_not_after

    from closed_visits

    union all

    {% for visits in ['opening_visits', 'reopened_visits'] -%}
    {%- set is_opening = visits == 'opening_visits' -%}
    select
        platform,
        account,
        application_id,
        {{ as_text('null') }} as record_id,
        {{ as_int('null') }} as visit_in_record,
        {{ 1 if is_opening else 'period_number' }} as period_number,
        {{ as_text('null') if is_opening else 'role_step_id' }} as role_step_id,
        {{ "'applied'" if is_opening else 'stage' }} as stage,
        {{ 1 if is_opening else 'stage_rank' }} as stage_rank,
        {{ as_int('null') if is_opening else 'step_order' }} as step_order,
        {{ as_text('null') if is_opening else 'step_type' }} as step_type,
        {{ 'applied_at' if is_opening else 'entered_at' }} as entered_at,
        {{ 'applied_not_before' if is_opening else 'entered_not_before' }} as entered_not_before,
        {{ 'applied_not_after' if is_opening else 'entered_not_after' }} as entered_not_after,
        false as is_after_close,
        {{ as_text('null') }} as step_status,
        {{ as_text('null') }} as decision_status,
        {{ as_instant('null') }} as completed_at,
        {{ as_instant('null') }} as validated_at,
        {{ as_instant('null') }} as rejected_at,
        {{ as_double('null') }} as validation_score,
        {{ as_text('null') }} as rejection_reason,
        {{ as_text('null') }} as offer_response,
        {{ as_text('null') }} as offer_answer,
        {{ as_instant('null') }} as answered_not_before,
        {{ as_instant('null') }} as answered_not_after

    from {{ visits }}
    {%- if is_opening %}

    union all

    {% endif %}
    {%- endfor %}

),

numbered_visits as (

    select
        *,
        row_number() over (
            partition by application_id, coalesce(role_step_id, 'applied')
            order by entered_at, period_number, record_id, visit_in_record
        ) as visit_number

    from all_visits

),

-- Visits after the close stand outside the path: they neither follow nor precede anything.
followed_visits as (

    select
        *,
        lead(entered_at) over path as next_entered_at,
        lead(entered_not_before) over path as next_entered_not_before,
        lead(entered_not_after) over path as next_entered_not_after,
        lead(step_order) over path as next_step_order,
        lead(stage) over path as next_stage,
        lag(stage) over path as previous_stage

    from numbered_visits
    window
        path as (
            partition by application_id, period_number, is_after_close
            order by entered_at, coalesce(step_order, -1), role_step_id, visit_number
        )

),

-- The next entry, else the closing, else nothing: so visits tile the time from applied to close.
left_visits as (

    select
        followed_visits.*,
        closings.state as closing_state,
        case
            when followed_visits.is_after_close then null
            when followed_visits.next_entered_at is not null then followed_visits.next_entered_at
            -- An application that was made after its close, says the platform, has an opening visit of no length.
            when followed_visits.entered_at > closings.state_at then followed_visits.entered_at
            else closings.state_at
        end as left_at,
        case
            when followed_visits.is_after_close then null
            when followed_visits.next_entered_at is not null then followed_visits.next_entered_not_before
            when followed_visits.entered_at > closings.state_at then followed_visits.entered_not_before
            else closings.state_not_before
        end as left_not_before,
        case
            when followed_visits.is_after_close then null
            when followed_visits.next_entered_at is not null then followed_visits.next_entered_not_after
            when followed_visits.entered_at > closings.state_at then followed_visits.entered_not_after
            else closings.state_not_after
        end as left_not_after

    from followed_visits
    left join closings
        on
            followed_visits.application_id = closings.application_id
            and followed_visits.period_number = closings.period_number

),

path_visits as (

    select
        platform,
        account,
        application_id,
        role_step_id,
        stage,
        stage_rank,
        step_order,
        step_type,
        visit_number,
        period_number,
        entered_at,
        entered_not_before,
        entered_not_after,
        left_at,
        left_not_before,
        left_not_after,
        case
            when is_after_close then null
            when next_entered_at is not null and next_step_order < step_order then 'back'
            when next_entered_at is not null then 'forward'
            else coalesce(closing_state, 'open')
        end as exit_type,
        step_status,
        decision_status,
        completed_at,
        validated_at,
        rejected_at,
        validation_score,
        rejection_reason,
        offer_response,
        offer_answer,
        answered_not_before,
        answered_not_after,
        false as is_skipped,
        not is_after_close and left_at is null as is_current,
        is_after_close,
        not is_after_close and (previous_stage is null or previous_stage <> stage) as is_stage_entry,
        not is_after_close and left_at is not null and (next_stage is null or next_stage <> stage) as is_stage_exit

    from left_visits

),

skipped_records as (

    select
        step_versions.platform,
        step_versions.account,
        step_versions.application_id,
        step_versions.role_step_id,
        max(step_versions.stage) as stage,
        max(step_versions.step_order) as step_order,
        max(step_versions.step_type) as step_type

    from step_versions
    left join opened_visits
        on
            step_versions.application_id = opened_visits.application_id
            and step_versions.role_step_id = opened_visits.role_step_id
    where
        step_versions.is_current
        and step_versions.step_status = 'skipped'
        and opened_visits.application_id is null
    group by
        step_versions.platform,
        step_versions.account,
        step_versions.application_id,
        step_versions.role_step_id

),

-- A step is passed over when one behind it was entered, or the application is hired; else it was never reached.
passing_events as (

    select
        skipped_records.application_id,
        skipped_records.role_step_id,
        path_visits.period_number,
        path_visits.entered_at,
        path_visits.entered_not_before,
        path_visits.entered_not_after,
        0 as preference

    from skipped_records
    inner join path_visits
        on
            skipped_records.application_id = path_visits.application_id
            and skipped_records.step_order < path_visits.step_order
            and not path_visits.is_after_close

    union all

    select
        skipped_records.application_id,
        skipped_records.role_step_id,
        outcomes.period_number,
        outcomes.state_at as entered_at,
        outcomes.state_not_before as entered_not_before,
        outcomes.state_not_after as entered_not_after,
        1 as preference

    from skipped_records
    inner join outcomes
        on
            skipped_records.application_id = outcomes.application_id
            and outcomes.is_latest
            and outcomes.state = 'hired'

),

first_passing_events as (

    select
        *,
        row_number() over (
            partition by application_id, role_step_id
            order by preference, entered_at, entered_not_after
        ) as priority

    from passing_events

),

skipped_steps as (

    select
        skipped_records.platform,
        skipped_records.account,
        skipped_records.application_id,
        skipped_records.role_step_id,
        skipped_records.stage,
        role_steps.stage_rank,
        skipped_records.step_order,
        skipped_records.step_type,
        first_passing_events.period_number,
        first_passing_events.entered_at,
        first_passing_events.entered_not_before,
        first_passing_events.entered_not_after

    from skipped_records
    inner join first_passing_events
        on
            skipped_records.application_id = first_passing_events.application_id
            and skipped_records.role_step_id = first_passing_events.role_step_id
            and first_passing_events.priority = 1
    left join role_steps
        on skipped_records.role_step_id = role_steps.role_step_id

),

all_rows as (

    select * from path_visits

    union all

    select
        platform,
        account,
        application_id,
        role_step_id,
        stage,
        stage_rank,
        step_order,
        step_type,
        0 as visit_number,
        period_number,
        entered_at,
        entered_not_before,
        entered_not_after,
        entered_at as left_at,
        entered_not_before as left_not_before,
        entered_not_after as left_not_after,
        'forward' as exit_type,
        'skipped' as step_status,
        {{ as_text('null') }} as decision_status,
        {{ as_instant('null') }} as completed_at,
        {{ as_instant('null') }} as validated_at,
        {{ as_instant('null') }} as rejected_at,
        {{ as_double('null') }} as validation_score,
        {{ as_text('null') }} as rejection_reason,
        {{ as_text('null') }} as offer_response,
        {{ as_text('null') }} as offer_answer,
        {{ as_instant('null') }} as answered_not_before,
        {{ as_instant('null') }} as answered_not_after,
        true as is_skipped,
        false as is_current,
        false as is_after_close,
        false as is_stage_entry,
        false as is_stage_exit

    from skipped_steps

)

select
    platform,
    account,
    application_id,
    role_step_id,
    stage,
    {{ as_int('stage_rank') }} as stage_rank,
    {{ as_int('step_order') }} as step_order,
    step_type,
    {{ as_int('visit_number') }} as visit_number,
    {{ as_int('period_number') }} as period_number,
    entered_at,
    entered_not_before,
    entered_not_after,
    left_at,
    left_not_before,
    left_not_after,
    exit_type,
    step_status,
    decision_status,
    completed_at,
    validated_at,
    rejected_at,
    validation_score,
    rejection_reason,
    offer_response,
    offer_answer,
    answered_not_before,
    answered_not_after,
    is_skipped,
    is_current,
    is_after_close,
    is_stage_entry,
    is_stage_exit

from all_rows
