-- How many people did each department hire in each month?
select
    date_trunc('month', applications.hired_at) as hired_month,
    coalesce(roles.department, '(none)') as department,
    count(*) as count_hires
from marts.fct_applications as applications
left join marts.dim_roles as roles using (role_id)
where applications.outcome = 'hired'
group by all
order by hired_month desc, department
