-- One row per version of a batch and lead (a member), with the bounds of the change it shows.
with

versions as (

    {{ bounded_history(source('talent_ray', 'cv_screening_batch_members'), created_at='created_at') }}

)

select
    'talent_ray' as platform,
    account,
    {{ entity_id('talent_ray', 'account', ['batch_id']) }} as batch_id,
    {{ entity_id('talent_ray', 'account', ['lead_id']) }} as lead_id,
    {{ as_text('full_name') }} as full_name,
    {{ as_text('email') }} as email,
    {{ as_text('contact_email') }} as contact_email,
    {{ as_text('phone') }} as phone,
    {{ as_text('status') }} as member_status,
    {{ as_text('skills') }} as skills,
    {{ as_text('summary') }} as summary,
    {{ optional_entity_id('talent_ray', 'account', ['candidate_id']) }} as candidate_id,
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
