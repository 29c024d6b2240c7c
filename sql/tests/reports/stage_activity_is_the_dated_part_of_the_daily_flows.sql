-- By role and stage, dated entries and exits plus the undated ones are those of the daily pipeline.
with

activity as (

    select
        role_id,
        stage,
        sum(count_entered) as count_entered,
        sum(
            count_left_forward + count_left_back + count_rejected + count_withdrawn + count_hired + count_vanished
        ) as count_exits

    from {{ ref('rpt_stage_activity') }}
    group by role_id, stage

),

daily as (

    select
        role_id,
        stage,
        sum(count_entered - count_undated_in) as count_entered,
        sum(
            count_left_forward + count_left_back + count_rejected + count_withdrawn + count_hired + count_vanished
            - count_undated_out
        ) as count_exits

    from {{ ref('fct_pipeline_daily') }}
    group by role_id, stage

)

select
    coalesce(activity.role_id, daily.role_id) as role_id,
    coalesce(activity.stage, daily.stage) as stage

from activity
full outer join daily
    on
        activity.role_id = daily.role_id
        and activity.stage = daily.stage
where
    coalesce(activity.count_entered, 0) <> coalesce(daily.count_entered, 0)
    or coalesce(activity.count_exits, 0) <> coalesce(daily.count_exits, 0)
