-- One row per candidate, those included that only an application or a lead names.
with

candidates as (

    select * from {{ ref('int_candidates__unioned') }}

),

applications as (

    select * from {{ ref('fct_applications') }}

),

leads as (

    select * from {{ ref('fct_leads') }}

),

visibility as (

    select
        *,
        coalesce(max(case when is_visible then version_number end) over (partition by candidate_id), 0)
            as last_visible_version

    from candidates

),

-- Vanished by the first version after the last visible one; later ones only edit what is gone.
vanishings as (

    select
        candidate_id,
        observed_at as vanished_at,
        version_not_before as vanished_not_before

    from visibility
    where version_number = last_visible_version + 1

),

application_counts as (

    select
        candidate_id,
        min(platform) as platform,
        min(account) as account,
        min(applied_at) as first_applied_at,
        count(*) as count_applications

    from applications
    group by candidate_id

),

lead_counts as (

    select
        candidate_id,
        min(platform) as platform,
        min(account) as account,
        count(*) as count_leads

    from leads
    where candidate_id is not null
    group by candidate_id

),

candidate_ids as (

    select
        platform,
        account,
        candidate_id

    from candidates

    union

    select
        platform,
        account,
        candidate_id

    from application_counts

    union

    select
        platform,
        account,
        candidate_id

    from lead_counts

),

current_candidates as (

    select * from candidates
    where is_current

)

select
    candidate_ids.candidate_id,
    candidate_ids.platform,
    candidate_ids.account,
    coalesce(
        current_candidates.source_id,
        {{ own_id('candidate_ids.candidate_id', 'candidate_ids.platform', 'candidate_ids.account') }}
    ) as source_id,
    current_candidates.full_name,
    current_candidates.email,
    current_candidates.phone,
    current_candidates.candidate_status,
    current_candidates.created_at,
    current_candidates.updated_at,
    coalesce(current_candidates.is_visible, false) as is_visible,
    vanishings.vanished_at,
    vanishings.vanished_not_before,
    vanishings.vanished_at as vanished_not_after,
    current_candidates.candidate_id is null as is_stub,
    application_counts.first_applied_at,
    {{ as_int('coalesce(application_counts.count_applications, 0)') }} as count_applications,
    {{ as_int('coalesce(lead_counts.count_leads, 0)') }} as count_leads

from candidate_ids
left join current_candidates
    on candidate_ids.candidate_id = current_candidates.candidate_id
left join vanishings
    on candidate_ids.candidate_id = vanishings.candidate_id
left join application_counts
    on candidate_ids.candidate_id = application_counts.candidate_id
left join lead_counts
    on candidate_ids.candidate_id = lead_counts.candidate_id
