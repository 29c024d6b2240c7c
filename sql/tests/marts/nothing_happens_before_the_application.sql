-- No milestone is over before the application can have been made. A warning: a platform may say so all the same.
{{ config(severity='warn') }}
select application_id
from {{ ref('fct_applications') }}
where
    applied_not_before > least(
        coalesce(screening_not_after, applied_not_before),
        coalesce(assessment_not_after, applied_not_before),
        coalesce(interview_not_after, applied_not_before),
        coalesce(offer_not_after, applied_not_before),
        coalesce(closed_not_after, applied_not_before),
        coalesce(vanished_not_after, applied_not_before)
    )
