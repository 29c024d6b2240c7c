-- No period of a snapshot ends before it begins.
select snapshot_row_id
from {{ ref('fct_analytics_snapshots') }}
where
    period_start > period_end
    or period_end is null
