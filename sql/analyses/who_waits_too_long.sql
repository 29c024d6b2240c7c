-- Which applications have been in their step longer than nine in ten were, and since when?
select
    aging.role_name,
    aging.stage,
    aging.application_id,
    round(aging.days_in_current_step, 1) as days,
    round(aging.typical_p90_days, 1) as nine_in_ten_took,
    visits.entered_at
from answers.aging_applications as aging
left join marts.fct_application_steps as visits
    on
        aging.application_id = visits.application_id
        and visits.is_current
where aging.is_stalled
order by aging.days_in_current_step desc
