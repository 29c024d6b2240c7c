-- One row per version of a snapshot and stage, with the bounds of the change it shows.
with

versions as (

    {{ bounded_history(source('tailed', 'analytics_snapshot_stages')) }}

)

select
    'tailed' as platform,
    account,
    {{ entity_id('tailed', 'account', ['snapshot_id']) }} as snapshot_id,
    lower(trim({{ as_text('stage') }})) as stage_text,
    {{ as_int(adapter.quote('count')) }} as count_applications,
    version_number,
    is_current,
    _visible as is_visible,
    observed_at,
    next_observed_at,
    version_not_before,
    observed_at as version_not_after,
    cast(0 as bigint) as count_future_timestamps

from versions
