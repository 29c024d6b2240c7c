-- Which batches recommended people who did not reach the interview, or missed those who did?
select
    batch_id,
    role_name,
    count_members,
    count_recommended,
    round(precision_rate, 2) as interviewed_of_recommended,
    round(recall_rate, 2) as recommended_of_interviewed
from reports.rpt_screening_quality
where precision_rate is not null or recall_rate is not null
order by precision_rate nulls last
