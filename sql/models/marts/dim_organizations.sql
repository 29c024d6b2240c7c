-- One row per organization that any record names (Tailed: one per account).
with

roles as (

    select * from {{ ref('dim_roles') }}

),

applications as (

    select * from {{ ref('fct_applications') }}

),

tests as (

    select * from {{ ref('dim_tests') }}

),

leads as (

    select * from {{ ref('fct_leads') }}

),

test_organizations as (

    select * from {{ ref('stg_talent_ray__test_organizations_history') }}
    where is_current

),

lead_organizations as (

    select * from {{ ref('stg_talent_ray__lead_organizations_history') }}
    where is_current

),

lead_roles as (

    select * from {{ ref('stg_talent_ray__lead_roles_history') }}
    where is_current

),

accounts as (

    select
        platform,
        account,
        {{ entity_id('tailed', 'account', ['account']) }} as organization_id

    from {{ ref('int_accounts__dated') }}
    where platform = 'tailed'

),

names as (

    select * from {{ ref('organizations') }}

),

organization_ids as (

    {% for relation in ['roles', 'applications', 'test_organizations', 'lead_organizations', 'lead_roles', 'accounts'] -%}
    select
        platform,
        account,
        organization_id

    from {{ relation }}
    where organization_id is not null
    {%- if not loop.last %}

    union

    {% endif %}
    {%- endfor %}

),

organizations as (

    select
        platform,
        account,
        organization_id,
        replace(replace({{ dbt.split_part('organization_id', "':'", 3) }}, '%3A', ':'), '%25', '%') as source_id

    from organization_ids

),

role_counts as (

    select
        organization_id,
        count(*) as count_roles,
        count(case when role_state = 'open' and is_visible then 1 end) as count_open_roles

    from roles
    group by organization_id

),

test_counts as (

    select
        test_organizations.organization_id,
        count(distinct test_organizations.test_id) as count_tests

    from test_organizations
    inner join tests
        on test_organizations.test_id = tests.test_id
    where
        test_organizations.is_visible
        or not tests.is_visible
    group by test_organizations.organization_id

),

lead_counts as (

    select
        lead_organizations.organization_id,
        count(distinct lead_organizations.lead_id) as count_leads

    from lead_organizations
    inner join leads
        on lead_organizations.lead_id = leads.lead_id
    where
        lead_organizations.is_visible
        or not leads.is_visible
    group by lead_organizations.organization_id

)

select
    organizations.organization_id,
    organizations.platform,
    organizations.account,
    organizations.source_id,
    {{ as_text('coalesce(by_id.name, by_source_id.name, organizations.source_id)') }} as organization_name,
    {{ as_int('coalesce(role_counts.count_roles, 0)') }} as count_roles,
    {{ as_int('coalesce(role_counts.count_open_roles, 0)') }} as count_open_roles,
    {{ as_int('coalesce(test_counts.count_tests, 0)') }} as count_tests,
    {{ as_int('coalesce(lead_counts.count_leads, 0)') }} as count_leads

from organizations
left join names as by_id
    on organizations.organization_id = by_id.organization_id
left join names as by_source_id
    on organizations.source_id = by_source_id.organization_id
left join role_counts
    on organizations.organization_id = role_counts.organization_id
left join test_counts
    on organizations.organization_id = test_counts.organization_id
left join lead_counts
    on organizations.organization_id = lead_counts.organization_id
