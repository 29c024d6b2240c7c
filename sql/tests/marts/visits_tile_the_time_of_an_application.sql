-- Visits follow each other without gap or overlap, and their days add up to those from applied to closed (or to the as-of instant).
with

visits as (

    select * from {{ ref('fct_application_steps') }}
    where
        not is_skipped
        and not is_after_close

),

applications as (

    select * from {{ ref('fct_applications') }}

),

followed as (

    select
        *,
        lead(entered_at) over (partition by application_id order by position) as next_entered_at

    from visits

),

-- After a close there is a gap until the application is reopened.
gaps as (

    select application_id from followed
    where
        exit_type in ('forward', 'back')
        and (next_entered_at is null or next_entered_at <> left_at)

),

sums as (

    select
        application_id,
        min(entered_at) as first_entered_at,
        sum(coalesce(days_in_step, 0) + coalesce(days_so_far, 0)) as days_of_visits,
        count(case when not is_entry_datable or not (is_exit_datable or is_current) then 1 end) as count_undated,
        count(case when is_current and days_so_far = 0 then 1 end) as count_floored

    from visits
    group by application_id

),

unequal as (

    select applications.application_id
    from applications
    left join sums
        on applications.application_id = sums.application_id
    where
        sums.application_id is null
        or (
            -- A visit entered before the application was made is an error of the source, told by another test.
            sums.first_entered_at = applications.applied_at
            and sums.count_undated = 0
            and sums.count_floored = 0
            and applications.count_reopened = 0
            and abs(sums.days_of_visits - coalesce(applications.days_to_close, applications.days_in_pipeline)) > 0.000001
        )

)

select application_id from gaps

union all

select application_id from unequal
