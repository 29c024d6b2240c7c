-- closing = opening + entered - left, day after day; nothing is negative; at the end stand those in the pipeline.
with

daily as (

    select * from {{ ref('fct_pipeline_daily') }}

),

accounts as (

    select * from {{ ref('int_accounts__dated') }}

),

applications as (

    select * from {{ ref('fct_applications') }}

),

followed as (

    select
        *,
        lag(date_day) over (partition by role_id, stage order by date_day) as previous_day,
        lag(count_closing) over (partition by role_id, stage order by date_day) as previous_closing,
        lead(date_day) over (partition by role_id, stage order by date_day) as next_day

    from daily

),

unbalanced as (

    select
        followed.role_id,
        followed.date_day

    from followed
    left join accounts
        on
            followed.platform = accounts.platform
            and followed.account = accounts.account
    where
        followed.count_closing <> followed.count_opening + followed.count_entered - (
            followed.count_left_forward + followed.count_left_back + followed.count_rejected
            + followed.count_withdrawn + followed.count_hired + followed.count_vanished
        )
        or least(
            followed.count_opening,
            followed.count_entered,
            followed.count_left_forward,
            followed.count_left_back,
            followed.count_rejected,
            followed.count_withdrawn,
            followed.count_hired,
            followed.count_vanished,
            followed.count_closing,
            followed.count_undated_in,
            followed.count_undated_out
        ) < 0
        -- The day before has the same people at its close; a day without a row has nobody.
        or followed.count_opening <> case
            when {{ dbt.datediff('followed.previous_day', 'followed.date_day', 'day') }} = 1 then followed.previous_closing
            else 0
        end
        or (
            followed.count_closing > 0
            and followed.date_day < accounts.as_of_date
            and coalesce({{ dbt.datediff('followed.date_day', 'followed.next_day', 'day') }}, 0) <> 1
        )

),

last_days as (

    select
        daily.role_id,
        sum(daily.count_closing) as count_closing

    from daily
    inner join accounts
        on
            daily.platform = accounts.platform
            and daily.account = accounts.account
            and daily.date_day = accounts.as_of_date
    group by daily.role_id

),

in_pipeline as (

    select
        role_id,
        count(*) as count_applications

    from applications
    where is_in_pipeline
    group by role_id

),

miscounted as (

    select
        in_pipeline.role_id,
        cast(null as date) as date_day

    from in_pipeline
    full outer join last_days
        on in_pipeline.role_id = last_days.role_id
    where coalesce(in_pipeline.count_applications, 0) <> coalesce(last_days.count_closing, 0)

)

select * from unbalanced

union all

select * from miscounted
