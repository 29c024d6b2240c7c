-- One row per application and event: what happened to it, in order, with the bounds of each.
with

visits as (

    select * from {{ ref('int_visits__chained') }}

),

outcomes as (

    select * from {{ ref('int_application_outcomes__observed') }}

),

applications as (

    select * from {{ ref('int_applications__unioned') }}

),

path_visits as (

    select
        *,
        -- An offer step is the offer; a contract step only where a role has no offer step.
        row_number() over (
            partition by application_id, stage
            order by
                case when stage = 'offer' and lower(trim(step_type)) = 'offer' then 0 else 1 end,
                period_number,
                entered_at,
                coalesce(step_order, -1),
                role_step_id,
                visit_number
        ) as visit_of_stage

    from visits
    where
        not is_skipped
        and not is_after_close

),

first_visits as (

    select * from path_visits
    where
        visit_of_stage = 1
        and stage in ('screening', 'assessment', 'interview', 'offer')

),

offer_answers as (

    select
        *,
        coalesce(completed_at, validated_at) as exact_at

    from first_visits
    where
        stage = 'offer'
        and offer_response is not null

),

final_states as (

    select * from outcomes
    where
        is_latest
        and not is_in_pipeline

),

reopenings as (

    select * from outcomes
    where is_reopening

),

events as (

    select
        platform,
        account,
        application_id,
        'applied' as event,
        'applied' as stage,
        applied_at as event_at,
        applied_not_before as not_before,
        applied_not_after as not_after

    from applications

    union all

    select
        platform,
        account,
        application_id,
        stage as event,
        stage,
        entered_at as event_at,
        entered_not_before as not_before,
        entered_not_after as not_after

    from first_visits

    union all

    select
        platform,
        account,
        application_id,
        'offer_answered' as event,
        stage,
        coalesce(exact_at, answered_not_after) as event_at,
        coalesce(exact_at, answered_not_before) as not_before,
        coalesce(exact_at, answered_not_after) as not_after

    from offer_answers

    union all

    select
        platform,
        account,
        application_id,
        'reopened' as event,
        {{ as_text('null') }} as stage,
        state_at as event_at,
        state_not_before as not_before,
        state_not_after as not_after

    from reopenings

    union all

    select
        platform,
        account,
        application_id,
        state as event,
        {{ as_text('null') }} as stage,
        state_at as event_at,
        state_not_before as not_before,
        state_not_after as not_after

    from final_states

)

select
    platform,
    account,
    application_id,
    event,
    stage,
    event_at,
    not_before,
    not_after,
    {{ as_int('row_number() over (partition by application_id order by event_at, not_after, event)') }} as position

from events
