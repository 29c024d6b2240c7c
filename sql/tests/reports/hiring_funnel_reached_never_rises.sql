-- Nobody reaches a stage without having reached the one before.
select
    later.platform,
    later.account,
    later.cohort_month,
    later.role_id,
    later.stage

from {{ ref('rpt_hiring_funnel') }} as later
inner join {{ ref('rpt_hiring_funnel') }} as earlier
    on
        later.platform = earlier.platform
        and later.account = earlier.account
        and coalesce(later.cohort_month, cast('1970-01-01' as date)) = coalesce(earlier.cohort_month, cast('1970-01-01' as date))
        and later.role_id = earlier.role_id
        and later.stage_rank = earlier.stage_rank + 1
where
    later.count_reached > earlier.count_reached
    or later.count_reached_closed > earlier.count_reached_closed
    or later.count_applications <> earlier.count_applications
