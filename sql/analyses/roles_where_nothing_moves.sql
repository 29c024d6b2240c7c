-- On which open roles has nothing moved for two weeks, although people wait?
select
    role_name,
    round(days_since_movement, 1) as days_since_movement,
    count_applied + count_screening + count_assessment + count_interview + count_offer + count_unknown as count_waiting
from answers.open_roles
where
    days_since_movement >= 14
    and count_applied + count_screening + count_assessment + count_interview + count_offer + count_unknown > 0
order by days_since_movement desc
