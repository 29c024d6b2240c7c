-- Where do candidates who have finished a step wait longest for a decision?
select
    role_name,
    step_name,
    n_days_to_decide,
    round(median_days_to_decide, 1) as median_days_to_decide,
    round(median_days_to_decide / nullif(median_days_in_step, 0), 2) as part_of_the_step
from answers.time_in_step
where median_days_to_decide > 0
order by median_days_to_decide desc
limit 20
