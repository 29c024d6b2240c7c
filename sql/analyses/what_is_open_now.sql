-- What is open right now: how many wait in each stage of each role, and how long does the longest wait?
select
    role_name,
    current_stage,
    count(*) as count_waiting,
    round(max(days_in_current_step), 1) as longest_days
from answers.applications
where is_in_pipeline
group by all
order by longest_days desc nulls last, role_name
