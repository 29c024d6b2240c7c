-- One row per application that a lead is credited with.
with

applications as (

    select * from {{ ref('int_applications__unioned') }}

),

leads as (

    select * from {{ ref('stg_talent_ray__leads_history') }}
    where
        is_current
        and candidate_id is not null

),

lead_roles as (

    select * from {{ ref('stg_talent_ray__lead_roles_history') }}

),

role_links as (

    select distinct
        lead_id,
        role_id

    from lead_roles

),

ranked_leads as (

    select
        applications.platform,
        applications.account,
        applications.application_id,
        applications.role_id,
        leads.lead_id,
        leads.created_at as lead_created_at,
        row_number() over (
            partition by applications.application_id
            order by
                case when role_links.lead_id is not null then 0 else 1 end,
                leads.created_at,
                leads.lead_id
        ) as preference

    from applications
    inner join leads
        on
            applications.candidate_id = leads.candidate_id
            and applications.applied_at >= leads.created_at
    left join role_links
        on
            leads.lead_id = role_links.lead_id
            and applications.role_id = role_links.role_id

)

select
    platform,
    account,
    application_id,
    role_id,
    lead_id,
    lead_created_at

from ranked_leads
where preference = 1
