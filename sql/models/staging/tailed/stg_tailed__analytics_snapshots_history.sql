-- One row per version of a snapshot (its metrics side by side, as the API sends them), with the bounds of the change it shows.
with

versions as (

    {{ bounded_history(source('tailed', 'analytics_snapshots')) }}

)

select
    'tailed' as platform,
    account,
    {{ entity_id('tailed', 'account', ['id']) }} as snapshot_id,
    {{ as_text('id') }} as source_id,
    cast({{ adapter.quote('date') }} as date) as snapshot_date,
    {{ optional_entity_id('tailed', 'account', ['job_id']) }} as role_id,
    {{ as_int('applications_total') }} as applications_total,
    {{ as_int('active_candidates') }} as active_candidates,
    {{ as_int('hires') }} as hires,
    {{ as_double('average_time_to_hire_days') }} as average_time_to_hire_days,
    {{ api_instant('generated_at') }} as generated_at,
    version_number,
    is_current,
    _visible as is_visible,
    observed_at,
    next_observed_at,
    version_not_before,
    observed_at as version_not_after,
    cast({{ count_future_timestamps(['generated_at']) }} as bigint) as count_future_timestamps

from versions
