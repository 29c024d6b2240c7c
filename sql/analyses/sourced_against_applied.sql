-- Do people we approached get further than people who came by themselves, on the platforms that know leads?
select
    case when is_sourced then 'approached' else 'came by themselves' end as came,
    count(*) as count_closed,
    count(*) filter (where furthest_stage_rank >= 4) as count_interviewed,
    count(*) filter (where outcome = 'hired') as count_hired,
    round(100.0 * count(*) filter (where outcome = 'hired') / count(*), 1) as percent_hired
from answers.applications
where
    is_closed
    and platform in (select platform from answers.leads)
group by all
order by came
