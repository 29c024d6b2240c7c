-- One row per day, role and stage with anybody in it: how many were there, came in and went out, and how.
{%- set exits = ['forward', 'back', 'rejected', 'withdrawn', 'hired', 'vanished'] %}
with

visits as (

    select * from {{ ref('fct_application_steps') }}

),

accounts as (

    select * from {{ ref('int_accounts__dated') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

-- A clock that runs ahead can date an event after the as-of day, where there are no days: it counts on that day.
dated_visits as (

    select
        visits.*,
        case
            when {{ local_date('visits.entered_at') }} > accounts.as_of_date then accounts.as_of_date
            else {{ local_date('visits.entered_at') }}
        end as entered_day,
        case
            when {{ local_date('visits.left_at') }} > accounts.as_of_date then accounts.as_of_date
            else {{ local_date('visits.left_at') }}
        end as left_day

    from visits
    left join accounts
        on
            visits.platform = accounts.platform
            and visits.account = accounts.account

),

-- Neighbouring visits in one stage are one stay in it.
numbered_visits as (

    select
        *,
        sum(case when is_stage_entry then 1 else 0 end) over (
            partition by application_id
            order by position
            rows between unbounded preceding and current row
        ) as spell_number

    from dated_visits
    where
        not is_skipped
        and not is_after_close

),

spells as (

    select
        platform,
        account,
        application_id,
        spell_number,
        min(role_id) as role_id,
        min(stage) as stage,
        min(entered_day) as entered_day,
        max(case when is_stage_entry and not is_entry_datable then 1 else 0 end) as undated_in,
        max(case when is_stage_exit then left_day end) as left_day,
        max(case when is_stage_exit then exit_type end) as exit_type,
        max(case when is_stage_exit and not is_exit_datable then 1 else 0 end) as undated_out

    from numbered_visits
    group by platform, account, application_id, spell_number

),

-- Each spell speaks on four days: it is there at the close from its entry until it leaves, and at the start a day later.
spell_events as (

    select
        platform,
        account,
        role_id,
        stage,
        entered_day as date_day,
        0 as opening_change,
        1 as closing_change,
        1 as entered,
        undated_in,
        {{ as_text('null') }} as exit_type,
        0 as undated_out

    from spells

    union all

    select
        platform,
        account,
        role_id,
        stage,
        cast({{ dbt.dateadd('day', 1, 'entered_day') }} as date) as date_day,
        1 as opening_change,
        0 as closing_change,
        0 as entered,
        0 as undated_in,
        {{ as_text('null') }} as exit_type,
        0 as undated_out

    from spells

    union all

    select
        platform,
        account,
        role_id,
        stage,
        left_day as date_day,
        0 as opening_change,
        -1 as closing_change,
        0 as entered,
        0 as undated_in,
        exit_type,
        undated_out

    from spells
    where left_day is not null

    union all

    select
        platform,
        account,
        role_id,
        stage,
        cast({{ dbt.dateadd('day', 1, 'left_day') }} as date) as date_day,
        -1 as opening_change,
        0 as closing_change,
        0 as entered,
        0 as undated_in,
        {{ as_text('null') }} as exit_type,
        0 as undated_out

    from spells
    where left_day is not null

),

daily_events as (

    select
        platform,
        account,
        role_id,
        stage,
        date_day,
        sum(opening_change) as opening_change,
        sum(closing_change) as closing_change,
        sum(entered) as count_entered,
        {%- for exit in exits %}
        count(case when exit_type = '{{ exit }}' then 1 end) as count_{{ exit }},
        {%- endfor %}
        sum(undated_in) as count_undated_in,
        sum(undated_out) as count_undated_out

    from spell_events
    group by platform, account, role_id, stage, date_day

),

-- Days after the last event matter only while somebody is still there.
stage_spans as (

    select
        daily_events.platform,
        daily_events.account,
        daily_events.role_id,
        daily_events.stage,
        accounts.first_refresh_date,
        min(daily_events.date_day) as first_day,
        case
            when sum(daily_events.closing_change) > 0 then accounts.as_of_date
            else least(accounts.as_of_date, max(daily_events.date_day))
        end as last_day

    from daily_events
    left join accounts
        on
            daily_events.platform = accounts.platform
            and daily_events.account = accounts.account
    group by
        daily_events.platform,
        daily_events.account,
        daily_events.role_id,
        daily_events.stage,
        accounts.first_refresh_date,
        accounts.as_of_date

),

stage_days as (

    select
        stage_spans.platform,
        stage_spans.account,
        stage_spans.role_id,
        stage_spans.stage,
        stage_spans.first_refresh_date,
        dates.date_day

    from stage_spans
    inner join dates
        on
            stage_spans.first_day <= dates.date_day
            and stage_spans.last_day >= dates.date_day

),

counted_days as (

    select
        stage_days.*,
        sum(coalesce(daily_events.opening_change, 0)) over days_so_far as count_opening,
        sum(coalesce(daily_events.closing_change, 0)) over days_so_far as count_closing,
        coalesce(daily_events.count_entered, 0) as count_entered,
        {%- for exit in exits %}
        coalesce(daily_events.count_{{ exit }}, 0) as count_{{ exit }},
        {%- endfor %}
        coalesce(daily_events.count_undated_in, 0) as count_undated_in,
        coalesce(daily_events.count_undated_out, 0) as count_undated_out

    from stage_days
    left join daily_events
        on
            stage_days.role_id = daily_events.role_id
            and stage_days.stage = daily_events.stage
            and stage_days.date_day = daily_events.date_day
    window
        days_so_far as (
            partition by stage_days.role_id, stage_days.stage
            order by stage_days.date_day
            rows between unbounded preceding and current row
        )

)

select
    date_day,
    role_id,
    stage,
    platform,
    account,
    {{ as_int('count_opening') }} as count_opening,
    {{ as_int('count_entered') }} as count_entered,
    {{ as_int('count_forward') }} as count_left_forward,
    {{ as_int('count_back') }} as count_left_back,
    {{ as_int('count_rejected') }} as count_rejected,
    {{ as_int('count_withdrawn') }} as count_withdrawn,
    {{ as_int('count_hired') }} as count_hired,
    {{ as_int('count_vanished') }} as count_vanished,
    {{ as_int('count_closing') }} as count_closing,
    {{ as_int('count_undated_in') }} as count_undated_in,
    {{ as_int('count_undated_out') }} as count_undated_out,
    date_day < first_refresh_date as is_reconstructed

from counted_days
where count_opening + count_entered > 0
