-- Which leads fit well, and are no candidates thirty days after they were created?
select
    lead_id,
    role_name,
    resume_fit_score,
    lead_status,
    cast(created_at as date) as created_on
from answers.leads
where
    is_visible
    and candidate_id is null
    and resume_fit_score >= 70
    and created_at < (select max(created_at) - interval 30 day from answers.leads)
order by resume_fit_score desc, lead_id
