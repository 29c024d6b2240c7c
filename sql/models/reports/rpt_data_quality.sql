{%- set severities = {
    'unmapped_value': 'error',
    'conflicting_outcome': 'warning',
    'stub_role': 'warning',
    'stub_candidate': 'warning',
    'stub_step': 'warning',
    'application_without_steps': 'info',
    'steps_out_of_order': 'info',
    'role_stages_out_of_order': 'warning',
    'visit_after_close': 'warning',
    'open_application_on_closed_role': 'warning',
    'undated_entry': 'info',
    'undated_close': 'warning',
    'wide_bounds': 'info',
    'future_timestamp': 'error',
    'negative_duration': 'error',
    'score_out_of_range': 'error',
    'lead_with_unknown_candidate': 'warning',
    'unproven_sweep': 'error',
} -%}
-- One row per account, check and detail (null: the whole check): how many rows were looked at, and how many failed.
with

accounts as (

    select * from {{ ref('int_accounts__dated') }}

),

applications as (

    select * from {{ ref('fct_applications') }}

),

visits as (

    select * from {{ ref('fct_application_steps') }}

),

roles as (

    select * from {{ ref('dim_roles') }}

),

role_steps as (

    select * from {{ ref('dim_role_steps') }}

),

candidates as (

    select * from {{ ref('dim_candidates') }}

),

leads as (

    select * from {{ ref('fct_leads') }}

),

events as (

    select * from {{ ref('int_application_events__ordered') }}

),

sweeps as (

    select * from {{ source('meta', 'sweeps') }}

),

status_map as (

    select * from {{ ref('status_map') }}

),

-- Stubs are known by the applications that name them, so those say when they were first seen.
role_observations as (

    select
        role_id,
        min(first_observed_at) as first_observed_at

    from applications
    group by role_id

),

candidate_observations as (

    select
        candidate_id,
        min(first_observed_at) as first_observed_at

    from applications
    group by candidate_id

),

observed_roles as (

    select
        roles.*,
        role_observations.first_observed_at

    from roles
    left join role_observations
        on roles.role_id = role_observations.role_id

),

observed_candidates as (

    select
        candidates.platform,
        candidates.account,
        candidates.candidate_id,
        candidates.is_stub,
        candidate_observations.first_observed_at

    from candidates
    left join candidate_observations
        on candidates.candidate_id = candidate_observations.candidate_id

),

observed_role_steps as (

    select
        role_steps.*,
        role_observations.first_observed_at,
        lag(role_steps.stage_rank) over (
            partition by role_steps.role_id
            order by role_steps.step_order, role_steps.role_step_id
        ) as previous_stage_rank

    from role_steps
    left join role_observations
        on role_steps.role_id = role_observations.role_id

),

staged_roles as (

    select
        platform,
        account,
        role_id,
        min(first_observed_at) as first_observed_at,
        count(case when stage_rank < previous_stage_rank then 1 end) > 0 as has_stages_out_of_order

    from observed_role_steps
    group by platform, account, role_id

),

mapped_values as (

    select
        platform,
        account,
        case when platform = 'tailed' then 'status' else 'application_status' end as field,
        application_status as raw_value,
        first_observed_at

    from applications

    union all

    select
        platform,
        account,
        case when platform = 'tailed' then 'job_status' else 'role_status' end as field,
        role_status as raw_value,
        first_observed_at

    from observed_roles

    union all

    select
        platform,
        account,
        case when platform = 'tailed' then 'stage' else 'step_type' end as field,
        case when platform = 'tailed' then step_name else step_type end as raw_value,
        first_observed_at

    from observed_role_steps
    -- A step that the map knows by its name needs no word for its type.
    where stage_basis <> 'step_name'

),

value_counts as (

    select
        platform,
        account,
        field,
        lower(trim(raw_value)) as mapped_value,
        count(*) as count_rows,
        min(first_observed_at) as first_observed_at,
        max(first_observed_at) as last_observed_at

    from mapped_values
    where raw_value is not null
    group by platform, account, field, lower(trim(raw_value))

),

mapped_words as (

    select distinct
        platform,
        field,
        lower(trim(value)) as mapped_value

    from status_map

),

field_counts as (

    select
        value_counts.*,
        sum(value_counts.count_rows) over (
            partition by value_counts.platform, value_counts.account, value_counts.field
        ) as count_checked,
        mapped_words.mapped_value is null as is_unmapped

    from value_counts
    left join mapped_words
        on
            value_counts.platform = mapped_words.platform
            and value_counts.field = mapped_words.field
            and value_counts.mapped_value = mapped_words.mapped_value

),

path_visits as (

    select
        visits.*,
        lag(step_order) over (partition by application_id order by position) as previous_step_order

    from visits
    where
        not is_skipped
        and not is_after_close

),

applications_on_roles as (

    select
        applications.platform,
        applications.account,
        applications.first_observed_at,
        roles.role_state

    from applications
    left join roles
        on applications.role_id = roles.role_id
    where applications.is_in_pipeline

),

stepped_applications as (

    select
        application_id,
        count(role_step_id) as count_steps

    from visits
    group by application_id

),

applications_with_steps as (

    select
        applications.platform,
        applications.account,
        applications.first_observed_at,
        coalesce(stepped_applications.count_steps, 0) as count_steps

    from applications
    left join stepped_applications
        on applications.application_id = stepped_applications.application_id

),

