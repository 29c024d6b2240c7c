-- Every lead and every member of a batch is there once, and a recommendation is known when its two parts are.
with

raw_leads as (

    select lead_id from {{ ref('stg_talent_ray__leads_history') }}

    union

    select lead_id from {{ ref('stg_talent_ray__cv_screening_batch_members_history') }}

),

leads as (

    select lead_id from {{ ref('fct_leads') }}

),

raw_members as (

    select distinct
        batch_id,
        lead_id

    from {{ ref('stg_talent_ray__cv_screening_batch_members_history') }}

),

screenings as (

    select * from {{ ref('fct_screenings') }}

),

members as (

    select distinct
        batch_id,
        lead_id

    from screenings

)

select raw_leads.lead_id
from raw_leads
full outer join leads
    on raw_leads.lead_id = leads.lead_id
where
    raw_leads.lead_id is null
    or leads.lead_id is null

union all

select raw_members.lead_id
from raw_members
full outer join members
    on
        raw_members.batch_id = members.batch_id
        and raw_members.lead_id = members.lead_id
where
    raw_members.lead_id is null
    or members.lead_id is null

union all

select lead_id from screenings
where (is_recommended is null) <> (resume_fit_score is null or passing_score is null)
