-- One row per version of a role step (a step of a role's template), with the bounds of the change it shows.
with

versions as (

    {{ bounded_history(source('talent_ray', 'role_steps'), created_at='created_at') }}

)

select
    'talent_ray' as platform,
    account,
    {{ entity_id('talent_ray', 'account', ['id']) }} as role_step_id,
    {{ entity_id('talent_ray', 'account', ['role_id']) }} as role_id,
    {{ as_text('name') }} as step_name,
    {{ as_text('description') }} as description,
    {{ as_int(adapter.quote('order')) }} as step_order,
    {{ as_text('step_type') }} as step_type,
    {{ as_text('validation_type') }} as validation_type,
    {{ as_double('passing_score') }} as passing_score,
    {{ as_bool('is_required') }} as is_required,
    {{ as_bool('allow_skip') }} as is_skippable,
    {{ api_instant('created_at') }} as created_at,
    {{ api_instant('updated_at') }} as updated_at,
    version_number,
    is_current,
    _visible as is_visible,
    observed_at,
    next_observed_at,
    version_not_before,
    observed_at as version_not_after,
    cast({{ count_future_timestamps(['created_at', 'updated_at']) }} as bigint) as count_future_timestamps

from versions
