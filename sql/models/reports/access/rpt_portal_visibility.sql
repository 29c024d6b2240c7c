-- One row per role that a career portal shows, or that the list of roles calls open and public: do the two agree?
with

postings as (

    select * from {{ ref('stg_talent_ray__portal_roles_history') }}

),

roles as (

    select * from {{ ref('dim_roles') }}

),

-- Accounts whose portals are never read have nothing to compare.
portal_accounts as (

    select distinct
        platform,
        account

    from postings

),

shown as (

    select
        platform,
        account,
        role_id,
        min(portal_slug) as portal_slug,
        min(organization_name) as organization_name,
        min(role_name) as role_name,
        min(department) as department,
        min(created_at) as posted_at

    from postings
    where
        is_current
        and is_visible
    group by platform, account, role_id

),

listed as (

    select
        *,
        coalesce(is_public, false) and role_state = 'open' as is_open_and_public

    from roles
    where is_visible

),

-- A portal tells no organization; the roles that both sides show do.
organization_portals as (

    select
        listed.platform,
        listed.account,
        listed.organization_id,
        min(postings.portal_slug) as portal_slug

    from postings
    inner join listed
        on postings.role_id = listed.role_id
    where listed.organization_id is not null
    group by listed.platform, listed.account, listed.organization_id

),

role_ids as (

    select
        platform,
        account,
        role_id

    from shown

    union

    select
        listed.platform,
        listed.account,
        listed.role_id

    from listed
    inner join portal_accounts
        on
            listed.platform = portal_accounts.platform
            and listed.account = portal_accounts.account
    where listed.is_open_and_public

),

compared as (

    select
        role_ids.platform,
        role_ids.account,
        role_ids.role_id,
        coalesce(listed.role_name, shown.role_name) as role_name,
        coalesce(listed.department, shown.department) as department,
        listed.organization_id,
        coalesce(shown.portal_slug, organization_portals.portal_slug) as portal_slug,
        shown.organization_name as portal_organization_name,
        listed.role_state,
        listed.is_public,
        shown.role_id is not null as is_on_portal,
        coalesce(listed.is_open_and_public, false) as is_listed_as_public,
        listed.role_id is not null as is_visible_to_key,
        shown.posted_at

    from role_ids
    left join shown
        on role_ids.role_id = shown.role_id
    left join listed
        on role_ids.role_id = listed.role_id
    left join organization_portals
        on
            listed.platform = organization_portals.platform
            and listed.account = organization_portals.account
            and listed.organization_id = organization_portals.organization_id

)

select
    platform,
    account,
    role_id,
    role_name,
    department,
    organization_id,
    portal_slug,
    portal_organization_name,
    role_state,
    is_public,
    is_on_portal,
    is_listed_as_public,
    case
        when is_on_portal and is_listed_as_public then 'both'
        when is_on_portal then 'portal_only'
        else 'list_only'
    end as visibility,
    case
        when is_on_portal and is_listed_as_public then 'agreed'
        when is_on_portal and not is_visible_to_key then 'not_visible_to_key'
        when is_on_portal and not coalesce(is_public, false) then 'not_marked_public'
        when is_on_portal then 'not_open'
        when portal_slug is null then 'portal_not_read'
        else 'missing_on_portal'
    end as explanation,
    posted_at

from compared
