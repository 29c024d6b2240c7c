-- One row per week, role and stage: datable entries into the stage and exits from it in that week.
with

visits as (

    select * from {{ ref('fct_application_steps') }}

),

roles as (

    select * from {{ ref('dim_roles') }}

),

movements as (

    select
        platform,
        account,
        role_id,
        stage,
        application_id,
        'entered' as movement,
        {{ local_period('week', 'entered_at') }} as week_start

    from visits
    where
        is_stage_entry
        and is_entry_datable
        and not is_skipped
        and not is_after_close

    union all

    select
        platform,
        account,
        role_id,
        stage,
        application_id,
        exit_type as movement,
        {{ local_period('week', 'left_at') }} as week_start

    from visits
    where
        is_stage_exit
        and is_exit_datable
        and not is_skipped
        and not is_after_close
        and left_at is not null

),

week_counts as (

    select
        platform,
        account,
        week_start,
        role_id,
        stage,
        count(distinct case when movement = 'entered' then application_id end) as count_applications_entered,
        count(case when movement = 'entered' then 1 end) as count_entered,
        count(case when movement = 'forward' then 1 end) as count_left_forward,
        count(case when movement = 'back' then 1 end) as count_left_back,
        count(case when movement = 'rejected' then 1 end) as count_rejected,
        count(case when movement = 'withdrawn' then 1 end) as count_withdrawn,
        count(case when movement = 'hired' then 1 end) as count_hired,
        count(case when movement = 'vanished' then 1 end) as count_vanished

    from movements
    group by platform, account, week_start, role_id, stage

)

select
    week_counts.platform,
    week_counts.account,
    week_counts.week_start,
    week_counts.role_id,
    week_counts.stage,
    roles.role_name,
    roles.department,
    roles.organization_id,
    week_counts.count_applications_entered,
    week_counts.count_entered,
    week_counts.count_left_forward,
    week_counts.count_left_back,
    week_counts.count_rejected,
    week_counts.count_withdrawn,
    week_counts.count_hired,
    week_counts.count_vanished

from week_counts
left join roles
    on week_counts.role_id = roles.role_id
