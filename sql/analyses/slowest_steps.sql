-- Which ten steps hold people longest, with enough finished visits to say so?
select
    role_name,
    step_name,
    stage,
    n_days_in_step,
    round(median_days_in_step, 1) as median_days,
    round(p90_days_in_step, 1) as nine_in_ten
from answers.time_in_step
where median_days_in_step is not null
order by median_days_in_step desc
limit 10
