-- One row per version of a test and organization, with the bounds of the change it shows.
with

versions as (

    {{ bounded_history(source('talent_ray', 'test_organizations')) }}

)

select
    'talent_ray' as platform,
    account,
    {{ entity_id('talent_ray', 'account', ['test_id']) }} as test_id,
    {{ entity_id('talent_ray', 'account', ['organization_id']) }} as organization_id,
    version_number,
    is_current,
    _visible as is_visible,
    observed_at,
    next_observed_at,
    version_not_before,
    observed_at as version_not_after,
    cast(0 as bigint) as count_future_timestamps

from versions
