-- One row per snapshot and metric, as last seen: the platform's own figures as rows.
with

snapshots as (

    select * from {{ ref('stg_tailed__analytics_snapshots_history') }}
    where is_current

),

stage_counts as (

    select * from {{ ref('stg_tailed__analytics_snapshot_stages_history') }}
    where is_current

),

-- Stages that differ in case or blanks are one. A stage that a snapshot made again no longer names has nobody left in
-- it; one that went out of sight with its snapshot keeps its count.
stage_figures as (

    select
        snapshots.snapshot_id,
        coalesce(stage_counts.stage_text, '(none)') as stage_text,
        sum(
            case
                when
                    stage_counts.is_visible
                    or (not snapshots.is_visible and stage_counts.observed_at >= snapshots.observed_at)
                    then stage_counts.count_applications
                else 0
            end
        ) as count_applications

    from snapshots
    inner join stage_counts
        on snapshots.snapshot_id = stage_counts.snapshot_id
    group by snapshots.snapshot_id, coalesce(stage_counts.stage_text, '(none)')

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
        'stage.' || stage_figures.stage_text as metric,
        snapshots.role_id,
        snapshots.snapshot_date as period_start,
        snapshots.snapshot_date as period_end,
        coalesce(snapshots.generated_at, snapshots.observed_at) as captured_at,
        {{ as_double('stage_figures.count_applications') }} as value

    from snapshots
    inner join stage_figures
        on snapshots.snapshot_id = stage_figures.snapshot_id
    where stage_figures.count_applications is not null

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
