-- One row per version of a CV-screening batch, with the bounds of the change it shows.
with

versions as (

    {{ bounded_history(source('talent_ray', 'cv_screening_batches')) }}

)

select
    'talent_ray' as platform,
    account,
    {{ entity_id('talent_ray', 'account', ['batch_id']) }} as batch_id,
    {{ as_text('batch_id') }} as source_id,
    {{ as_text('status') }} as batch_status,
    {{ as_int('total_candidates') }} as total_candidates,
    {{ as_int('completed_candidates') }} as completed_candidates,
    {{ as_int('processing_candidates') }} as processing_candidates,
    version_number,
    is_current,
    _visible as is_visible,
    observed_at,
    next_observed_at,
    version_not_before,
    observed_at as version_not_after,
    cast(0 as bigint) as count_future_timestamps

from versions
