-- One row per role (Tailed: job), those included that are only named by others: when it opened and closed, how far it is.
with

roles as (

    select * from {{ ref('int_roles__unioned') }}

),

applications as (

    select * from {{ ref('fct_applications') }}

),

named_applications as (

    select * from {{ ref('int_applications__unioned') }}

),

role_steps as (

    select * from {{ ref('int_role_steps__unioned') }}

),

lead_roles as (

    select * from {{ ref('stg_talent_ray__lead_roles_history') }}

),

member_roles as (

    select * from {{ ref('stg_talent_ray__cv_screening_batch_member_roles_history') }}

),

snapshots as (

    select * from {{ ref('stg_tailed__analytics_snapshots_history') }}

),

named_roles as (

    {% for relation in ['named_applications', 'lead_roles', 'member_roles', 'role_steps', 'snapshots'] -%}
    {%- set has_name = relation in ['named_applications', 'lead_roles', 'member_roles'] -%}
    select
        platform,
        account,
        role_id,
        max({{ 'role_name' if has_name else as_text('null') }}) as role_name,
        max({{ 'organization_id' if has_name else as_text('null') }}) as organization_id

    from {{ relation }}
    where role_id is not null
    group by platform, account, role_id
    {%- if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}

),

names as (

    select
        platform,
        account,
        role_id,
        max(role_name) as role_name,
        max(organization_id) as organization_id

    from named_roles
    group by platform, account, role_id

),

role_ids as (

    select
        platform,
        account,
        role_id

    from roles

    union

    select
        platform,
        account,
        role_id

    from names

),

current_roles as (

    select * from roles
    where is_current

),

state_versions as (

    select
        *,
        role_state in ('filled', 'closed') as is_over,
        lag(role_state) over (partition by role_id order by version_number) as previous_state,
        first_value(role_state) over (partition by role_id order by version_number) as first_state

    from roles

),

-- First seen as a draft, so the version that opened it was seen too.
openings as (

    select
        role_id,
        observed_at as opened_at,
        version_not_before as opened_not_before,
        row_number() over (partition by role_id order by version_number) as opening_number

    from state_versions
    where
        first_state = 'draft'
        and role_state = 'open'
        and previous_state <> 'open'

),

-- The last version that ended the role after it had been running.
endings as (

    select
        role_id,
        observed_at as closed_at,
        version_not_before as closed_not_before,
        row_number() over (partition by role_id order by version_number desc) as recency

    from state_versions
    where
        is_over
        and previous_state not in ('filled', 'closed')

),

state_changes as (

    select
        *,
        lead(observed_at) over (partition by role_id order by version_number) as next_change_at,
        lead(version_not_before) over (partition by role_id order by version_number) as next_change_not_before

    from state_versions
    where
        previous_state is null
        or previous_state <> role_state

),

holds as (

    select
        role_id,
        observed_at as began_at,
        version_not_before as began_not_before,
        observed_at as began_not_after,
        next_change_at as ended_at,
        next_change_not_before as ended_not_before,
        next_change_at as ended_not_after

    from state_changes
    where
        role_state = 'on_hold'
        and next_change_at is not null

),

hold_days as (

    select
        role_id,
        sum({{ days_between('began_at', 'ended_at') }}) as days_on_hold

    from holds
    where
        {{ is_datable('began') }}
        and {{ is_datable('ended') }}
    group by role_id

),

application_counts as (

    select
        role_id,
        count(*) as count_applications,
        count(case when is_in_pipeline then 1 end) as count_in_pipeline,
        count(case when outcome = 'hired' then 1 end) as count_hires

    from applications
    group by role_id

),

dated_roles as (

    select
        current_roles.*,
        case
            when current_roles.opened_at is not null then current_roles.opened_at
            when state_versions.first_state = 'draft' then openings.opened_at
            else current_roles.created_at
        end as began_at,
        case
            when current_roles.opened_at is not null then current_roles.opened_at
            when state_versions.first_state = 'draft' then openings.opened_not_before
            else current_roles.created_at
        end as began_not_before,
        case
            when current_roles.closed_at is not null then current_roles.closed_at
            when state_versions.is_over then endings.closed_at
        end as ended_at,
        case
            when current_roles.closed_at is not null then current_roles.closed_at
            when state_versions.is_over then endings.closed_not_before
        end as ended_not_before

    from current_roles
    left join state_versions
        on
            current_roles.role_id = state_versions.role_id
            and current_roles.version_number = state_versions.version_number
    left join openings
        on
            current_roles.role_id = openings.role_id
            and openings.opening_number = 1
    left join endings
        on
            current_roles.role_id = endings.role_id
            and endings.recency = 1

)

select
    role_ids.role_id,
    role_ids.platform,
    role_ids.account,
    coalesce(
        dated_roles.source_id,
        {{ own_id('role_ids.role_id', 'role_ids.platform', 'role_ids.account') }}
    ) as source_id,
    coalesce(dated_roles.role_name, names.role_name) as role_name,
    coalesce(dated_roles.organization_id, names.organization_id) as organization_id,
    dated_roles.role_status,
    coalesce(dated_roles.role_state, 'unknown') as role_state,
    dated_roles.priority,
    dated_roles.department,
    dated_roles.location,
    dated_roles.work_type,
    dated_roles.role_level,
    dated_roles.is_public,
    dated_roles.target_hire_count,
    dated_roles.salary_min,
    dated_roles.salary_max,
    dated_roles.salary_currency,
    dated_roles.salary_period,
    dated_roles.began_at as opened_at,
    dated_roles.began_not_before as opened_not_before,
    dated_roles.began_at as opened_not_after,
    dated_roles.ended_at as closed_at,
    dated_roles.ended_not_before as closed_not_before,
    dated_roles.ended_at as closed_not_after,
    case when dated_roles.role_id is not null then {{ as_double('coalesce(hold_days.days_on_hold, 0)') }} end as days_on_hold,
    coalesce(dated_roles.is_visible, false) as is_visible,
    dated_roles.role_id is null as is_stub,
    {{ as_int('coalesce(application_counts.count_applications, 0)') }} as count_applications,
    {{ as_int('coalesce(application_counts.count_in_pipeline, 0)') }} as count_in_pipeline,
    {{ as_int('coalesce(application_counts.count_hires, 0)') }} as count_hires

from role_ids
left join dated_roles
    on role_ids.role_id = dated_roles.role_id
left join names
    on role_ids.role_id = names.role_id
left join hold_days
    on role_ids.role_id = hold_days.role_id
left join application_counts
    on role_ids.role_id = application_counts.role_id
