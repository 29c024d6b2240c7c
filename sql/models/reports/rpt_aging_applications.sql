-- One row per application in the pipeline: how long it has stood where it stands, against what is usual there.
with

applications as (

    select * from {{ ref('fct_applications') }}

),

visits as (

    select * from {{ ref('fct_application_steps') }}

),

roles as (

    select * from {{ ref('dim_roles') }}

),

finished_visits as (

    select
        platform,
        account,
        role_step_id,
        stage,
        days_in_step

    from visits
    where
        days_in_step is not null
        and not is_skipped
        and not is_after_close

),

-- The wait before the first step has no step of its own: it is compared within its stage.
step_spreads as (

    select
        role_step_id,
        {{ percentile(0.9, 'days_in_step') }} as p90_days

    from finished_visits
    where role_step_id is not null
    group by role_step_id
    having count(*) >= {{ var('stalled_min_n') }}

),

stage_spreads as (

    select
        platform,
        account,
        stage,
        {{ percentile(0.9, 'days_in_step') }} as p90_days

    from finished_visits
    group by platform, account, stage
    having count(*) >= {{ var('stalled_min_n') }}

),

current_visits as (

    select
        application_id,
        is_entry_datable

    from visits
    where is_current

),

compared as (

    select
        applications.platform,
        applications.account,
        applications.application_id,
        applications.role_id,
        applications.current_role_step_id as role_step_id,
        applications.current_stage as stage,
        roles.role_name,
        roles.department,
        roles.organization_id,
        applications.days_in_pipeline,
        applications.days_in_current_step,
        coalesce(step_spreads.p90_days, stage_spreads.p90_days) as typical_p90_days,
        case
            when step_spreads.p90_days is not null then 'step'
            when stage_spreads.p90_days is not null then 'stage'
            else 'fixed'
        end as stalled_rule,
        coalesce(current_visits.is_entry_datable, false) as is_entry_datable

    from applications
    left join current_visits
        on applications.application_id = current_visits.application_id
    left join step_spreads
        on applications.current_role_step_id = step_spreads.role_step_id
    left join stage_spreads
        on
            applications.platform = stage_spreads.platform
            and applications.account = stage_spreads.account
            and applications.current_stage = stage_spreads.stage
    left join roles
        on applications.role_id = roles.role_id
    where applications.is_in_pipeline

)

select
    platform,
    account,
    application_id,
    role_id,
    role_step_id,
    stage,
    role_name,
    department,
    organization_id,
    days_in_pipeline,
    days_in_current_step,
    typical_p90_days,
    stalled_rule,
    coalesce(days_in_current_step > coalesce(typical_p90_days, {{ var('stalled_days') }}), false) as is_stalled,
    is_entry_datable

from compared