closed_applications as (

    select
        platform,
        account,
        first_observed_at,
        {{ is_datable('closed') }} as is_datable

    from applications
    where is_closed

),

durations as (

    select
        platform,
        account,
        'applied to closed' as duration_name,
        closed_at < applied_at as is_negative,
        first_observed_at as observed_at

    from applications
    where is_closed

    union all

    select
        platform,
        account,
        'completed to decided' as duration_name,
        decided_at < completed_at as is_negative,
        entered_not_after as observed_at

    from visits
    where
        completed_at is not null
        and decided_at is not null

),

event_bounds as (

    select
        platform,
        account,
        not_after as observed_at,
        not_before is not null
        and {{ days_between('not_before', 'not_after') }} > {{ var('datable_within_days') }} as is_wide

    from events

),

scores as (

    {% for score in ['overall_fit_score', 'resume_fit_score'] -%}
    select
        platform,
        account,
        '{{ score }}' as score_name,
        {{ score }} as score,
        first_observed_at as observed_at

    from applications
    where {{ score }} is not null

    union all

    {% endfor -%}
    select
        platform,
        account,
        'validation_score' as score_name,
        validation_score as score,
        entered_not_after as observed_at

    from visits
    where validation_score is not null

),

lead_candidates as (

    select
        leads.platform,
        leads.account,
        leads.created_at,
        coalesce(candidates.is_stub, true) as is_unknown

    from leads
    left join candidates
        on leads.candidate_id = candidates.candidate_id
    where leads.candidate_id is not null

),

read_sweeps as (

    select
        sweeps.platform,
        sweeps.account,
        sweeps.resource,
        sweeps.ended_at,
        sweeps.verdict not in ('proven', 'count_complete') as is_unproven

    from sweeps
    inner join accounts
        on
            sweeps.platform = accounts.platform
            and sweeps.account = accounts.account
    where
        sweeps.verdict <> 'skipped'
        {%- if var('as_of') %}
        and sweeps.ended_at <= accounts.as_of_at
        {%- endif %}

),

measured as (

    select
        platform,
        account,
        'unmapped_value' as check_name,
        field || '=' || mapped_value as detail,
        {{ as_int('count_checked') }} as count_checked,
        count_rows as count_failed,
        first_observed_at,
        last_observed_at

    from field_counts
    where is_unmapped

    union all

    {{ quality_check('conflicting_outcome', 'applications', 'has_conflict', 'first_observed_at') }}

    union all

    {{ quality_check('stub_role', 'observed_roles', 'is_stub', 'first_observed_at') }}

    union all

    {{ quality_check('stub_candidate', 'observed_candidates', 'is_stub', 'first_observed_at') }}

    union all

    {{ quality_check('stub_step', 'observed_role_steps', 'is_stub', 'first_observed_at') }}

    union all

    {{ quality_check('application_without_steps', 'applications_with_steps', 'count_steps = 0', 'first_observed_at') }}

    union all

    -- First entered after a step that comes later in the role's order; a second visit is a move back, not disorder.
    {{ quality_check(
        'steps_out_of_order', 'path_visits', 'visit_number = 1 and step_order < previous_step_order', 'entered_not_after'
    ) }}

    union all

    {{ quality_check('role_stages_out_of_order', 'staged_roles', 'has_stages_out_of_order', 'first_observed_at') }}

    union all

    {{ quality_check('visit_after_close', 'visits', 'is_after_close', 'entered_not_after') }}

    union all

    {{ quality_check(
        'open_application_on_closed_role', 'applications_on_roles', "role_state in ('filled', 'closed')", 'first_observed_at'
    ) }}

    union all

    {{ quality_check('undated_entry', 'path_visits', 'not is_entry_datable', 'entered_not_after') }}

    union all

    {{ quality_check('undated_close', 'closed_applications', 'not is_datable', 'first_observed_at') }}

    union all

    {{ quality_check('wide_bounds', 'event_bounds', 'is_wide', 'observed_at') }}

    union all

    {{ quality_check('negative_duration', 'durations', 'is_negative', 'observed_at', 'duration_name') }}

    union all

    {{ quality_check('score_out_of_range', 'scores', 'score < 0 or score > 100', 'observed_at', 'score_name') }}

    union all

    {{ quality_check('lead_with_unknown_candidate', 'lead_candidates', 'is_unknown', 'created_at') }}

    union all

    {{ quality_check('unproven_sweep', 'read_sweeps', 'is_unproven', 'ended_at', 'resource') }}

),

checks as (
    {% for check_name, severity in severities.items() %}
    select '{{ check_name }}' as check_name, '{{ severity }}' as severity
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}

)

select
    accounts.platform,
    accounts.account,
    checks.check_name,
    measured.detail,
    checks.severity,
    coalesce(measured.count_checked, 0) as count_checked,
    coalesce(measured.count_failed, 0) as count_failed,
    {{ as_double('measured.count_failed') }} / nullif(measured.count_checked, 0) as share_failed,
    measured.first_observed_at,
    measured.last_observed_at

from accounts
cross join checks
left join measured
    on
        accounts.platform = measured.platform
        and accounts.account = measured.account
        and checks.check_name = measured.check_name
