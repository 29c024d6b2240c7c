-- One row per role and step (null: before the first step): how long visits that ended lately lasted, and how they ended.
with

visits as (

    select * from {{ ref('fct_application_steps') }}

),

roles as (

    select * from {{ ref('dim_roles') }}

),

role_steps as (

    select * from {{ ref('dim_role_steps') }}

),

accounts as (

    select * from {{ ref('int_accounts__dated') }}

),

aged_visits as (

    select
        visits.platform,
        visits.account,
        visits.role_id,
        visits.role_step_id,
        visits.stage,
        visits.exit_type,
        visits.is_skipped,
        visits.days_in_step,
        visits.days_to_decide,
        visits.is_exit_datable,
        case when visits.is_entry_datable then visits.days_so_far end as days_so_far,
        visits.left_at is null as is_open,
        visits.left_at is not null
        and {{ days_between('visits.left_at', 'accounts.as_of_at') }} <= {{ var('report_window_days') }} as is_in_window

    from visits
    left join accounts
        on
            visits.platform = accounts.platform
            and visits.account = accounts.account
    where not visits.is_after_close

),

told_visits as (

    select
        *,
        is_in_window and not is_skipped as is_ended,
        is_in_window and not is_skipped and is_exit_datable as is_ended_datable

    from aged_visits
    where is_in_window or is_open

),

step_figures as (

    select
        platform,
        account,
        role_id,
        role_step_id,
        min(stage) as stage,
        {{ spread('days_in_step', 'case when is_ended then days_in_step end') }},
        {{ spread('days_to_decide', 'case when is_ended then days_to_decide end') }},
        count(case when is_open then 1 end) as n_open,
        {{ guarded_percentile(0.5, 'case when is_open then days_so_far end') }} as median_days_so_far,
        count(case when is_skipped then 1 end) as count_skipped,
        count(case when is_ended_datable and exit_type = 'forward' then 1 end) as count_left_forward,
        count(case when is_ended_datable and exit_type = 'back' then 1 end) as count_left_back,
        count(case when is_ended_datable and exit_type = 'rejected' then 1 end) as count_rejected,
        count(case when is_ended_datable and exit_type = 'withdrawn' then 1 end) as count_withdrawn,
        count(case when is_ended_datable and exit_type = 'hired' then 1 end) as count_hired,
        count(case when is_ended_datable and exit_type = 'vanished' then 1 end) as count_vanished,
        count(case when is_ended and not is_exit_datable then 1 end) as count_undated

    from told_visits
    group by platform, account, role_id, role_step_id

)

select
    step_figures.platform,
    step_figures.account,
    step_figures.role_id,
    step_figures.role_step_id,
    roles.role_name,
    roles.department,
    roles.organization_id,
    role_steps.step_name,
    role_steps.step_order,
    coalesce(role_steps.stage, step_figures.stage) as stage,
    step_figures.n_days_in_step,
    step_figures.median_days_in_step,
    step_figures.p75_days_in_step,
    step_figures.p90_days_in_step,
    step_figures.n_days_to_decide,
    step_figures.median_days_to_decide,
    step_figures.p75_days_to_decide,
    step_figures.p90_days_to_decide,
    step_figures.n_open,
    step_figures.median_days_so_far,
    step_figures.count_skipped,
    step_figures.count_left_forward,
    step_figures.count_left_back,
    step_figures.count_rejected,
    step_figures.count_withdrawn,
    step_figures.count_hired,
    step_figures.count_vanished,
    step_figures.count_undated,
    step_figures.n_days_in_step * step_figures.median_days_in_step
    / nullif(
        sum(step_figures.n_days_in_step * step_figures.median_days_in_step)
            over (partition by step_figures.platform, step_figures.account, step_figures.role_id),
        0
    ) as share_of_time

from step_figures
left join roles
    on step_figures.role_id = roles.role_id
left join role_steps
    on step_figures.role_step_id = role_steps.role_step_id
