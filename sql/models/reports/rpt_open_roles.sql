-- One row per visible role in state open: how full its pipeline is, and how many hires to expect of it.
with

roles as (

    select * from {{ ref('dim_roles') }}

),

applications as (

    select * from {{ ref('fct_applications') }}

),

visits as (

    select * from {{ ref('fct_application_steps') }}

),

accounts as (

    select * from {{ ref('int_accounts__dated') }}

),

open_roles as (

    select
        roles.platform,
        roles.account,
        roles.role_id,
        roles.role_name,
        roles.department,
        roles.organization_id,
        roles.opened_at,
        roles.target_hire_count,
        roles.count_hires,
        accounts.as_of_at,
        case when {{ is_datable('roles.opened') }} then roles.opened_at end as dated_opened_at,
        -- A role without a target, or with none left to fill, is opened for one hire, as in rpt_time_to_fill.
        greatest(0, greatest(1, coalesce(roles.target_hire_count, 1)) - roles.count_hires) as count_remaining

    from roles
    left join accounts
        on
            roles.platform = accounts.platform
            and roles.account = accounts.account
    where
        roles.is_visible
        and roles.role_state = 'open'

),

standing_applications as (

    select
        platform,
        account,
        role_id,
        case
            when current_stage in ('applied', 'screening', 'assessment', 'interview', 'offer') then current_stage
            else 'unknown'
        end as stage

    from applications
    where is_in_pipeline

),

stage_counts as (

    select
        platform,
        account,
        role_id,
        stage,
        count(*) as count_standing

    from standing_applications
    group by platform, account, role_id, stage

),

-- The chance of a hire from a stage on, by the whole account: one role has too few closed applications.
closed_counts as (

    select
        platform,
        account,
        furthest_stage_rank,
        count(*) as n_closed,
        count(case when outcome = 'hired' then 1 end) as count_hired

    from applications
    where is_closed
    group by platform, account, furthest_stage_rank

),

stages as (

    {{ canonical_stages() }}

),

stage_chances as (

    select
        closed_counts.platform,
        closed_counts.account,
        stages.stage,
        case
            when sum(closed_counts.n_closed) >= {{ var('stalled_min_n') }} then
                {{ as_double('sum(closed_counts.count_hired)') }}
                / {{ as_double('sum(closed_counts.n_closed)') }}
        end as chance_of_hire

    from closed_counts
    inner join stages
        on closed_counts.furthest_stage_rank >= stages.stage_rank
    group by closed_counts.platform, closed_counts.account, stages.stage

),

role_stage_counts as (

    select
        stage_counts.role_id,
        {% for stage in ['applied', 'screening', 'assessment', 'interview', 'offer', 'unknown'] -%}
        max(case when stage_counts.stage = '{{ stage }}' then stage_counts.count_standing else 0 end) as count_{{ stage }},
        {% endfor -%}
        -- One stage whose chance is not known makes the whole expectation unknown.
        count(
            case when stage_counts.stage <> 'unknown' and stage_chances.chance_of_hire is null then 1 end
        ) as count_unknown_chances,
        sum(
            case when stage_counts.stage <> 'unknown' then stage_counts.count_standing * stage_chances.chance_of_hire end
        ) as expected_hires

    from stage_counts
    left join stage_chances
        on
            stage_counts.platform = stage_chances.platform
            and stage_counts.account = stage_chances.account
            and stage_counts.stage = stage_chances.stage
    group by stage_counts.role_id

),

recent_applications as (

    select
        open_roles.role_id,
        count(*) as count_applications_30d

    from open_roles
    inner join applications
        on open_roles.role_id = applications.role_id
    where
        {{ is_datable('applications.applied') }}
        and {{ days_between('applications.applied_at', 'open_roles.as_of_at') }} <= 30
    group by open_roles.role_id

),

-- Vanishing is a change of what the key sees, not a movement in the pipeline.
movements as (

    select
        role_id,
        case when is_entry_datable then entered_at end as moved_at

    from visits
    where not is_skipped and not is_after_close

    union all

    select
        role_id,
        case when is_exit_datable and exit_type <> 'vanished' then left_at end as moved_at

    from visits
    where not is_skipped and not is_after_close

),

last_movements as (

    select
        role_id,
        max(moved_at) as last_movement_at

    from movements
    group by role_id

),

figures as (

    select
        open_roles.*,
        {% for stage in ['applied', 'screening', 'assessment', 'interview', 'offer', 'unknown'] -%}
        coalesce(role_stage_counts.count_{{ stage }}, 0) as count_{{ stage }},
        {% endfor -%}
        coalesce(recent_applications.count_applications_30d, 0) as count_applications_30d,
        last_movements.last_movement_at,
        case
            when coalesce(role_stage_counts.count_unknown_chances, 0) = 0 then coalesce(role_stage_counts.expected_hires, 0)
        end as expected_hires

    from open_roles
    left join role_stage_counts
        on open_roles.role_id = role_stage_counts.role_id
    left join recent_applications
        on open_roles.role_id = recent_applications.role_id
    left join last_movements
        on open_roles.role_id = last_movements.role_id

)

select
    platform,
    account,
    role_id,
    role_name,
    department,
    organization_id,
    opened_at,
    {{ age_in_days('dated_opened_at', 'as_of_at') }} as days_open,
    target_hire_count,
    count_hires,
    {{ as_int('count_remaining') }} as count_remaining,
    count_applied,
    count_screening,
    count_assessment,
    count_interview,
    count_offer,
    count_unknown,
    count_applications_30d,
    last_movement_at,
    {{ age_in_days('last_movement_at', 'as_of_at') }} as days_since_movement,
    {{ as_double('expected_hires') }} as expected_hires,
    {{ as_double('expected_hires') }} / nullif(count_remaining, 0) as coverage

from figures
