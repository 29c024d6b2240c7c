-- Which tables are behind, and which checks failed, before I quote a number?
select
    'table' as about,
    platform || '.' || resource as name,
    last_verdict as finding,
    round(hours_behind, 1) as hours_behind,
    null as percent_failed
from answers.freshness
where last_verdict not in ('proven', 'count_complete') or hours_behind > 24

union all

select
    'check' as about,
    check_name || coalesce(' ' || detail, '') as name,
    severity as finding,
    null as hours_behind,
    round(100 * share_failed, 2) as percent_failed
from answers.data_quality
where count_failed > 0
order by about, percent_failed desc nulls last, name
