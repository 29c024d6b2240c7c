-- One row per role step (Tailed: job and stage text), with the stage it means; steps that only applications name included.
{{ config(materialized='table') }}
with

template_steps as (

    select * from {{ ref('stg_talent_ray__role_steps_history') }}

),

candidate_steps as (

    select * from {{ ref('stg_talent_ray__candidate_steps_history') }}

),

tailed_applications as (

    select * from {{ ref('stg_tailed__applications_history') }}

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

current_template_steps as (

    select * from template_steps
    where is_current

),

-- A step record without a role step shares the step `(none)` of its account with all others of that kind.
named_only as (

    select
        candidate_steps.platform,
        candidate_steps.account,
        candidate_steps.role_step_id,
        candidate_steps.role_id,
        candidate_steps.step_name,
        candidate_steps.step_type,
        candidate_steps.step_order,
        row_number() over (
            partition by candidate_steps.role_step_id
            order by candidate_steps.observed_at desc, candidate_steps.role_id, candidate_steps.candidate_step_id
        ) as recency

    from candidate_steps
    left join current_template_steps
        on candidate_steps.role_step_id = current_template_steps.role_step_id
    where current_template_steps.role_step_id is null

),

talent_ray_steps as (

    select
        platform,
        account,
        role_step_id,
        role_id,
        step_name,
        step_type,
        step_order,
        validation_type,
        passing_score,
        is_required,
        is_skippable,
        is_visible,
        false as is_stub

    from current_template_steps

    union all

    select
        platform,
        account,
        role_step_id,
        role_id,
        step_name,
        step_type,
        step_order,
        {{ as_text('null') }} as validation_type,
        {{ as_double('null') }} as passing_score,
        {{ as_bool('null') }} as is_required,
        {{ as_bool('null') }} as is_skippable,
        false as is_visible,
        true as is_stub

    from named_only
    where recency = 1

),

mapped_steps as (

    select
        talent_ray_steps.*,
        by_name.stage as stage_by_name,
        by_type.stage as stage_by_type,
        case
            when coalesce(by_name.stage, by_type.stage) <> 'inherit' then coalesce(by_name.stage, by_type.stage)
        end as own_stage

    from talent_ray_steps
    left join status_map as by_name
        on
            by_name.platform = 'talent_ray'
            and by_name.field = 'step_name'
            and lower(trim(talent_ray_steps.step_name)) = by_name.value
    left join status_map as by_type
        on
            by_type.platform = 'talent_ray'
            and by_type.field = 'step_type'
            and lower(trim(talent_ray_steps.step_type)) = by_type.value

),

-- Steps with a stage of their own start a group; the steps behind them, up to the next one, inherit its stage.
grouped_steps as (

    select
        *,
        count(own_stage) over (
            partition by role_id
            order by coalesce(step_order, -1), case when own_stage is null then 0 else 1 end, role_step_id
            rows between unbounded preceding and current row
        ) as stage_group

    from mapped_steps

),

inherited_steps as (

    select
        *,
        max(own_stage) over (partition by role_id, stage_group) as nearest_stage

    from grouped_steps

),

staged_steps as (

    select
        platform,
        account,
        role_step_id,
        role_id,
        step_name,
        step_type,
        step_order,
        case
            when own_stage is not null then own_stage
            when coalesce(stage_by_name, stage_by_type) = 'inherit' then coalesce(nearest_stage, 'applied')
            else 'unknown'
        end as stage,
        case
            when coalesce(stage_by_name, stage_by_type) is null then 'unknown'
            when own_stage is null then 'inherited'
            when stage_by_name is not null then 'step_name'
            else 'step_type'
        end as stage_basis,
        validation_type,
        passing_score,
        is_required,
        is_skippable,
        is_visible,
        is_stub

    from inherited_steps

),

-- Tailed has no template: a job has the stages that its applications were seen in. A word that tells an outcome is none.
tailed_stages as (

    select distinct
        tailed_applications.platform,
        tailed_applications.account,
        tailed_applications.role_step_id,
        tailed_applications.role_id,
        tailed_applications.stage_text,
        coalesce(status_map.stage, 'unknown') as stage

    from tailed_applications
    left join status_map
        on
            status_map.platform = 'tailed'
            and status_map.field = 'stage'
            and tailed_applications.stage_text = status_map.value
    where
        status_map.outcome is null
        and coalesce(status_map.stage, 'unknown') <> 'hired'

)

select
    platform,
    account,
    role_step_id,
    role_id,
    step_name,
    step_type,
    step_order,
    stage,
    {{ as_int(stage_rank('stage')) }} as stage_rank,
    stage_basis,
    validation_type,
    passing_score,
    is_required,
    is_skippable,
    is_visible,
    is_stub

from staged_steps

union all

select
    platform,
    account,
    role_step_id,
    role_id,
    stage_text as step_name,
    {{ as_text('null') }} as step_type,
    {{ as_int(stage_rank('stage')) }} as step_order,
    stage,
    {{ as_int(stage_rank('stage')) }} as stage_rank,
    case when stage = 'unknown' then 'unknown' else 'step_name' end as stage_basis,
    {{ as_text('null') }} as validation_type,
    {{ as_double('null') }} as passing_score,
    {{ as_bool('null') }} as is_required,
    {{ as_bool('null') }} as is_skippable,
    true as is_visible,
    false as is_stub

from tailed_stages
