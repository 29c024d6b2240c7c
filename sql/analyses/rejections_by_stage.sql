-- In which stage do we turn people down, and for which reason most often?
with

counted as (

    select
        last_stage,
        reason,
        sum(count_applications) as count_rejected
    from answers.rejection_reasons
    where outcome = 'rejected'
    group by last_stage, reason

)

select
    last_stage,
    sum(count_rejected) as count_rejected,
    arg_max(reason, count_rejected) as most_frequent_reason,
    max(count_rejected) as times_given
from counted
group by last_stage
order by count_rejected desc
