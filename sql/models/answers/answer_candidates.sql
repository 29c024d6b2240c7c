-- One row per candidate, without name and address: those are in marts.dim_candidates, if the profile stores them.
{{ config(alias='candidates') }}

with

candidates as (

    select * from {{ ref('dim_candidates') }}

)

select
    platform,
    account,
    candidate_id,
    candidate_status,
    created_at,
    first_applied_at,
    is_visible,
    count_applications,
    count_leads

from candidates
