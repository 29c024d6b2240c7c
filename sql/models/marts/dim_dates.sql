-- One row per day, from 1 January of the earliest event's year to 31 December of the as-of year.
with

accounts as (

    select * from {{ ref('int_accounts__dated') }}

),

applications as (

    select * from {{ ref('fct_applications') }}

),

candidates as (

    select * from {{ ref('dim_candidates') }}

),

roles as (

    select * from {{ ref('dim_roles') }}

),

leads as (

    select * from {{ ref('fct_leads') }}

),

snapshots as (

    select * from {{ ref('fct_analytics_snapshots') }}

),

holidays as (

    select distinct cast(date as date) as holiday

    from {{ ref('holidays') }}

),

event_days as (

    select min({{ local_date('applied_at') }}) as first_day
    from applications

    union all

    select min({{ local_date('created_at') }}) as first_day
    from candidates

    union all

    select min({{ local_date('opened_at') }}) as first_day
    from roles

    union all

    select min({{ local_date('created_at') }}) as first_day
    from leads

    union all

    select min(period_end) as first_day
    from snapshots

    union all

    select min(as_of_date) as first_day
    from accounts

),

last_days as (

    select max(as_of_date) as last_day
    from accounts

),

span as (

    select
        cast({{ dbt.date_trunc('year', 'min(event_days.first_day)') }} as date) as first_day,
        -- The day before the first of the next year.
        cast({{ dbt.dateadd('day', -1, dbt.dateadd('year', 1, dbt.date_trunc('year', 'max(last_days.last_day)'))) }} as date) as last_day

    from event_days
    cross join last_days

),

numbers as (

    -- A hundred years; a year before that is a mistake of the source, and its days would only be in the way.
    {{ dbt.generate_series(36525) }}

),

days as (

    select
        span.first_day,
        cast({{ dbt.dateadd('day', '1 - cast(numbers.generated_number as integer)', 'span.last_day') }} as date) as date_day

    from span
    cross join numbers

),

-- 1 January 1900 was a Monday; engines number weekdays differently.
weekdays as (

    select
        date_day,
        1 + mod({{ dbt.datediff("cast('1900-01-01' as date)", 'date_day', 'day') }}, 7) as day_of_week

    from days
    where date_day >= first_day

)

select
    weekdays.date_day,
    cast({{ dbt.date_trunc('week', 'weekdays.date_day') }} as date) as week_start,
    cast({{ dbt.date_trunc('month', 'weekdays.date_day') }} as date) as month_start,
    cast({{ dbt.date_trunc('quarter', 'weekdays.date_day') }} as date) as quarter_start,
    {{ as_int('extract(year from weekdays.date_day)') }} as year,
    {{ as_int('weekdays.day_of_week') }} as day_of_week,
    weekdays.day_of_week >= 6 as is_weekend,
    weekdays.day_of_week < 6 and holidays.holiday is null as is_business_day

from weekdays
left join holidays
    on weekdays.date_day = holidays.holiday
