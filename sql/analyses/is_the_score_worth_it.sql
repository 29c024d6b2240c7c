-- Can a score tell hires from others? (0.5 is a coin; below min_n closed applications nothing is said.)
select
    platform,
    account,
    score_kind,
    sum(n_closed) as count_closed,
    round(max(auc_interview), 2) as tells_interviews,
    round(max(auc_hire), 2) as tells_hires
from answers.score_calibration
group by all
order by all
