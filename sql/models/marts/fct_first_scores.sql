-- One row per application and kind of score (overall_fit, resume_fit): the first score seen.
with

first_scores as (

    select * from {{ ref('int_scores__first_seen') }}

)

select
    application_id,
    platform,
    account,
    score_kind,
    first_score,
    first_observed_at,
    is_observed_first

from first_scores
