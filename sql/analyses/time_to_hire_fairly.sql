-- How long does a hire take, and what does it become when those still in the pipeline are counted fairly?
select
    platform,
    account,
    n_days_to_hire as count_hires,
    round(median_days_to_hire, 1) as median_of_finished,
    round(survival_median_days, 1) as median_of_all,
    round(median_days_to_hire_low, 1) as at_least,
    round(median_days_to_hire_high, 1) as at_most
from answers.time_to_hire
where
    level = 'account'
    and hired_month is null
