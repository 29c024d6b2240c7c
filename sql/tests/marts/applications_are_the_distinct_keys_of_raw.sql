-- No application is lost or doubled between the raw rows and the mart.
with

raw_keys as (

    select application_id from {{ ref('stg_talent_ray__candidate_roles_history') }}

    union

    select application_id from {{ ref('stg_talent_ray__candidate_steps_history') }}

    union

    select application_id from {{ ref('stg_tailed__applications_history') }}

),

applications as (

    select application_id from {{ ref('fct_applications') }}

)

select
    raw_keys.application_id as raw_application_id,
    applications.application_id

from raw_keys
full outer join applications
    on raw_keys.application_id = applications.application_id
where
    raw_keys.application_id is null
    or applications.application_id is null
