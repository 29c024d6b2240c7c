-- How did the pipeline change in each of the last eight weeks?
select
    week_start,
    sum(count_opening) as at_the_start,
    sum(count_entered) - sum(count_left_forward) - sum(count_left_back) as came_in,
    -(sum(count_rejected) + sum(count_withdrawn) + sum(count_vanished)) as went_out,
    -sum(count_hired) as were_hired,
    sum(count_closing) as at_the_end,
    bool_or(is_partial_week) as is_not_over
from answers.pipeline_trend
group by week_start
order by week_start desc
limit 8
