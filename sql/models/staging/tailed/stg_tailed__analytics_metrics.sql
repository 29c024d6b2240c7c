-- One row per snapshot and metric, as last seen: the platform's own figures as rows.
with

snapshots as (

    select * from {{ ref('stg_tailed__analytics_snapshots_history') }}
    where is_current

),

stage_counts as (

    select * from {{ ref('stg_tailed__analytics_snapshot_stages_history') }}
    where
        is_current
        and is_visible

),

metrics as (

    {% for metric in ['applications_total', 'active_candidates', 'hires', 'average_time_to_hire_days'] -%}
    select
        platform,
        account,
        snapshot_id,
        '{{ metric }}' as metric,
        role_id,
        -- Received and hired are counted up to the end of the day, from the beginning: no first day.
        {{ 'snapshot_date' if metric == 'active_candidates' else 'cast(null as date)' }} as period_start,
        snapshot_date as period_end,
        coalesce(generated_at, observed_at) as captured_at,
        {{ as_double(metric) }} as value

    from snapshots
    where {{ metric }} is not null

    union all

    {% endfor -%}
    select
        snapshots.platform,
        snapshots.account,
        snapshots.snapshot_id,
        'stage.' || coalesce(stage_counts.stage_text, '(none)') as metric,
        snapshots.role_id,
        snapshots.snapshot_date as period_start,
        snapshots.snapshot_date as period_end,
        coalesce(snapshots.generated_at, snapshots.observed_at) as captured_at,
        {{ as_double('stage_counts.count_applications') }} as value

    from snapshots
    inner join stage_counts
        on snapshots.snapshot_id = stage_counts.snapshot_id

)

select
    platform,
    account,
    snapshot_id,
    metric,
    role_id,
    period_start,
    period_end,
    captured_at,
    value

from metrics
