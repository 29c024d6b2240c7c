-- One row per test (an assessment that a step may use).
with

tests as (

    select * from {{ ref('stg_talent_ray__tests_history') }}
    where is_current

),

test_organizations as (

    select * from {{ ref('stg_talent_ray__test_organizations_history') }}
    where is_current

),

-- Links go with their test; those of a test that vanished are its last ones.
organization_counts as (

    select
        test_organizations.test_id,
        count(distinct test_organizations.organization_id) as count_organizations

    from test_organizations
    inner join tests
        on test_organizations.test_id = tests.test_id
    where
        test_organizations.is_visible
        or not tests.is_visible
    group by test_organizations.test_id

)

select
    tests.test_id,
    tests.platform,
    tests.account,
    tests.source_id,
    tests.test_name,
    tests.test_type,
    tests.category,
    tests.language,
    tests.target_persona,
    tests.duration_minutes,
    tests.is_global,
    {{ as_int('coalesce(organization_counts.count_organizations, 0)') }} as count_organizations,
    tests.is_visible,
    tests.created_at,
    tests.updated_at

from tests
left join organization_counts
    on tests.test_id = organization_counts.test_id
