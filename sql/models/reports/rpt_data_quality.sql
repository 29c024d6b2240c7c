{%- set checks = quality_checks() -%}
{%- set severities = {'unmapped_value': 'error', 'future_timestamp': 'error'} -%}
{%- for check in checks -%}{%- do severities.update({check[0]: check[1]}) -%}{%- endfor -%}
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

words as (

    select * from {{ ref('int_values__counted') }}

),

records as (

    select * from {{ ref('int_records__counted') }}

),

-- Stubs are known by the applications that name them, so those say when they were first seen.
role_observations as (

    select
        role_id,
        min(first_observed_at) as first_observed_at

    from applications
    group by role_id

),

observed_roles as (

    select
        roles.*,
        role_observations.first_observed_at

    from roles
    left join role_observations
        on roles.role_id = role_observations.role_id

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

field_words as (

    select
        *,
        {{ as_int('sum(count_versions) over (partition by platform, account, field)') }} as count_checked

    from words

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

application_step_counts as (

    select
        application_id,
        count(role_step_id) as count_steps

    from visits
    group by application_id

),

observed_applications as (

    select
        applications.*,
        roles.role_state,
        coalesce(application_step_counts.count_steps, 0) as count_steps

    from applications
    left join roles
        on applications.role_id = roles.role_id
    left join application_step_counts
        on applications.application_id = application_step_counts.application_id

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

    -- Only words that are not mapped have a row; what was looked at is the whole field.
    select
        platform,
        account,
        'unmapped_value' as check_name,
        field || '=' || word as detail,
        count_checked,
        count_versions as count_failed,
        first_observed_at,
        last_observed_at

    from field_words
    where not is_mapped

    union all

    select
        platform,
        account,
        'future_timestamp' as check_name,
        table_name as detail,
        count_versions as count_checked,
        count_future_versions as count_failed,
        first_future_at as first_observed_at,
        last_future_at as last_observed_at

    from records

    union all

    {% for check in checks -%}
    {{ quality_check(
        check[0], rows=check[2], among=check[3], failed=check[4], observed_at=check[5], detail=check[6]
    ) }}
    {%- if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}

),

all_checks as (
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
    all_checks.check_name,
    measured.detail,
    all_checks.severity,
    coalesce(measured.count_checked, 0) as count_checked,
    coalesce(measured.count_failed, 0) as count_failed,
    {{ as_double('measured.count_failed') }} / nullif(measured.count_checked, 0) as share_failed,
    measured.first_observed_at,
    measured.last_observed_at

from accounts
cross join all_checks
left join measured
    on
        accounts.platform = measured.platform
        and accounts.account = measured.account
        and all_checks.check_name = measured.check_name
