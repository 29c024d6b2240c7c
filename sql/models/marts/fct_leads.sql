-- One row per lead (a person without an account): when it was screened, assigned and converted, and what came of it.
with

leads as (

    select * from {{ ref('stg_talent_ray__leads_history') }}

),

members as (

    select * from {{ ref('stg_talent_ray__cv_screening_batch_members_history') }}

),

lead_roles as (

    select * from {{ ref('stg_talent_ray__lead_roles_history') }}

),

lead_organizations as (

    select * from {{ ref('stg_talent_ray__lead_organizations_history') }}

),

applications as (

    select * from {{ ref('fct_applications') }}
    where lead_id is not null

),

-- A member of a batch is a lead too, also where the list of leads does not show it; of several batches, one speaks.
members_only as (

    select
        members.*,
        row_number() over (
            partition by members.lead_id
            order by members.batch_id
        ) as preference

    from members
    left join leads
        on members.lead_id = leads.lead_id
    where
        leads.lead_id is null
        and members.version_number = 1

),

chosen_members as (

    select members.*
    from members
    inner join members_only
        on
            members.lead_id = members_only.lead_id
            and members.batch_id = members_only.batch_id
            and members_only.preference = 1

),

lead_versions as (

    select
        platform,
        account,
        lead_id,
        lead_status,
        candidate_id,
        created_at,
        version_number,
        is_current,
        is_visible,
        observed_at,
        version_not_before

    from leads

    union all

    select
        platform,
        account,
        lead_id,
        member_status as lead_status,
        candidate_id,
        created_at,
        version_number,
        is_current,
        is_visible,
        observed_at,
        version_not_before

    from chosen_members

),

numbered_versions as (

    select
        *,
        coalesce(max(case when is_visible then version_number end) over (partition by lead_id), 0)
            as last_visible_version,
        min(case when candidate_id is not null then version_number end) over (partition by lead_id)
            as converted_version

    from lead_versions

),

lead_summaries as (

    select
        lead_id,
        min(platform) as platform,
        min(account) as account,
        max(case when is_current then lead_status end) as lead_status,
        max(case when is_current then candidate_id end) as candidate_id,
        max(case when is_current then created_at end) as created_at,
        max(case when is_current and is_visible then 1 else 0 end) as visible,
        max(case when version_number = converted_version then observed_at end) as converted_at,
        max(case when version_number = converted_version then version_not_before end) as converted_not_before,
        max(case when version_number = last_visible_version + 1 then observed_at end) as vanished_at,
        max(case when version_number = last_visible_version + 1 then version_not_before end) as vanished_not_before

    from numbered_versions
    group by lead_id

),

-- Links that were taken away no longer count, unless the lead itself is gone and took them with it.
current_links as (

    select lead_roles.*

    from lead_roles
    inner join lead_summaries
        on lead_roles.lead_id = lead_summaries.lead_id
    where
        lead_roles.is_current
        and (lead_roles.is_visible or lead_summaries.visible = 0)

),

link_firsts as (

    select
        lead_id,
        role_id,
        min(observed_at) as first_observed_at

    from lead_roles
    group by lead_id, role_id

),

ranked_links as (

    select
        current_links.lead_id,
        current_links.role_id,
        current_links.resume_fit_score,
        current_links.overall_fit_score,
        row_number() over (
            partition by current_links.lead_id
            order by
                coalesce(current_links.resume_fit_score, -1) desc,
                link_firsts.first_observed_at,
                current_links.role_id
        ) as preference

    from current_links
    left join link_firsts
        on
            current_links.lead_id = link_firsts.lead_id
            and current_links.role_id = link_firsts.role_id

),

link_summaries as (

    select
        lead_id,
        max(case when preference = 1 then role_id end) as primary_role_id,
        max(resume_fit_score) as resume_fit_score,
        max(overall_fit_score) as overall_fit_score,
        count(*) as count_roles

    from ranked_links
    group by lead_id

),

