-- Closing = opening + entered - left, for every week, organization and stage; and a week opens as the one before closed.
with

weeks as (

    select
        *,
        lag(week_start) over (partition by platform, account, organization_id, stage order by week_start)
            as previous_week_start,
        lag(count_closing) over (partition by platform, account, organization_id, stage order by week_start)
            as previous_count_closing

    from {{ ref('rpt_pipeline_trend') }}

)

select
    platform,
    account,
    week_start,
    organization_id,
    stage

from weeks
where
    count_closing <> count_opening + count_entered
    - (count_left_forward + count_left_back + count_rejected + count_withdrawn + count_hired + count_vanished)
    or count_opening <> case
        when {{ dbt.datediff('previous_week_start', 'week_start', 'day') }} = 7 then previous_count_closing
        else 0
    end
