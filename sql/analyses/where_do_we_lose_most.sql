-- Between which stages did each department lose most of the applications that are closed by now?
select
    coalesce(department, '(none)') as department,
    stage,
    sum(count_reached_closed) as count_reached,
    sum(count_lost) as count_lost,
    round(100.0 * sum(count_lost) / nullif(sum(count_reached_closed), 0), 1) as percent_lost
from answers.hiring_funnel
where stage <> 'hired'
group by all
having sum(count_reached_closed) > 0
order by count_lost desc
