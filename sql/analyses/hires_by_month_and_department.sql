-- How many people did each department hire in each month?
select
    cast(date_trunc('month', hired_at) as date) as hired_month,
    coalesce(department, '(none)') as department,
    count(*) as count_hires
from answers.applications
where outcome = 'hired'
group by all
order by hired_month desc, department
