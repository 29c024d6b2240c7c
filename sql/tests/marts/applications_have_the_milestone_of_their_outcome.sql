-- Each outcome has exactly its own closing milestone, none is open and closed at once, no duration is negative.
select
    application_id,
    outcome

from {{ ref('fct_applications') }}
where
    (outcome = 'hired') <> (hired_at is not null)
    or (outcome = 'rejected') <> (rejected_at is not null)
    or (outcome = 'withdrawn') <> (withdrawn_at is not null)
    or is_closed <> (closed_at is not null)
    or (is_in_pipeline and is_closed)
    or (is_in_pipeline or is_closed) = (vanished_at is not null)
    or is_sourced <> (lead_id is not null)
    or least(
        coalesce(days_to_screening, 0),
        coalesce(days_to_interview, 0),
        coalesce(days_to_offer, 0),
        coalesce(days_to_hire, 0),
        coalesce(days_to_close, 0),
        coalesce(days_to_answer_offer, 0),
        coalesce(days_in_pipeline, 0),
        coalesce(days_in_current_step, 0)
    ) < 0
    or days_to_hire_low > days_to_hire
    or days_to_hire_high < days_to_hire
