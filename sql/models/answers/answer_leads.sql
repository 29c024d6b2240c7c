-- One row per lead, with the role that fits it best in words, and what became of it.
{{ config(alias='leads') }}

with

leads as (

    select * from {{ ref('fct_leads') }}

),

roles as (

    select * from {{ ref('dim_roles') }}

)

select
    leads.platform,
    leads.account,
    leads.lead_id,
    leads.candidate_id,
    leads.primary_role_id as role_id,
    roles.role_name,
    roles.department,
    leads.lead_status,
    leads.created_at,
    leads.screened_at,
    leads.assigned_at,
    leads.converted_at,
    leads.applied_at,
    leads.hired_at,
    leads.has_applied,
    leads.has_interviewed,
    leads.is_hired,
    leads.days_to_convert,
    leads.resume_fit_score,
    leads.overall_fit_score,
    leads.is_visible

from leads
left join roles
    on leads.primary_role_id = roles.role_id
