-- One row per version of a lead and role, with the bounds of the change it shows.
with

versions as (

    {{ bounded_history(source('talent_ray', 'lead_roles')) }}

)

select
    'talent_ray' as platform,
    account,
    {{ entity_id('talent_ray', 'account', ['lead_id']) }} as lead_id,
    {{ entity_id('talent_ray', 'account', ['role_id']) }} as role_id,
    {{ optional_entity_id('talent_ray', 'account', ['organization_id']) }} as organization_id,
    {{ as_text('role_name') }} as role_name,
    {{ as_text('status') }} as link_status,
    nullif({{ as_double('resume_fit_score') }}, -1) as resume_fit_score,
    nullif({{ as_double('overall_fit_score') }}, -1) as overall_fit_score,
    version_number,
    is_current,
    _visible as is_visible,
    observed_at,
    next_observed_at,
    version_not_before,
    observed_at as version_not_after,
    cast(0 as bigint) as count_future_timestamps

from versions
