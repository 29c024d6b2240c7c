{%- set bases = ['ours', 'not_before', 'not_after', 'west', 'east'] -%}
-- One row per figure of the platform's own analytics that the map names (latest snapshot): theirs, ours, and why they differ.
with

snapshots as (

    select * from {{ ref('fct_analytics_snapshots') }}

),

analytics_map as (

    select * from {{ ref('analytics_map') }}

),

applications as (

    select * from {{ ref('fct_applications') }}
    where platform in (select platform from {{ ref('fct_analytics_snapshots') }})

),

visits as (

    select * from {{ ref('fct_application_steps') }}
    where
        platform in (select platform from {{ ref('fct_analytics_snapshots') }})
        and not is_skipped
        and not is_after_close

),

changes as (

    select * from {{ ref('fct_application_changes') }}
    where
        attribute = 'is_visible'
        and new_value = 'false'

),

roles as (

    select * from {{ ref('dim_roles') }}

),

ranked_snapshots as (

    select
        snapshots.*,
        analytics_map.our_metric,
        analytics_map.unit,
        analytics_map.our_metric in ('open_roles', 'in_pipeline', 'candidates_in_pipeline') as is_stock,
        row_number() over (
            partition by
                snapshots.platform,
                snapshots.account,
                snapshots.metric,
                snapshots.role_id,
                snapshots.period_start,
                snapshots.period_end
            order by snapshots.captured_at desc, snapshots.snapshot_row_id desc
        ) as recency

    from snapshots
    inner join analytics_map
        on lower(trim(snapshots.metric)) = lower(trim(analytics_map.metric))

),

-- A stock is what has come in by the end of the period and not gone out; a flow, what came within the period.
figures as (

    select
        *,
        case when is_stock then null else period_start end as counted_from

    from ranked_snapshots
    where recency = 1

),

-- What counts one up or down in which figure. A role closed when first seen, or not opened yet, was open at no known time.
events as (

    {% for metric, rows, event, weight, condition in [
        ('applications', 'applications', 'applied', 1, 'true'),
        ('hires', 'applications', 'hired', 1, 'true'),
        ('rejections', 'applications', 'rejected', 1, 'true'),
        ('in_pipeline', 'applications', 'applied', 1, 'true'),
        ('in_pipeline', 'applications', 'closed', -1, 'true'),
        ('in_pipeline', 'applications', 'vanished', -1, 'not is_closed'),
        ('open_roles', 'roles', 'opened', 1, "(role_state = 'open' or closed_at is not null)"),
        ('open_roles', 'roles', 'closed', -1, 'opened_at is not null'),
    ] -%}
    select
        platform,
        account,
        role_id,
        '{{ metric }}' as our_metric,
        {{ weight }} as weight,
        {{ event }}_at as happened_at,
        {{ event }}_not_before as not_before,
        {{ event }}_not_after as not_after

    from {{ rows }}
    where {{ event }}_at is not null and {{ condition }}
    {%- if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}

),

-- Ways to date an event: as we do, at either bound, and by the clocks at the two edges of the world.
bases as (
    {%- for basis in bases %}
    select '{{ basis }}' as basis
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}

),

based_events as (

    select
        events.platform,
        events.account,
        events.role_id,
        events.our_metric,
        events.weight,
        bases.basis,
        -- Null for an event without a lower bound, dated by it: before everything.
        case bases.basis
            when 'ours' then {{ local_date('events.happened_at') }}
            when 'not_before' then {{ local_date('events.not_before') }}
            when 'not_after' then {{ local_date('events.not_after') }}
            when 'west' then {{ utc_date('events.happened_at', -12) }}
            else {{ utc_date('events.happened_at', 14) }}
        end as date_day

    from events
    cross join bases

),

role_days as (

    select
        platform,
        account,
        role_id,
        our_metric,
        basis,
        date_day,
        sum(weight) as count_events

    from based_events
    group by platform, account, role_id, our_metric, basis, date_day

),

first_hidden as (

    select
        application_id,
        min(changed_not_before) as hidden_not_before

    from changes
    group by application_id

),

-- Applications that are out of sight, or were for a while: the platform may have left them out since then.
hidden_days as (

    select
        applications.platform,
        applications.account,
        applications.role_id,
        {{ local_date(
            'case when first_hidden.application_id is not null then first_hidden.hidden_not_before'
            ' when applications.vanished_at is not null then applications.vanished_not_before'
            ' else applications.applied_at end'
        ) }} as date_day

    from applications
    left join first_hidden
        on applications.application_id = first_hidden.application_id
    where
        first_hidden.application_id is not null
        or applications.vanished_at is not null
        or not applications.is_visible

),

-- The way of an application from its first step to where it closed; a further one begins when it was reopened.
ordered_visits as (

    select
        *,
        lag(exit_type) over (partition by application_id order by position) as previous_exit_type,
        lag(left_not_before) over (partition by application_id order by position) as previous_left_not_before

    from visits

),

