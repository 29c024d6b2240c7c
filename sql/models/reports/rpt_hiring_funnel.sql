-- One row per cohort month, role and stage: how many of those who applied then came that far, or further.
with

applications as (

    select * from {{ ref('fct_applications') }}

),

roles as (

    select * from {{ ref('dim_roles') }}

),

role_steps as (

    select * from {{ ref('dim_role_steps') }}

),

stages as (

    {{ canonical_stages() }}

),

role_stages as (

    select distinct
        role_id,
        stage

    from role_steps

),

cohort_applications as (

    select
        platform,
        account,
        role_id,
        outcome,
        is_visible,
        is_closed,
        furthest_stage_rank,
        case when {{ is_datable('applied') }} then {{ local_period('month', 'applied_at') }} end as cohort_month

    from applications

),

-- Counted by furthest stage first, so that the six stages multiply groups and never applications.
furthest_counts as (

    select
        platform,
        account,
        cohort_month,
        role_id,
        furthest_stage_rank,
        count(*) as count_applications,
        count(case when is_closed then 1 end) as n_closed,
        count(case when not is_closed and is_visible and outcome = 'open' then 1 end) as n_open,
        count(case when not is_closed and is_visible and outcome <> 'open' then 1 end) as n_unknown,
        count(case when not is_closed and not is_visible then 1 end) as n_vanished

    from cohort_applications
    group by platform, account, cohort_month, role_id, furthest_stage_rank

),

stage_counts as (

    select
        furthest_counts.platform,
        furthest_counts.account,
        furthest_counts.cohort_month,
        furthest_counts.role_id,
        stages.stage,
        stages.stage_rank,
        {{ as_int('sum(count_applications)') }} as count_applications,
        {{ as_int('sum(case when furthest_stage_rank >= stage_rank then count_applications else 0 end)') }}
            as count_reached,
        {{ as_int('sum(n_open)') }} as n_open,
        {{ as_int('sum(n_unknown)') }} as n_unknown,
        {{ as_int('sum(n_vanished)') }} as n_vanished,
        {{ as_int('sum(n_closed)') }} as n_closed,
        {{ as_int('sum(case when furthest_stage_rank >= stage_rank then n_closed else 0 end)') }}
            as count_reached_closed,
        {{ as_int('sum(case when furthest_stage_rank > stage_rank then n_closed else 0 end)') }}
            as count_further_closed

    from furthest_counts
    cross join stages
    group by
        furthest_counts.platform,
        furthest_counts.account,
        furthest_counts.cohort_month,
        furthest_counts.role_id,
        stages.stage,
        stages.stage_rank

),

-- After hired there is nothing to pass to, and nothing to lose.
passes as (

    select
        *,
        case when stage <> 'hired' then count_reached_closed end as count_passable_closed,
        case when stage <> 'hired' then count_further_closed end as count_passed_closed

    from stage_counts

)

select
    passes.platform,
    passes.account,
    passes.cohort_month,
    passes.role_id,
    passes.stage,
    roles.role_name,
    roles.department,
    roles.organization_id,
    {{ as_int('passes.stage_rank') }} as stage_rank,
    passes.stage in ('applied', 'hired') or role_stages.stage is not null as is_stage_in_role,
    passes.count_applications,
    passes.count_reached,
    passes.n_open,
    passes.n_unknown,
    passes.n_vanished,
    passes.n_closed,
    passes.count_reached_closed,
    passes.count_passed_closed,
    passes.count_reached_closed - passes.count_passed_closed as count_lost,
    {{ bounded_rate('reach', 'passes.count_reached_closed', 'passes.n_closed') }},
    {{ bounded_rate('pass', 'passes.count_passed_closed', 'passes.count_passable_closed') }}

from passes
left join roles
    on passes.role_id = roles.role_id
left join role_stages
    on
        passes.role_id = role_stages.role_id
        and passes.stage = role_stages.stage
