-- One row per version of a candidate step (progress of one candidate on one role step), with the bounds of the change it shows.
with

versions as (

    {{ bounded_history(source('talent_ray', 'candidate_steps'), created_at='created_at') }}

)

select
    'talent_ray' as platform,
    account,
    {{ entity_id('talent_ray', 'account', ['id']) }} as candidate_step_id,
    {{ entity_id('talent_ray', 'account', ['candidate_id', 'role_id']) }} as application_id,
    {{ entity_id('talent_ray', 'account', ['candidate_id']) }} as candidate_id,
    {{ entity_id('talent_ray', 'account', ['role_id']) }} as role_id,
    {{ entity_id('talent_ray', 'account', ['role_step_id']) }} as role_step_id,
    {{ as_text('name') }} as step_name,
    {{ as_int(adapter.quote('order')) }} as step_order,
    {{ as_text('step_type') }} as step_type,
    lower(trim({{ as_text('status') }})) as step_status,
    {{ api_instant('started_at') }} as started_at,
    {{ api_instant('completed_at') }} as completed_at,
    {{ api_instant('validated_at') }} as validated_at,
    {{ api_instant('rejected_at') }} as rejected_at,
    nullif({{ as_double('validation_score') }}, -1) as validation_score,
    {{ as_text('rejection_reason') }} as rejection_reason,
    {{ as_text('offer_response') }} as offer_response,
    {{ api_instant('created_at') }} as created_at,
    {{ api_instant('updated_at') }} as updated_at,
    version_number,
    is_current,
    _visible as is_visible,
    observed_at,
    next_observed_at,
    version_not_before,
    observed_at as version_not_after,
    cast({{ count_future_timestamps(['started_at', 'completed_at', 'validated_at', 'rejected_at', 'created_at', 'updated_at']) }} as bigint) as count_future_timestamps

from versions