numbered_visits as (

    select
        *,
        sum(case when previous_exit_type in ('forward', 'back') then 0 else 1 end) over (
            partition by application_id
            order by position
            rows between unbounded preceding and current row
        ) as way_number,
        coalesce(previous_exit_type, 'none') not in ('forward', 'back') as is_first,
        exit_type not in ('forward', 'back') as is_last

    from ordered_visits

),

-- Between a closing and the step that shows it undone, it may have been undone at any time.
ways as (

    select
        platform,
        account,
        role_id,
        application_id,
        min(case when is_first then entered_at end) as entered_at,
        min(case when is_first then coalesce(previous_left_not_before, entered_not_before) end) as entered_not_before,
        min(case when is_first then entered_not_after end) as entered_not_after,
        min(case when is_last then left_at end) as left_at,
        min(case when is_last then left_not_before end) as left_not_before,
        min(case when is_last then left_not_after end) as left_not_after

    from numbered_visits
    group by platform, account, role_id, application_id, way_number

),

-- A person counts once, with however many applications: what is counted is when the first began and the last ended.
-- Bounds: as few as there may have been (come late, gone early), as many as there may have been (come early, gone late).
dated_stays as (

    select
        ways.platform,
        ways.account,
        ways.role_id,
        applications.candidate_id,
        bases.basis,
        case bases.basis
            when 'ours' then {{ local_date('ways.entered_at') }}
            when 'not_before' then {{ local_date('ways.entered_not_after') }}
            when 'not_after' then {{ local_date('ways.entered_not_before') }}
            when 'west' then {{ utc_date('ways.entered_at', -12) }}
            else {{ utc_date('ways.entered_at', 14) }}
        end as first_date,
        ways.left_at is null as is_standing,
        case bases.basis
            when 'ours' then {{ local_date('ways.left_at') }}
            when 'not_before' then {{ local_date('ways.left_not_before') }}
            when 'not_after' then {{ local_date('ways.left_not_after') }}
            when 'west' then {{ utc_date('ways.left_at', -12) }}
            else {{ utc_date('ways.left_at', 14) }}
        end as left_date

    from ways
    inner join applications
        on ways.application_id = applications.application_id
    cross join bases

),

-- Counted in a role, and in the whole account; an event without a date lies before everything.
stays as (

    {% for role_key in ['role_id', "'(all)'"] -%}
    select
        platform,
        account,
        {{ role_key }} as role_key,
        candidate_id,
        basis,
        coalesce(first_date, cast('1900-01-01' as date)) as first_date,
        case
            when is_standing then cast('9999-12-31' as date)
            else coalesce(left_date, cast('1900-01-01' as date))
        end as left_date

    from dated_stays
    {%- if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}

),

followed_stays as (

    select
        *,
        max(left_date) over (
            partition by platform, account, role_key, candidate_id, basis
            order by first_date, left_date
            rows between unbounded preceding and 1 preceding
        ) as last_left_date

    from stays
    where first_date < left_date

),

numbered_stays as (

    select
        *,
        sum(case when last_left_date >= first_date then 0 else 1 end) over (
            partition by platform, account, role_key, candidate_id, basis
            order by first_date, left_date
            rows between unbounded preceding and current row
        ) as presence_number

    from followed_stays

),

presences as (

    select
        platform,
        account,
        role_key,
        basis,
        min(first_date) as first_date,
        max(left_date) as left_date

    from numbered_stays
    group by platform, account, role_key, candidate_id, basis, presence_number

),

presence_days as (

    select
        platform,
        account,
        role_key,
        basis,
        first_date as date_day,
        1 as weight

    from presences

    union all

    select
        platform,
        account,
        role_key,
        basis,
        left_date as date_day,
        -1 as weight

    from presences

),

-- Figures without a role are those of the whole account.
day_counts as (

    select
        platform,
        account,
        role_id as role_key,
        our_metric,
        basis,
        date_day,
        count_events

    from role_days

    union all

    select
        platform,
        account,
        '(all)' as role_key,
        our_metric,
        basis,
        date_day,
        sum(count_events) as count_events

    from role_days
    group by platform, account, our_metric, basis, date_day

    union all

    select
        platform,
        account,
        role_key,
        'candidates_in_pipeline' as our_metric,
        basis,
        date_day,
        sum(weight) as count_events

    from presence_days
    group by platform, account, role_key, basis, date_day

    {% for role_key in ['role_id', "'(all)'"] -%}
    union all

    select
        platform,
        account,
        {{ role_key }} as role_key,
        'hidden' as our_metric,
        'not_before' as basis,
        date_day,
        count(*) as count_events

    from hidden_days
    group by platform, account, {{ role_key if loop.first else '' }}{{ ', ' if loop.first else '' }}date_day

    {% endfor %}
),

