-- Which offers were declined or taken back, how long after they were made?
select
    role_name,
    offer_outcome,
    offer_at,
    round(days_to_answer_offer, 1) as days_to_answer,
    reason
from answers.applications
where offer_outcome in ('declined', 'rescinded')
order by offer_at desc
