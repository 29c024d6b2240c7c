-- One row per visit as its own record shows it: when it was entered, and what became of it in the step.
with

step_versions as (

    select * from {{ ref('int_step_versions__numbered') }}

),

tailed_versions as (

    select * from {{ ref('stg_tailed__applications_history') }}

),

role_steps as (

    select * from {{ ref('int_role_steps__unioned') }}

),

applications as (

    select * from {{ ref('int_applications__unioned') }}

),

-- Corrections win, and a value that is cleared again stays: the last version of the visit that has one.
last_versions as (

    select
        *,
        max(case when started_at is not null then version_number end) over versions_of_visit as last_started,
        max(case when completed_at is not null then version_number end) over versions_of_visit as last_completed,
        max(case when validated_at is not null then version_number end) over versions_of_visit as last_validated,
        max(case when rejected_at is not null then version_number end) over versions_of_visit as last_rejected,
        max(case when step_status in ('validated', 'rejected') then version_number end) over versions_of_visit
            as last_decided,
        max(case when validation_score is not null then version_number end) over versions_of_visit as last_scored,
        max(case when rejection_reason is not null then version_number end) over versions_of_visit as last_reasoned,
        max(case when offer_response is not null then version_number end) over versions_of_visit as last_answered,
        min(case when offer_response is not null then version_number end) over versions_of_visit as first_answered,
        min(version_number) over versions_of_visit as first_version,
        max(version_number) over versions_of_visit as last_version

    from step_versions
    where visit_in_record > 0
    window versions_of_visit as (partition by candidate_step_id, visit_in_record)

),

visits as (

    select
        candidate_step_id,
        visit_in_record,
        min(platform) as platform,
        min(account) as account,
        min(application_id) as application_id,
        max(case when version_number = last_version then role_step_id end) as role_step_id,
        max(case when version_number = last_version then step_status end) as step_status,
        max(case when version_number = last_decided then step_status end) as decision_status,
        max(case when version_number = last_started then started_at end) as started_at,
        max(case when version_number = last_completed then completed_at end) as completed_at,
        max(case when version_number = last_validated then validated_at end) as validated_at,
        max(case when version_number = last_rejected then rejected_at end) as rejected_at,
        max(case when version_number = last_scored then validation_score end) as validation_score,
        max(case when version_number = last_reasoned then rejection_reason end) as rejection_reason,
        max(case when version_number = last_answered then offer_response end) as offer_response,
        max(case when version_number = last_answered then offer_answer end) as offer_answer,
        max(case when version_number = first_answered then version_not_before end) as answered_not_before,
        max(case when version_number = first_answered then observed_at end) as answered_not_after,
        max(case when version_number = first_version then version_not_before end) as opened_not_before,
        max(case when version_number = first_version then observed_at end) as opened_observed_at

    from last_versions
    group by candidate_step_id, visit_in_record

),

-- What a restarted record still shows of the visit before it does not belong to the new one.
earlier_visits as (

    select
        *,
        max({{ latest_of(['validated_at', 'rejected_at']) }}) over (
            partition by candidate_step_id
            order by visit_in_record
            rows between unbounded preceding and 1 preceding
        ) as previous_left_at

    from visits

),

own_visits as (

    select
        candidate_step_id,
        visit_in_record,
        platform,
        account,
        application_id,
        role_step_id,
        step_status,
        decision_status,
        case when previous_left_at is null or started_at > previous_left_at then started_at end as started_at,
        case when previous_left_at is null or completed_at > previous_left_at then completed_at end as completed_at,
        case when previous_left_at is null or validated_at > previous_left_at then validated_at end as validated_at,
        case when previous_left_at is null or rejected_at > previous_left_at then rejected_at end as rejected_at,
        validation_score,
        rejection_reason,
        offer_response,
        offer_answer,
        answered_not_before,
        answered_not_after,
        opened_not_before,
        opened_observed_at

    from earlier_visits

),

bounded_visits as (

    select
        own_visits.*,
        role_steps.step_order,
        case
            when own_visits.started_at is not null then own_visits.started_at
            else
                {{ earliest_of([
                    'own_visits.opened_observed_at',
                    'own_visits.completed_at',
                    'own_visits.validated_at',
                    'own_visits.rejected_at'
                ]) }}
        end as entered_not_after,
        case
            when own_visits.started_at is not null then own_visits.started_at
            else {{ latest_of(['own_visits.opened_not_before', 'applications.events_not_before']) }}
        end as entered_no_earlier

    from own_visits
    left join role_steps
        on own_visits.role_step_id = role_steps.role_step_id
    left join applications
        on own_visits.application_id = applications.application_id

),

