-- One row per application (Talent-Ray: candidate and role), both platforms in one shape, and when it was made.
{{ config(materialized='table') }}
with

assignments as (

    select * from {{ ref('stg_talent_ray__candidate_roles_history') }}

),

steps as (

    select * from {{ ref('stg_talent_ray__candidate_steps_history') }}

),

tailed_applications as (

    select * from {{ ref('stg_tailed__applications_history') }}

),

candidates as (

    select * from {{ ref('int_candidates__unioned') }}

),

candidate_creations as (

    select
        candidate_id,
        min(created_at) as candidate_created_at

    from candidates
    group by candidate_id

),

step_summaries as (

    select
        application_id,
        min(platform) as platform,
        min(account) as account,
        min(candidate_id) as candidate_id,
        min(role_id) as role_id,
        min({{ earliest_of(['created_at', 'started_at']) }}) as first_step_at,
        min({{ earliest_of(['completed_at', 'validated_at', 'rejected_at']) }}) as first_result_at,
        min(observed_at) as first_observed_at,
        -- Unknown when one of the first versions has no bound.
        case
            when count(case when version_number = 1 and version_not_before is null then 1 end) = 0
                then min(case when version_number = 1 then version_not_before end)
        end as first_not_before

    from steps
    group by application_id

),

-- The first and the current version of each assignment; they are mostly the same row.
assignment_ends as (

    select
        application_id,
        min(platform) as platform,
        min(account) as account,
        min(candidate_id) as candidate_id,
        min(role_id) as role_id,
        min(observed_at) as first_observed_at,
        min(case when version_number = 1 then version_not_before end) as first_not_before,
        max(case when is_current then organization_id end) as organization_id,
        max(case when is_current then role_name end) as role_name,
        max(case when is_current then application_status end) as application_status,
        max(case when is_current then overall_fit_score end) as overall_fit_score,
        max(case when is_current and is_approved then 1 when is_current and not is_approved then 0 end) as approved

    from assignments
    group by application_id

),

talent_ray_applications as (

    select
        coalesce(assignment_ends.application_id, step_summaries.application_id) as application_id,
        coalesce(assignment_ends.platform, step_summaries.platform) as platform,
        coalesce(assignment_ends.account, step_summaries.account) as account,
        coalesce(assignment_ends.candidate_id, step_summaries.candidate_id) as candidate_id,
        coalesce(assignment_ends.role_id, step_summaries.role_id) as role_id,
        assignment_ends.application_id is not null as is_assignment_known,
        assignment_ends.organization_id,
        assignment_ends.role_name,
        assignment_ends.application_status,
        assignment_ends.overall_fit_score,
        assignment_ends.approved = 1 as is_approved,
        {{ as_text('null') }} as rejection_reason,
        -- Step records are taken to be made on assignment.
        step_summaries.first_step_at as exact_applied_at,
        step_summaries.first_result_at as first_exact_at,
        case
            when assignment_ends.application_id is not null then assignment_ends.first_not_before
            else step_summaries.first_not_before
        end as seen_not_before,
        coalesce(assignment_ends.first_observed_at, step_summaries.first_observed_at) as seen_not_after,
        {{ earliest_of(['assignment_ends.first_observed_at', 'step_summaries.first_observed_at']) }} as first_observed_at

    from assignment_ends
    full outer join step_summaries
        on assignment_ends.application_id = step_summaries.application_id

),

tailed_ends as (

    select
        application_id,
        min(platform) as platform,
        min(account) as account,
        min(observed_at) as first_observed_at,
        min(case when version_number = 1 then version_not_before end) as first_not_before,
        max(case when is_current then candidate_id end) as candidate_id,
        max(case when is_current then role_id end) as role_id,
        max(case when is_current then application_status end) as application_status,
        max(case when is_current then rejection_reason end) as rejection_reason,
        max(case when is_current then coalesce(applied_at, created_at) end) as exact_applied_at,
        max(case when is_current then {{ earliest_of(['hired_at', 'rejected_at', 'withdrawn_at']) }} end) as first_exact_at

    from tailed_applications
    group by application_id

),

applications as (

    select
        application_id,
        platform,
        account,
        candidate_id,
        role_id,
        is_assignment_known,
        organization_id,
        role_name,
        application_status,
        overall_fit_score,
        is_approved,
        rejection_reason,
        exact_applied_at,
        first_exact_at,
        seen_not_before,
        seen_not_after,
        first_observed_at

    from talent_ray_applications

    union all

    select
        application_id,
        platform,
        account,
        candidate_id,
        role_id,
        true as is_assignment_known,
        {{ entity_id('tailed', 'account', ['account']) }} as organization_id,
        {{ as_text('null') }} as role_name,
        application_status,
        {{ as_double('null') }} as overall_fit_score,
        {{ as_bool('null') }} as is_approved,
        rejection_reason,
        exact_applied_at,
        first_exact_at,
        first_not_before as seen_not_before,
        first_observed_at as seen_not_after,
        first_observed_at

    from tailed_ends

),

bounded as (

    select
        applications.*,
        candidate_creations.candidate_created_at,
        {{ earliest_of(['exact_applied_at', 'first_exact_at', 'seen_not_after']) }} as applied_no_later,
        -- The candidate was there before any assignment; Tailed applications have a creation of their own.
        case
            when applications.platform = 'tailed' then applications.seen_not_before
            else {{ latest_of(['applications.seen_not_before', 'candidate_creations.candidate_created_at']) }}
        end as applied_no_earlier

    from applications
    left join candidate_creations
        on applications.candidate_id = candidate_creations.candidate_id

),

dated as (

    select
        *,
        case
            when exact_applied_at is not null then exact_applied_at
            else {{ not_after('applied_no_earlier', 'applied_no_later') }}
        end as applied_not_before,
        coalesce(exact_applied_at, applied_no_later) as applied_at

    from bounded

)

select
    platform,
    account,
    application_id,
    candidate_id,
    role_id,
    organization_id,
    is_assignment_known,
    role_name,
    application_status,
    overall_fit_score,
    is_approved,
    rejection_reason,
    applied_at,
    applied_not_before,
    applied_at as applied_not_after,
    -- No event of the application lies before this.
    case
        when platform = 'tailed' then applied_not_before
        else {{ latest_of(['applied_not_before', 'candidate_created_at']) }}
    end as events_not_before,
    first_observed_at

from dated
