-- What was the path of the application that took most visits, step by step?
select
    position,
    step_name,
    stage,
    entered_at,
    left_at,
    exit_type,
    round(days_in_step, 2) as days_in_step,
    is_skipped,
    case when is_entry_datable then 'dated' else 'undated' end as entry
from answers.application_steps
where
    application_id = (
        select application_id
        from answers.applications
        order by count_visits desc, application_id
        limit 1
    )
order by position
