-- One row per application (a candidate and a role): where it stands, how far it came, and when.
{%- set events = [
    'applied', 'screening', 'assessment', 'interview', 'offer', 'offer_answered', 'hired', 'rejected', 'withdrawn', 'vanished'
] %}
with

applications as (

    select * from {{ ref('int_applications__unioned') }}

),

outcomes as (

    select * from {{ ref('int_application_outcomes__observed') }}

),

events as (

    select * from {{ ref('int_application_events__ordered') }}

),

visits as (

    select * from {{ ref('fct_application_steps') }}

),

offer_visits as (

    select * from {{ ref('int_visits__chained') }}
    where
        stage = 'offer'
        and not is_skipped
        and not is_after_close

),

roles as (

    select * from {{ ref('int_roles__unioned') }}
    where is_current

),

linked_leads as (

    select * from {{ ref('int_leads__linked') }}

),

lead_roles as (

    select * from {{ ref('stg_talent_ray__lead_roles_history') }}
    where is_current

),

first_scores as (

    select * from {{ ref('int_scores__first_seen') }}
    where score_kind = 'overall_fit'

),

accounts as (

    select * from {{ ref('int_accounts__dated') }}

),

rejection_reasons as (

    select * from {{ ref('rejection_reasons') }}

),

latest_outcomes as (

    select * from outcomes
    where is_latest

),

reopening_counts as (

    select
        application_id,
        count(*) as count_reopened

    from outcomes
    where is_reopening
    group by application_id

),

milestones as (

    select
        application_id
        {%- for event in events %},
        max(case when event = '{{ event }}' then event_at end) as {{ event }}_at,
        max(case when event = '{{ event }}' then not_before end) as {{ event }}_not_before,
        max(case when event = '{{ event }}' then not_after end) as {{ event }}_not_after
        {%- endfor %}

    from events
    group by application_id

),

path_summaries as (

    select
        application_id,
        max(case when not is_after_close then stage_rank end) as highest_rank,
        max(case when not is_skipped and not is_after_close then position end) as last_position,
        count(case when not is_skipped and not is_after_close then 1 end) as count_visits,
        count(case when is_skipped then 1 end) as count_skipped,
        count(case when exit_type = 'back' then 1 end) as count_moves_back

    from visits
    group by application_id

),

last_visits as (

    select
        visits.application_id,
        visits.role_step_id,
        visits.stage,
        visits.is_current,
        visits.days_so_far

    from visits
    inner join path_summaries
        on
            visits.application_id = path_summaries.application_id
            and visits.position = path_summaries.last_position

),

-- One offer per application, the first; the same visit as offer@.
ranked_offers as (

    select
        *,
        row_number() over (
            partition by application_id
            order by
                case when lower(trim(step_type)) = 'offer' then 0 else 1 end,
                period_number,
                entered_at,
                coalesce(step_order, -1),
                role_step_id,
                visit_number
        ) as offer_number

    from offer_visits

),

rejected_visits as (

    select
        application_id,
        reason,
        row_number() over (
            partition by application_id
            order by position desc
        ) as recency

    from visits
    where
        decision = 'rejected'
        and not is_after_close

),

joined as (

    select
        applications.platform,
        applications.account,
        applications.application_id,
        applications.candidate_id,
        applications.role_id,
        coalesce(applications.organization_id, roles.organization_id) as organization_id,
        linked_leads.lead_id,
        applications.application_status,
        latest_outcomes.outcome,
        case
            when latest_outcomes.outcome = 'hired' then 6
            else coalesce(path_summaries.highest_rank, 1)
        end as furthest_stage_rank,
        last_visits.stage as last_stage,
        last_visits.role_step_id as last_role_step_id,
        latest_outcomes.is_in_pipeline,
        latest_outcomes.outcome in ('hired', 'rejected', 'withdrawn') as is_closed,
        latest_outcomes.is_visible,
        applications.is_approved,
        applications.overall_fit_score,
        first_scores.first_score as first_overall_fit_score,
        lead_roles.resume_fit_score,
        linked_leads.lead_created_at,
        {%- for event in events %}
        milestones.{{ event }}_at,
        milestones.{{ event }}_not_before,
        milestones.{{ event }}_not_after,
        {%- endfor %}
        case
            when ranked_offers.application_id is null then null
            when ranked_offers.offer_answer in ('accepted', 'declined') then ranked_offers.offer_answer
            when ranked_offers.step_status = 'validated' then 'accepted'
            when latest_outcomes.outcome = 'withdrawn' then 'declined'
            when ranked_offers.step_status = 'rejected' or latest_outcomes.outcome = 'rejected' then 'rescinded'
            when latest_outcomes.is_in_pipeline then 'pending'
            else 'unknown'
        end as offer_outcome,
        case
            when latest_outcomes.outcome not in ('rejected', 'withdrawn') then null
            when applications.rejection_reason is null or trim(applications.rejection_reason) = ''
                then coalesce(rejected_visits.reason, 'not given')
            else coalesce(rejection_reasons.reason, 'other')
        end as reason,
        applications.first_observed_at,
        last_visits.days_so_far,
        path_summaries.count_visits,
        path_summaries.count_skipped,
        path_summaries.count_moves_back,
        reopening_counts.count_reopened,
        latest_outcomes.has_conflict,
        accounts.as_of_at

    from applications
    left join latest_outcomes
        on applications.application_id = latest_outcomes.application_id
    left join milestones
        on applications.application_id = milestones.application_id
    left join path_summaries
        on applications.application_id = path_summaries.application_id
    left join last_visits
        on applications.application_id = last_visits.application_id
    left join ranked_offers
        on
            applications.application_id = ranked_offers.application_id
            and ranked_offers.offer_number = 1
    left join rejected_visits
        on
            applications.application_id = rejected_visits.application_id
            and rejected_visits.recency = 1
    left join reopening_counts
        on applications.application_id = reopening_counts.application_id
    left join roles
        on applications.role_id = roles.role_id
    left join linked_leads
        on applications.application_id = linked_leads.application_id
    left join lead_roles
        on
            linked_leads.lead_id = lead_roles.lead_id
            and linked_leads.role_id = lead_roles.role_id
    left join first_scores
        on applications.application_id = first_scores.application_id
    left join accounts
        on
            applications.platform = accounts.platform
            and applications.account = accounts.account
    left join rejection_reasons
        on lower(trim(applications.rejection_reason)) = lower(trim(rejection_reasons.text))

),

