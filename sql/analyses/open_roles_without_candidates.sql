-- Which open roles will not be filled from today's pipeline?
select
    role_name,
    department,
    round(days_open) as days_open,
    count_remaining as hires_to_make,
    round(expected_hires, 1) as expected_hires,
    count_applications_30d as new_applications
from answers.open_roles
where
    count_remaining > 0
    and coalesce(expected_hires, 0) < count_remaining
order by count_remaining - coalesce(expected_hires, 0) desc
