-- In which stage do we turn people down, and for which reason most often?
select
    last_stage,
    sum(count_applications) as count_rejected,
    arg_max(reason, count_applications) as most_frequent_reason
from reports.rpt_rejection_reasons
where outcome = 'rejected'
group by last_stage
order by count_rejected desc