our_counts as (

    select
        figures.snapshot_row_id,
        {% for basis in bases -%}
        coalesce(
            sum(
                case
                    when day_counts.our_metric = figures.our_metric and day_counts.basis = '{{ basis }}'
                        then day_counts.count_events
                end
            ),
            0
        ) as value_{{ basis }},
        {% endfor -%}
        coalesce(
            sum(case when day_counts.our_metric = 'hidden' then day_counts.count_events end), 0
        ) as count_vanished

    from figures
    left join day_counts
        on
            figures.platform = day_counts.platform
            and figures.account = day_counts.account
            and coalesce(figures.role_id, '(all)') = day_counts.role_key
            and (figures.our_metric = day_counts.our_metric or day_counts.our_metric = 'hidden')
            and (figures.counted_from is null or figures.counted_from <= day_counts.date_day)
            and (figures.period_end is null or day_counts.date_day is null or day_counts.date_day <= figures.period_end)
    where figures.our_metric <> 'median_days_to_hire'
    group by figures.snapshot_row_id

),

based_hires as (

    select
        applications.platform,
        applications.account,
        applications.role_id,
        bases.basis,
        case bases.basis
            when 'west' then {{ utc_date('applications.hired_at', -12) }}
            when 'east' then {{ utc_date('applications.hired_at', 14) }}
            else {{ local_date('applications.hired_at') }}
        end as date_day,
        case bases.basis
            when 'not_before' then applications.days_to_hire_low
            when 'not_after' then applications.days_to_hire_high
            else applications.days_to_hire
        end as days_to_hire

    from applications
    cross join bases
    where applications.days_to_hire is not null

),

our_medians as (

    select
        figures.snapshot_row_id,
        {% for basis in bases -%}
        {{ percentile(
            0.5, "case when based_hires.basis = '" ~ basis ~ "' then based_hires.days_to_hire end"
        ) }} as value_{{ basis }},
        {% endfor -%}
        0 as count_vanished

    from figures
    left join based_hires
        on
            figures.platform = based_hires.platform
            and figures.account = based_hires.account
            and (figures.role_id is null or figures.role_id = based_hires.role_id)
            and (figures.counted_from is null or figures.counted_from <= based_hires.date_day)
            and (figures.period_end is null or based_hires.date_day <= figures.period_end)
    where figures.our_metric = 'median_days_to_hire'
    group by figures.snapshot_row_id

),

our_values as (

    select * from our_counts
    union all
    select * from our_medians

),

role_unknowns as (

    select
        platform,
        account,
        role_id,
        count(*) as count_unknown

    from applications
    where outcome = 'unknown'
    group by platform, account, role_id

),

unknown_outcomes as (

    select
        figures.snapshot_row_id,
        sum(role_unknowns.count_unknown) as count_unknown

    from figures
    inner join role_unknowns
        on
            figures.platform = role_unknowns.platform
            and figures.account = role_unknowns.account
            and (figures.role_id is null or figures.role_id = role_unknowns.role_id)
    group by figures.snapshot_row_id

),

compared as (

    select
        figures.*,
        {{ as_double('our_values.value_ours') }} as our_value,
        {{ as_double('least(our_values.value_not_before, our_values.value_not_after)') }} as our_value_low,
        {{ as_double('greatest(our_values.value_not_before, our_values.value_not_after)') }} as our_value_high,
        least(our_values.value_ours, our_values.value_west, our_values.value_east) as value_edge_low,
        greatest(our_values.value_ours, our_values.value_west, our_values.value_east) as value_edge_high,
        figures.value - {{ as_double('our_values.value_ours') }} as difference,
        our_values.count_vanished,
        coalesce(unknown_outcomes.count_unknown, 0) as count_unknown

    from figures
    left join our_values
        on figures.snapshot_row_id = our_values.snapshot_row_id
    left join unknown_outcomes
        on figures.snapshot_row_id = unknown_outcomes.snapshot_row_id

)

select
    compared.platform,
    compared.account,
    compared.metric,
    compared.role_id,
    compared.period_start,
    compared.period_end,
    roles.role_name,
    roles.department,
    roles.organization_id,
    compared.our_metric,
    compared.value as vendor_value,
    compared.our_value,
    compared.our_value_low,
    compared.our_value_high,
    compared.difference,
    case
        when abs(compared.difference) <= case when compared.unit = 'days' then 0.05 else 0.5 end then 'equal'
        when compared.value between compared.our_value_low and compared.our_value_high then 'inside_bounds'
        when compared.value between compared.value_edge_low and compared.value_edge_high then 'day_edge'
        -- Records out of sight and words not understood can hide whole applications, not days.
        when compared.unit <> 'days' and abs(compared.difference) <= compared.count_vanished then 'vanished'
        when compared.unit <> 'days' and abs(compared.difference) <= compared.count_unknown then 'unmapped'
        else 'unexplained'
    end as explanation

from compared
left join roles
    on compared.role_id = roles.role_id
