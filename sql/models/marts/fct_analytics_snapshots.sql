-- One row per Tailed snapshot, metric, role and period: the platform's own figures, to compare ours with.
{{ config(
    materialized='table' if target.type == 'spark' else 'incremental',
    unique_key='snapshot_row_id',
    incremental_strategy='delete+insert' if target.type in ('duckdb', 'postgres') else 'merge',
    on_schema_change='append_new_columns'
) }}
with

metrics as (

    select * from {{ ref('stg_tailed__analytics_metrics') }}

),

snapshot_rows as (

    select
        snapshot_id || ':' || {{ id_part('metric') }} as snapshot_row_id,
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

)

select
    snapshot_rows.snapshot_row_id,
    snapshot_rows.platform,
    snapshot_rows.account,
    snapshot_rows.snapshot_id,
    snapshot_rows.metric,
    snapshot_rows.role_id,
    snapshot_rows.period_start,
    snapshot_rows.period_end,
    snapshot_rows.captured_at,
    snapshot_rows.value

from snapshot_rows
{%- if is_incremental() %}
-- A snapshot may be made again long after its day: what is new or differs is written, whatever its date.
left join {{ this }} as written
    on snapshot_rows.snapshot_row_id = written.snapshot_row_id
where
    written.snapshot_row_id is null
    or snapshot_rows.value is distinct from written.value
    or snapshot_rows.captured_at is distinct from written.captured_at
    or snapshot_rows.role_id is distinct from written.role_id
    or snapshot_rows.period_start is distinct from written.period_start
    or snapshot_rows.period_end is distinct from written.period_end
{%- endif %}