closed as (

    select
        *,
        coalesce(hired_at, rejected_at, withdrawn_at) as closed_at,
        coalesce(hired_not_before, rejected_not_before, withdrawn_not_before) as closed_not_before,
        coalesce(hired_not_after, rejected_not_after, withdrawn_not_after) as closed_not_after

    from joined

),

datable as (

    select
        *
        {%- for event in ['applied', 'screening', 'interview', 'offer', 'offer_answered', 'hired', 'closed'] %},
        {{ is_datable(event) }} as is_{{ event }}_datable
        {%- endfor %}

    from closed

),

measured as (

    select
        *,
        {%- for duration, from_event, to_event in [
            ('days_to_screening', 'applied', 'screening'),
            ('days_to_interview', 'applied', 'interview'),
            ('days_to_offer', 'applied', 'offer'),
            ('days_to_hire', 'applied', 'hired'),
            ('days_to_close', 'applied', 'closed'),
            ('days_to_answer_offer', 'offer', 'offer_answered')
        ] %}
        -- An end before its beginning is an error of the source, not a duration.
        case
            when is_{{ from_event }}_datable and is_{{ to_event }}_datable and {{ to_event }}_at >= {{ from_event }}_at
                then {{ days_between(from_event ~ '_at', to_event ~ '_at') }}
        end as {{ duration }},
        {%- endfor %}
        case
            when is_applied_datable and is_hired_datable and hired_at >= applied_at
                then greatest(0.0, {{ days_between('applied_not_after', 'hired_not_before') }})
        end as days_to_hire_low,
        case
            when is_applied_datable and is_hired_datable and hired_at >= applied_at
                then {{ days_between('applied_not_before', 'hired_not_after') }}
        end as days_to_hire_high,
        case
            when is_in_pipeline and is_applied_datable and applied_at > as_of_at then 0.0
            when is_in_pipeline and is_applied_datable then {{ days_between('applied_at', 'as_of_at') }}
        end as days_in_pipeline

    from datable

)

select
    platform,
    account,
    application_id,
    candidate_id,
    role_id,
    organization_id,
    lead_id,
    lead_id is not null as is_sourced,
    application_status,
    outcome,
    {{ stage_of_rank('furthest_stage_rank') }} as furthest_stage,
    last_stage,
    case when is_in_pipeline then last_stage end as current_stage,
    {{ as_int('furthest_stage_rank') }} as furthest_stage_rank,
    case when is_in_pipeline then last_role_step_id end as current_role_step_id,
    is_in_pipeline,
    is_closed,
    is_visible,
    is_approved,
    overall_fit_score,
    first_overall_fit_score,
    resume_fit_score,
    lead_created_at,
    {%- for event in events + ['closed'] %}
    {{ event }}_at,
    {{ event }}_not_before,
    {{ event }}_not_after,
    {%- endfor %}
    offer_outcome,
    reason,
    first_observed_at,
    {{ as_double('days_to_screening') }} as days_to_screening,
    {{ as_double('days_to_interview') }} as days_to_interview,
    {{ as_double('days_to_offer') }} as days_to_offer,
    {{ as_double('days_to_hire') }} as days_to_hire,
    {{ as_double('days_to_close') }} as days_to_close,
    {{ as_double('days_to_hire_low') }} as days_to_hire_low,
    {{ as_double('days_to_hire_high') }} as days_to_hire_high,
    {{ as_double('days_to_answer_offer') }} as days_to_answer_offer,
    {{ as_double('days_in_pipeline') }} as days_in_pipeline,
    {{ as_double('case when is_in_pipeline then days_so_far end') }} as days_in_current_step,
    {{ as_int('coalesce(count_visits, 0)') }} as count_visits,
    {{ as_int('coalesce(count_skipped, 0)') }} as count_skipped,
    {{ as_int('coalesce(count_moves_back, 0)') }} as count_moves_back,
    {{ as_int('coalesce(count_reopened, 0)') }} as count_reopened,
    has_conflict

from measured