-- Events of the links of a lead: the first link, and the first score.
link_events as (

    select
        lead_id,
        observed_at,
        version_not_before,
        row_number() over (partition by lead_id order by observed_at, role_id, version_number) as link_number,
        row_number() over (
            partition by lead_id
            order by case when resume_fit_score is null then 1 else 0 end, observed_at, role_id, version_number
        ) as score_number,
        resume_fit_score

    from lead_roles

),

link_milestones as (

    select
        lead_id,
        max(case when link_number = 1 then observed_at end) as assigned_at,
        max(case when link_number = 1 then version_not_before end) as assigned_not_before,
        max(case when score_number = 1 and resume_fit_score is not null then observed_at end) as screened_at,
        max(case when score_number = 1 and resume_fit_score is not null then version_not_before end)
            as screened_not_before

    from link_events
    group by lead_id

),

organization_counts as (

    select
        lead_organizations.lead_id,
        count(distinct lead_organizations.organization_id) as count_organizations

    from lead_organizations
    inner join lead_summaries
        on lead_organizations.lead_id = lead_summaries.lead_id
    where
        lead_organizations.is_current
        and (lead_organizations.is_visible or lead_summaries.visible = 0)
    group by lead_organizations.lead_id

),

application_summaries as (

    select
        lead_id,
        count(*) as count_applications,
        max(case when furthest_stage_rank >= 4 then 1 else 0 end) as interviewed,
        max(case when outcome = 'hired' then 1 else 0 end) as hired,
        min(hired_at) as hired_at,
        min(applied_at) as applied_at

    from applications
    group by lead_id

),

joined as (

    select
        lead_summaries.*,
        link_summaries.primary_role_id,
        link_summaries.resume_fit_score,
        link_summaries.overall_fit_score,
        link_summaries.count_roles,
        organization_counts.count_organizations,
        application_summaries.count_applications,
        application_summaries.interviewed,
        application_summaries.hired,
        application_summaries.hired_at,
        application_summaries.applied_at,
        lead_summaries.converted_at as converted_not_after,
        link_milestones.screened_at,
        -- A link cannot be older than its lead.
        {{ not_after(latest_of(['link_milestones.screened_not_before', 'lead_summaries.created_at']), 'link_milestones.screened_at') }}
            as screened_not_before,
        link_milestones.assigned_at,
        {{ not_after(latest_of(['link_milestones.assigned_not_before', 'lead_summaries.created_at']), 'link_milestones.assigned_at') }}
            as assigned_not_before

    from lead_summaries
    left join link_summaries
        on lead_summaries.lead_id = link_summaries.lead_id
    left join link_milestones
        on lead_summaries.lead_id = link_milestones.lead_id
    left join organization_counts
        on lead_summaries.lead_id = organization_counts.lead_id
    left join application_summaries
        on lead_summaries.lead_id = application_summaries.lead_id

)

select
    lead_id,
    platform,
    account,
    candidate_id,
    primary_role_id,
    lead_status,
    created_at,
    screened_at,
    case when screened_at is not null then screened_not_before end as screened_not_before,
    screened_at as screened_not_after,
    assigned_at,
    case when assigned_at is not null then assigned_not_before end as assigned_not_before,
    assigned_at as assigned_not_after,
    converted_at,
    converted_not_before,
    converted_not_after,
    resume_fit_score,
    overall_fit_score,
    {{ as_int('coalesce(count_roles, 0)') }} as count_roles,
    {{ as_int('coalesce(count_organizations, 0)') }} as count_organizations,
    {{ as_int('coalesce(count_applications, 0)') }} as count_applications,
    coalesce(count_applications, 0) > 0 as has_applied,
    coalesce(interviewed, 0) = 1 as has_interviewed,
    coalesce(hired, 0) = 1 as is_hired,
    hired_at,
    applied_at,
    case
        when {{ is_datable('converted') }} and converted_at >= created_at
            then {{ days_between('created_at', 'converted_at') }}
    end as days_to_convert,
    visible = 1 as is_visible,
    vanished_at,
    vanished_not_before,
    vanished_at as vanished_not_after

from joined
