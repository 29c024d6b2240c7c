-- Which offers were declined or taken back, how long after they were made?
select
    roles.role_name,
    applications.offer_outcome,
    applications.offer_at,
    round(applications.days_to_answer_offer, 1) as days_to_answer,
    applications.reason
from marts.fct_applications as applications
left join marts.dim_roles as roles using (role_id)
where applications.offer_outcome in ('declined', 'rescinded')
order by applications.offer_at desc
