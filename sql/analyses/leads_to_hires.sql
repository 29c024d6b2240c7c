-- What became of the leads of each quarter?
select
    date_trunc('quarter', cohort_month) as quarter_start,
    sum(count_leads) as leads,
    sum(count_screened) as screened,
    sum(count_converted) as converted,
    sum(count_interviewed) as interviewed,
    sum(count_hired) as hired
from answers.sourcing_conversion
group by all
order by quarter_start desc nulls last
