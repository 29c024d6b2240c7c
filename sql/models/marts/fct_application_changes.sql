-- One row per application, step, attribute and change: what it was, what it became, and when.
{{ config(
    materialized='table' if target.type == 'spark' else 'incremental',
    unique_key='change_id',
    incremental_strategy='delete+insert' if target.type in ('duckdb', 'postgres') else 'merge',
    on_schema_change='append_new_columns'
) }}
{%- set record_attributes = [
    ('application_status', 'application_status'),
    ('is_approved', flag_text('is_approved')),
    ('overall_fit_score', number_text('overall_fit_score')),
    ('is_visible', flag_text('is_visible')),
    ('stage', 'stage_text'),
] %}
{%- set step_attributes = [
    ('status', 'step_status'),
    ('started_at', instant_text('started_at')),
    ('completed_at', instant_text('completed_at')),
    ('validated_at', instant_text('validated_at')),
    ('rejected_at', instant_text('rejected_at')),
    ('validation_score', number_text('validation_score')),
    ('offer_response', 'offer_response'),
] %}
with

-- Most records have one version only: they never changed.
assignments as (

    select
        platform,
        account,
        application_id,
        application_id as record_id,
        version_number,
        observed_at,
        version_not_before,
        application_status,
        is_approved,
        overall_fit_score,
        is_visible,
        {{ as_text('null') }} as stage_text

    from {{ ref('stg_talent_ray__candidate_roles_history') }}
    where not (is_current and version_number = 1)

),

tailed_applications as (

    select
        platform,
        account,
        application_id,
        application_id as record_id,
        version_number,
        observed_at,
        version_not_before,
        application_status,
        {{ as_bool('null') }} as is_approved,
        {{ as_double('null') }} as overall_fit_score,
        is_visible,
        stage_text

    from {{ ref('stg_tailed__applications_history') }}
    where not (is_current and version_number = 1)

),

steps as (

    select
        platform,
        account,
        application_id,
        role_step_id,
        candidate_step_id as record_id,
        version_number,
        observed_at,
        version_not_before,
        step_status,
        started_at,
        completed_at,
        validated_at,
        rejected_at,
        validation_score,
        offer_response

    from {{ ref('stg_talent_ray__candidate_steps_history') }}
    where not (is_current and version_number = 1)

),

records as (

    select * from assignments

    union all

    select * from tailed_applications

),

record_pairs as (

    select
        platform,
        account,
        application_id,
        {{ as_text('null') }} as role_step_id,
        record_id,
        version_number,
        observed_at,
        version_not_before
        {%- for attribute, value in record_attributes %},
        {{ value }} as {{ attribute }},
        lag({{ value }}) over (partition by record_id order by version_number) as old_{{ attribute }}
        {%- endfor %}

    from records

),

step_pairs as (

    select
        platform,
        account,
        application_id,
        role_step_id,
        record_id,
        version_number,
        observed_at,
        version_not_before
        {%- for attribute, value in step_attributes %},
        {{ value }} as {{ attribute }},
        lag({{ value }}) over (partition by record_id order by version_number) as old_{{ attribute }}
        {%- endfor %}

    from steps

),

changes as (
    {% for pairs, attributes in [('record_pairs', record_attributes), ('step_pairs', step_attributes)] -%}
    {%- set is_last = loop.last -%}
    {%- for attribute, value in attributes %}
    select
        platform,
        account,
        application_id,
        role_step_id,
        record_id,
        '{{ attribute }}' as attribute,
        old_{{ attribute }} as old_value,
        {{ attribute }} as new_value,
        version_number,
        observed_at as changed_at,
        version_not_before as changed_not_before,
        observed_at as changed_not_after

    from {{ pairs }}
    where
        version_number > 1
        and old_{{ attribute }} is distinct from {{ attribute }}
    {% if not (is_last and loop.last) %}
    union all
    {% endif %}
    {%- endfor %}
    {%- endfor %}
)

select
    record_id || ':' || attribute || ':' || {{ as_text('version_number') }} as change_id,
    platform,
    account,
    application_id,
    role_step_id,
    attribute,
    old_value,
    new_value,
    changed_at,
    changed_not_before,
    changed_not_after,
    {{ is_datable('changed') }} as is_datable

from changes
{%- if is_incremental() %}
where
    changed_not_after >= (
        select {{ dbt.dateadd('day', -3, "coalesce(max(changed_not_after), " ~ as_instant("'1970-01-01'") ~ ")") }}
        from {{ this }}
    )
{%- endif %}