-- A step without a start was entered before the steps behind it that the same reply shows as started.
later_entries as (

    select
        bounded_visits.candidate_step_id,
        bounded_visits.visit_in_record,
        min(started_visits.started_at) as first_later_entry_at

    from bounded_visits
    inner join own_visits as started_visits
        on
            bounded_visits.application_id = started_visits.application_id
            and started_visits.started_at >= bounded_visits.entered_no_earlier
            and started_visits.started_at <= bounded_visits.entered_not_after
            and started_visits.opened_observed_at <= bounded_visits.opened_observed_at
    inner join role_steps
        on
            started_visits.role_step_id = role_steps.role_step_id
            and role_steps.step_order > bounded_visits.step_order
    where bounded_visits.started_at is null
    group by bounded_visits.candidate_step_id, bounded_visits.visit_in_record

),

talent_ray_visits as (

    select
        bounded_visits.platform,
        bounded_visits.account,
        bounded_visits.application_id,
        bounded_visits.candidate_step_id as record_id,
        bounded_visits.visit_in_record,
        bounded_visits.role_step_id,
        coalesce(later_entries.first_later_entry_at, bounded_visits.entered_not_after) as entered_at,
        {{ not_after('bounded_visits.entered_no_earlier', 'bounded_visits.entered_not_after') }} as entered_not_before,
        bounded_visits.entered_not_after,
        bounded_visits.started_at is not null as is_entry_exact,
        bounded_visits.opened_observed_at,
        bounded_visits.step_status,
        bounded_visits.decision_status,
        bounded_visits.completed_at,
        bounded_visits.validated_at,
        bounded_visits.rejected_at,
        bounded_visits.validation_score,
        bounded_visits.rejection_reason,
        bounded_visits.offer_response,
        bounded_visits.offer_answer,
        bounded_visits.answered_not_before,
        bounded_visits.answered_not_after

    from bounded_visits
    left join later_entries
        on
            bounded_visits.candidate_step_id = later_entries.candidate_step_id
            and bounded_visits.visit_in_record = later_entries.visit_in_record

),

tailed_moves as (

    select
        *,
        lag(stage_text) over (partition by application_id order by version_number) as previous_stage_text

    from tailed_versions

),

tailed_openings as (

    select
        tailed_moves.*,
        role_steps.stage,
        row_number() over (partition by tailed_moves.application_id order by tailed_moves.version_number)
            as visit_in_record

    from tailed_moves
    -- A text that tells an outcome, or `hired`, is no role step and opens no visit.
    inner join role_steps
        on tailed_moves.role_step_id = role_steps.role_step_id
    where
        tailed_moves.version_number = 1
        or tailed_moves.stage_text <> tailed_moves.previous_stage_text
        or (tailed_moves.stage_text is null and tailed_moves.previous_stage_text is not null)
        or (tailed_moves.stage_text is not null and tailed_moves.previous_stage_text is null)

),

tailed_visits as (

    select
        tailed_openings.platform,
        tailed_openings.account,
        tailed_openings.application_id,
        tailed_openings.application_id as record_id,
        tailed_openings.visit_in_record,
        tailed_openings.role_step_id,
        tailed_openings.version_number = 1 and tailed_openings.stage = 'applied' as is_application,
        tailed_openings.observed_at as opened_observed_at,
        tailed_openings.version_not_before,
        applications.applied_at,
        applications.applied_not_before,
        applications.applied_not_after,
        applications.events_not_before

    from tailed_openings
    left join applications
        on tailed_openings.application_id = applications.application_id

)

select
    platform,
    account,
    application_id,
    record_id,
    visit_in_record,
    role_step_id,
    entered_at,
    entered_not_before,
    entered_not_after,
    is_entry_exact,
    opened_observed_at,
    step_status,
    decision_status,
    completed_at,
    validated_at,
    rejected_at,
    validation_score,
    rejection_reason,
    offer_response,
    offer_answer,
    answered_not_before,
    answered_not_after

from talent_ray_visits

union all

select
    platform,
    account,
    application_id,
    record_id,
    visit_in_record,
    role_step_id,
    case when is_application then applied_at else opened_observed_at end as entered_at,
    case
        when is_application then applied_not_before
        else {{ not_after(latest_of(['version_not_before', 'events_not_before']), 'opened_observed_at') }}
    end as entered_not_before,
    case when is_application then applied_not_after else opened_observed_at end as entered_not_after,
    is_application and applied_not_before = applied_not_after as is_entry_exact,
    opened_observed_at,
    {{ as_text('null') }} as step_status,
    {{ as_text('null') }} as decision_status,
    {{ as_instant('null') }} as completed_at,
    {{ as_instant('null') }} as validated_at,
    {{ as_instant('null') }} as rejected_at,
    {{ as_double('null') }} as validation_score,
    {{ as_text('null') }} as rejection_reason,
    {{ as_text('null') }} as offer_response,
    {{ as_text('null') }} as offer_answer,
    {{ as_instant('null') }} as answered_not_before,
    {{ as_instant('null') }} as answered_not_after

from tailed_visits
