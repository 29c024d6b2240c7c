-- What was the path of the application that took most visits, step by step?
select
    visits.position,
    role_steps.step_name,
    visits.stage,
    visits.entered_at,
    visits.left_at,
    visits.exit_type,
    round(visits.days_in_step, 2) as days_in_step,
    visits.is_skipped,
    case when visits.is_entry_datable then 'dated' else 'undated' end as entry
from marts.fct_application_steps as visits
left join marts.dim_role_steps as role_steps using (role_step_id)
where
    visits.application_id = (
        select application_id
        from marts.fct_applications
        order by count_visits desc, application_id
        limit 1
    )
order by visits.position
