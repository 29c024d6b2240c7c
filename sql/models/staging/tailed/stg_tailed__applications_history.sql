-- One row per version of a application, with the bounds of the change it shows.
with

versions as (

    {{ bounded_history(source('tailed', 'applications'), created_at='created_at', deleted_at='deleted_at') }}

)

select
    'tailed' as platform,
    account,
    {{ entity_id('tailed', 'account', ['id']) }} as application_id,
    {{ as_text('id') }} as source_id,
    {{ entity_id('tailed', 'account', ['candidate_id']) }} as candidate_id,
    {{ entity_id('tailed', 'account', ['job_id']) }} as role_id,
    {{ entity_id('tailed', 'account', ['job_id', 'lower(trim(stage))']) }} as role_step_id,
    lower(trim({{ as_text('stage') }})) as stage_text,
    {{ as_text('status') }} as application_status,
    {{ as_text('source') }} as application_source,
    {{ api_instant('applied_at') }} as applied_at,
    {{ api_instant('stage_entered_at') }} as stage_entered_at,
    {{ api_instant('hired_at') }} as hired_at,
    {{ api_instant('rejected_at') }} as rejected_at,
    {{ api_instant('withdrawn_at') }} as withdrawn_at,
    {{ as_text('rejection_reason') }} as rejection_reason,
    {{ api_instant('created_at') }} as created_at,
    {{ api_instant('updated_at') }} as updated_at,
    {{ api_instant('deleted_at') }} as deleted_at,
    version_number,
    is_current,
    _visible as is_visible,
    observed_at,
    next_observed_at,
    version_not_before,
    observed_at as version_not_after,
    cast({{ count_future_timestamps(['applied_at', 'stage_entered_at', 'hired_at', 'rejected_at', 'withdrawn_at', 'created_at', 'updated_at', 'deleted_at']) }} as bigint) as count_future_timestamps

from versions
