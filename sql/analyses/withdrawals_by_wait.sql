-- Do people who wait longer withdraw more often?
select
    case
        when days_to_close < 7 then '1. under a week'
        when days_to_close < 30 then '2. under a month'
        else '3. a month or more'
    end as waited,
    count(*) as count_closed,
    count(*) filter (where outcome = 'withdrawn') as count_withdrawn,
    round(100.0 * count(*) filter (where outcome = 'withdrawn') / count(*), 1) as percent_withdrawn
from answers.applications
where
    is_closed
    and days_to_close is not null
group by all
order by waited
