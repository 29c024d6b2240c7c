-- Which scores were changed after they were first given, and by how much?
select
    application_id,
    changed_at,
    try_cast(old_value as double) as old_score,
    try_cast(new_value as double) as new_score,
    try_cast(new_value as double) - try_cast(old_value as double) as difference
from marts.fct_application_changes
where
    attribute = 'overall_fit_score'
    and try_cast(old_value as double) >= 0
    and try_cast(new_value as double) >= 0
order by abs(difference) desc, application_id
limit 50
