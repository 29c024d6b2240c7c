{%- set tables = {
    'talent_ray': [
        'candidates', 'candidate_roles', 'candidate_steps', 'roles', 'role_steps', 'tests', 'leads', 'lead_roles',
        'cv_screening_batches', 'cv_screening_batch_members', 'portal_roles', 'api_keys', 'api_key_usage'
    ],
    'tailed': ['candidates', 'jobs', 'applications', 'analytics_snapshots'],
} -%}
-- One row per account and raw table: its versions, those with an instant that cannot be true, the rows visible today.
with

{% for platform, names in tables.items() -%}
{% for name in names -%}
{{ platform }}_{{ name }} as (

    select
        platform,
        account,
        '{{ name }}' as table_name,
        count(*) as count_versions,
        count(case when count_future_timestamps > 0 then 1 end) as count_future_versions,
        min(case when count_future_timestamps > 0 then observed_at end) as first_future_at,
        max(case when count_future_timestamps > 0 then observed_at end) as last_future_at,
        count(case when is_current and is_visible then 1 end) as count_visible

    from {{ ref('stg_' ~ platform ~ '__' ~ name ~ '_history') }}
    group by platform, account

),

{% endfor -%}
{% endfor -%}

tables as (
    {% for platform, names in tables.items() -%}
    {%- set is_last_platform = loop.last -%}
    {%- for name in names %}
    select * from {{ platform }}_{{ name }}
    {%- if not (loop.last and is_last_platform) %}
    union all
    {%- endif %}
    {%- endfor %}
    {%- endfor %}

)

select
    platform,
    account,
    table_name,
    count_versions,
    count_future_versions,
    first_future_at,
    last_future_at,
    count_visible

from tables
