-- Which words of a platform need a row in the status map?
select
    platform,
    detail as field_and_value,
    count_failed as seen,
    first_observed_at,
    last_observed_at
from answers.data_quality
where
    check_name = 'unmapped_value'
    and count_failed > 0
order by count_failed desc
